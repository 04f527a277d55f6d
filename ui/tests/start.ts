/** Starts the whole page on the fake backend, and finds things on it the way a person would name them. */
import { fireEvent, render, waitFor } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { expect } from 'vitest';
import App from '../src/App.svelte';
import { createFake, type FakeBackend, type FakeOptions } from '../src/lib/backend/fake';
import { TestId, type TestIdName } from '../src/lib/testids';

export interface Window {
  fake: FakeBackend;
  user: UserEvent;
  find: (id: TestIdName, where?: string) => Promise<HTMLElement>;
  all: (id: TestIdName) => HTMLElement[];
  gone: (id: TestIdName) => Promise<void>;
  row: (name: string) => Promise<HTMLElement>;
  openFolder: (name: string) => Promise<void>;
  press: (keys: string) => Promise<void>;
  says: (text: string | RegExp) => Promise<void>;
}

export async function start(options: FakeOptions = {}): Promise<Window> {
  const fake = createFake({ pace: 1, ...options });
  render(App, { backend: fake });
  const user = userEvent.setup();
  const all = (id: TestIdName) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
  const find = (id: TestIdName, where = '') =>
    waitFor(
      () => {
        const found = document.querySelector<HTMLElement>(`[data-testid="${id}"]${where}`);
        if (!found) throw new Error(`${id}${where} is not on the page`);
        return found;
      },
      { timeout: 4000 },
    );
  const row = (name: string) => find(TestId.Row, `[data-name="${name}"]`);
  const says = (text: string | RegExp) =>
    waitFor(() => {
      const said = document.querySelector(`[data-testid="${TestId.LiveRegion}"]`)?.textContent ?? '';
      expect(said).toMatch(text);
    });
  const opened: Window = {
    fake,
    user,
    find,
    all,
    row,
    says,
    gone: (id) => waitFor(() => expect(all(id)).toHaveLength(0)),
    openFolder: async (name) => {
      await fireEvent.dblClick(await row(name));
      await waitFor(async () => expect((await find(TestId.CrumbCurrent)).textContent).toBe(name));
      await waitFor(() => {
        const list = all(TestId.FileList)[0];
        if (list && (list.dataset.loading === 'true' || all(TestId.Row).length === 0))
          throw new Error('loading');
      });
    },
    press: (keys) => user.keyboard(keys),
  };
  await find(TestId.App, ':not([data-screen="loading"])');
  return opened;
}

export function text(element: HTMLElement): string {
  return element.textContent.replace(/\s+/g, ' ').trim();
}
