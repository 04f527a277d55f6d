import { waitFor } from '@testing-library/svelte';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import type { FakeOptions } from '../src/lib/backend/fake';
import { TestId } from '../src/lib/testids';
import { start, type Window } from './start';

/** Colours and sizes need a page that is drawn; the built app is looked at for those. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const DRAWN = { 'color-contrast': { enabled: false }, 'target-size': { enabled: false } };

async function expectAccessible(): Promise<void> {
  // The test document has no index.html that brings it.
  document.title = 'Satchel';
  const { violations } = await axe.run(document, {
    runOnly: { type: 'tag', values: RULES },
    rules: DRAWN,
    resultTypes: ['violations'],
  });
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
}

async function transfers(options: FakeOptions): Promise<Window> {
  const window = await start(options);
  if (options.transfers === 'each') {
    await window.find(TestId.NameTaken);
    await window.press('{Escape}');
    await window.gone(TestId.NameTaken);
  }
  await window.user.click(await window.find(TestId.NavTransfers));
  return window;
}

describe.each([false, true])(
  'the page keeps every rule of structure and names, with longer words: %s',
  (pseudo) => {
    const options = (more: FakeOptions = {}): FakeOptions => ({ start: { pseudo }, ...more });

    it('with nothing on its way', async () => {
      const window = await transfers(options());
      await window.find(TestId.EmptyTransfers);
      await expectAccessible();
    });

    it('with a transfer in every state', async () => {
      const window = await transfers(options({ transfers: 'each' }));
      await waitFor(() => expect(window.all(TestId.Transfer)).toHaveLength(13));
      await expectAccessible();
    });

    it('without internet', async () => {
      const window = await transfers(options({ transfers: 'each' }));
      window.fake.hold('offline');
      await window.find(TestId.ConnectionBanner);
      await expectAccessible();
    });

    it('with very many transfers, and with none that fits', async () => {
      const window = await transfers(options({ transfers: 'many' }));
      await waitFor(() => expect(window.all(TestId.Transfer).length).toBeGreaterThan(5));
      await expectAccessible();
      await window.user.click(await window.find(TestId.TransfersFilter, '[data-filter="needsYou"]'));
      await window.find(TestId.EmptyFilter);
      await expectAccessible();
    });

    it('with the settings, and a number that can not be one', async () => {
      const window = await start(options());
      await window.user.click(await window.find(TestId.NavSettings));
      await window.user.click(await window.find(TestId.SettingsSpeedLimited));
      await expectAccessible();
      await window.user.type(await window.find(TestId.SettingsSpeed), 'x{Enter}');
      await window.find(TestId.FieldTrouble);
      await expectAccessible();
    });

    it('with the list of the bar, and the question about a name', async () => {
      const window = await start(options({ transfers: 'each' }));
      await window.find(TestId.NameTaken);
      await expectAccessible();
      await window.press('{Escape}');
      await window.gone(TestId.NameTaken);
      await window.user.click(await window.find(TestId.TransfersToggle));
      await window.find(TestId.TransfersList);
      await expectAccessible();
    });
  },
);
