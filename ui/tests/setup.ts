/** What the test document lacks and every browser has. */
import { cleanup } from '@testing-library/svelte';
import { afterEach } from 'vitest';

class NoResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
globalThis.ResizeObserver ??= NoResizeObserver;

afterEach(() => cleanup());
