import { waitFor } from '@testing-library/svelte';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import type { FakeOptions } from '../src/lib/backend/fake';
import { refuse } from '../src/lib/backend/fake/problems';
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

    it('with folders, one of them open', async () => {
      const window = await transfers(options({ transfers: 'folders' }));
      await window.user.click(await window.find(TestId.TransferOpen));
      await waitFor(() => expect(window.all(TestId.Transfer).length).toBeGreaterThan(12));
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

    it('with the share sheet, its menu, and a private copy that takes a while', async () => {
      const window = await start(options({ pace: 20 }));
      await window.openFolder('Rushes');
      await window.user.click(await window.row('Interview raw.mov'));
      await window.press('{Control>}{Shift>}l{/Shift}{/Control}');
      await window.find(TestId.ShareEnd);
      await window.user.click(await window.find(TestId.ShareCopyMore));
      await window.find(TestId.ShareCopyMenu);
      await expectAccessible();
      await window.press('{Enter}');
      await window.find(TestId.ShareProgress);
      await expectAccessible();
    });

    it('with the links, mine and everybody’s, and what has ended', async () => {
      const window = await start(options({ links: 'few' }));
      await window.user.click(await window.find(TestId.NavLinks));
      await window.find(TestId.Link);
      await expectAccessible();
      await window.user.click(await window.find(TestId.LinksScope, '[data-value="everybody"]'));
      await window.find(TestId.Link, '[data-name="Team photo.jpg"]');
      await expectAccessible();
      await window.user.click(await window.find(TestId.LinksTab, '[data-value="ended"]'));
      await window.find(TestId.Link, '[data-state="stopped"]');
      await expectAccessible();
    });

    it('with the menu of a link, its note, the question before it is stopped, and its picture', async () => {
      const window = await start(options({ links: 'few' }));
      await window.user.click(await window.find(TestId.NavLinks));
      (await window.find(TestId.Link)).focus();
      await window.press('{ContextMenu}');
      await window.find(TestId.LinkMenu);
      await expectAccessible();
      await window.press('{Escape}{F2}');
      await window.find(TestId.LinkNoteDialog);
      await expectAccessible();
      await window.press('{Escape}');
      await window.gone(TestId.LinkNoteDialog);
      await window.press('{Delete}');
      await window.find(TestId.LinkStopQuestion);
      await expectAccessible();
      await window.press('{Escape}');
      await window.gone(TestId.LinkStopQuestion);
      await window.press('{ContextMenu}');
      await window.user.click(await window.find(TestId.LinkMenuQr));
      await window.find(TestId.QrPicture);
      await expectAccessible();
    });

    it('with no link yet, and with links that could not be read', async () => {
      const window = await start(options());
      await window.user.click(await window.find(TestId.NavLinks));
      await window.find(TestId.EmptyLinks);
      await expectAccessible();
      window.fake.getLinks = async () => refuse('ledgerUnreadable');
      await window.user.click(await window.find(TestId.LinksTab, '[data-value="ended"]'));
      await window.find(TestId.Problem);
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
