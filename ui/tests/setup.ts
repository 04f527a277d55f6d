/** What the test document lacks and every browser has. */
import { cleanup, configure } from '@testing-library/svelte';
import { afterEach } from 'vitest';

class NoResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
globalThis.ResizeObserver ??= NoResizeObserver;

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 8_000 });

afterEach(() => cleanup());
