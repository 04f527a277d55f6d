import { fireEvent, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { FakeOptions } from '../../src/lib/backend/fake';
import type { LocalFile } from '../../src/lib/backend/fake/transfers';
import { TestId, type TestIdName } from '../../src/lib/testids';
import { start, text, type Window } from '../start';

const MB = 1_000_000;
const PHOTOS = 'Trade fair photos';

async function onScreen(options: FakeOptions): Promise<Window> {
  const window = await start(options);
  await window.user.click(await window.find(TestId.NavTransfers));
  await window.find(TestId.Transfers);
  return window;
}

const item = (window: Window, name: string) => window.find(TestId.Transfer, `[data-name="${name}"]`);
const names = (window: Window) => window.all(TestId.Transfer).map((row) => row.dataset.name);
const part = (row: HTMLElement, id: TestIdName) => row.querySelector<HTMLElement>(`[data-testid="${id}"]`);

async function says(window: Window, name: string, id: TestIdName): Promise<string> {
  const found = part(await item(window, name), id);
  return found ? text(found) : '';
}

async function press(window: Window, name: string, id: TestIdName): Promise<void> {
  const button = part(await item(window, name), id);
  expect(button, `${id} of ${name}`).not.toBeNull();
  await window.user.click(button as HTMLElement);
}

const acts = async (window: Window, name: string) => {
  const row = await item(window, name);
  return [...row.querySelectorAll('button')].map((button) => button.dataset.testid);
};

const photos = (count: number, more: Partial<LocalFile> = {}): LocalFile[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `Photo ${String(index + 1).padStart(3, '0')}.jpg`,
    sizeBytes: 8.2 * MB,
    in: PHOTOS,
    ...more,
  }));

/** Chooses these files, and shows their transfers. */
async function chosen(files: LocalFile[], pace = 1): Promise<Window> {
  const window = await onScreen({ pace, chooser: [files] });
  await window.user.click(await window.find(TestId.EmptyTransfersChoose, ':not([aria-disabled])'));
  await item(window, files[0]?.in ?? '');
  return window;
}

describe('a folder that came with everything in it', () => {
  it('is one row that says how many of its files are there, and ends as one', async () => {
    const window = await chosen([...photos(38), { name: 'Film.mov', sizeBytes: 10 * MB }], 10);
    await waitFor(() => expect(names(window)).toHaveLength(2));
    const row = await item(window, PHOTOS);
    expect(text(row)).toMatch(/^38 /);
    expect(await says(window, PHOTOS, TestId.TransferUnder)).toBe('312 MB · to Marketing');
    await waitFor(async () =>
      expect(await says(window, PHOTOS, TestId.TransferState)).toMatch(/^Uploading · [1-9]\d* of 38 files$/),
    );
    expect(part(row, TestId.TransferProgress)?.getAttribute('role')).toBe('progressbar');
    // The sentence and the filters count files.
    expect(text(await window.find(TestId.TransfersTitle))).toMatch(/^Uploading \d+ of 39$/);
    expect(text(await window.find(TestId.TransfersFilter, '[data-filter="all"]'))).toBe('All 39');
    await waitFor(async () => expect(await says(window, PHOTOS, TestId.TransferState)).toBe('Uploaded'), {
      timeout: 8000,
    });
    await window.says('39 files uploaded');
    // The two rows may still be changing places.
    const folder = `folder of transfer ${(await item(window, PHOTOS)).dataset.id}`;
    await waitFor(async () => {
      await press(window, PHOTOS, TestId.TransferShow);
      expect(window.fake.asked).toContain(folder);
    });
  });

  it('rests, goes on, stops and is tried again as a whole', async () => {
    const window = await chosen([...photos(20), { name: 'Film.mov', sizeBytes: 900 * MB }], 20);
    await press(window, PHOTOS, TestId.TransferPause);
    await waitFor(async () =>
      expect(await says(window, PHOTOS, TestId.TransferState)).toMatch(/^Paused · \d+ of 20 files$/),
    );
    await waitFor(async () => expect((await item(window, 'Film.mov')).dataset.state).toBe('uploading'));
    await press(window, PHOTOS, TestId.TransferResume);
    await waitFor(async () => expect(await acts(window, PHOTOS)).toContain(TestId.TransferPause));
    await press(window, PHOTOS, TestId.TransferCancel);
    await waitFor(async () =>
      expect(await says(window, PHOTOS, TestId.TransferState)).toMatch(/^Stopped · \d+ of 20 files$/),
    );
    expect((await item(window, 'Film.mov')).dataset.state).toBe('uploading');
    await press(window, PHOTOS, TestId.TransferAction);
    await waitFor(async () => expect((await item(window, PHOTOS)).dataset.state).toBe('waiting'));
  });

  it('says how many of its files need the person, who sees and settles them one by one', async () => {
    const locked = photos(2, { trouble: 'fileUnreadable' }).map((file) => ({
      ...file,
      name: `Locked ${file.name}`,
    }));
    const window = await chosen([...photos(3), ...locked]);
    await waitFor(async () => expect(await says(window, PHOTOS, TestId.TransferState)).toBe('2 need you'));
    await waitFor(async () =>
      expect(await says(window, PHOTOS, TestId.TransferUnder)).toBe('3 of 5 files · to Marketing'),
    );
    expect(text(await window.find(TestId.TransfersTitle))).toBe('3 of 5 uploaded, 2 need you');
    await press(window, PHOTOS, TestId.TransferOpen);
    await waitFor(() => expect(names(window)).toHaveLength(6));
    expect(names(window).slice(0, 3)).toEqual([PHOTOS, 'Locked Photo 001.jpg', 'Locked Photo 002.jpg']);
    await press(window, 'Locked Photo 001.jpg', TestId.TransferCancel);
    await waitFor(async () => expect(await says(window, PHOTOS, TestId.TransferState)).toBe('1 needs you'));
    await press(window, 'Locked Photo 002.jpg', TestId.TransferAction);
    await waitFor(async () =>
      expect(await says(window, PHOTOS, TestId.TransferState)).toBe('Stopped · 4 of 5 files'),
    );
  });

  it('is opened where a name in it is to be decided about', async () => {
    const twice: LocalFile[] = [
      { name: 'Visitor list.csv', sizeBytes: 10, in: 'Campaigns' },
      { name: 'New.txt', sizeBytes: 10, in: 'Campaigns' },
    ];
    const window = await chosen(twice);
    await window.find(TestId.NameTaken);
    await window.press('{Escape}');
    await window.gone(TestId.NameTaken);
    expect(await acts(window, 'Campaigns')).not.toContain(TestId.TransferAction);
    await press(window, 'Campaigns', TestId.TransferDecide);
    await press(window, 'Visitor list.csv', TestId.TransferDecide);
    await window.user.click(await window.find(TestId.NameTakenConfirm));
    await waitFor(async () => expect((await item(window, 'Campaigns')).dataset.state).toBe('uploaded'));
    await item(window, 'Visitor list (2).csv');
  });

  it('comes down as one row too', async () => {
    const window = await start();
    await window.openFolder('Campaigns');
    await window.user.click(await window.row('Autumn campaign'));
    await window.press('{Control>}d{/Control}');
    await window.user.click(await window.find(TestId.NavTransfers));
    await waitFor(async () =>
      expect(await says(window, 'Autumn campaign', TestId.TransferState)).toBe('Downloaded'),
    );
    expect(names(window)).toEqual(['Autumn campaign']);
    expect((await item(window, 'Autumn campaign')).dataset.files).toBe('2');
  });

  it('stays whole until all of it is over, and is cleared as one', async () => {
    const window = await onScreen({ transfers: 'folders' });
    await waitFor(() => expect(names(window)).toHaveLength(8));
    await window.user.click(await window.find(TestId.TransfersClear));
    await waitFor(() => expect(names(window)).toHaveLength(5));
    expect(await says(window, 'Contracts 2026', TestId.TransferUnder)).toBe('10 of 12 files · to Offers');
  });

  it('is under every filter that something in it is for', async () => {
    const window = await onScreen({ transfers: 'folders' });
    await waitFor(() => expect(names(window)).toHaveLength(8));
    const shows = async (filter: string, folders: string[]) => {
      await window.user.click(await window.find(TestId.TransfersFilter, `[data-filter="${filter}"]`));
      await waitFor(() => expect(names(window)).toEqual(folders));
    };
    await shows('needsYou', ['Contracts 2026', 'Interviews']);
    await shows('active', ['Interviews', PHOTOS, 'Archive', 'Drafts']);
    await shows('finished', ['Logos', 'Brochures', 'Scans']);
  });

  it('is opened and closed with the arrows, as in a tree, and with Enter', async () => {
    const window = await onScreen({ transfers: 'folders' });
    const inHand = () => (document.activeElement as HTMLElement).dataset.name;
    const row = await item(window, 'Contracts 2026');
    row.focus();
    expect([row.getAttribute('aria-level'), row.getAttribute('aria-expanded')]).toEqual(['1', 'false']);
    await window.press('{ArrowRight}');
    const first = await item(window, 'Contracts 2026 011.jpg');
    expect(row.getAttribute('aria-expanded')).toBe('true');
    expect([first.getAttribute('aria-level'), first.getAttribute('aria-expanded')]).toEqual(['2', null]);
    expect(inHand()).toBe('Contracts 2026');
    await window.press('{ArrowRight}');
    await waitFor(() => expect(inHand()).toBe('Contracts 2026 011.jpg'));
    await window.press('{ArrowDown}{ArrowDown}');
    await waitFor(() => expect(inHand()).toBe('Contracts 2026 010.jpg'));
    await window.press('{ArrowLeft}');
    await waitFor(() => expect(inHand()).toBe('Contracts 2026'));
    await window.press('{ArrowLeft}');
    await waitFor(() => expect(names(window)).toHaveLength(8));
    expect(inHand()).toBe('Contracts 2026');
    await window.press('{Enter}');
    await item(window, 'Contracts 2026 011.jpg');
    await window.press('{Enter}');
    await waitFor(() => expect(names(window)).toHaveLength(8));
  });

  it('opens at once though the pointer moves, and the bar at the bottom shows the same row', async () => {
    const window = await onScreen({ transfers: 'folders' });
    await fireEvent.pointerMove(await item(window, PHOTOS));
    await press(window, PHOTOS, TestId.TransferOpen);
    await fireEvent.pointerMove(await item(window, PHOTOS));
    await item(window, `${PHOTOS} 012.jpg`);
    await press(window, PHOTOS, TestId.TransferOpen);
    await waitFor(() => expect(names(window)).toHaveLength(8));
    await window.user.click(await window.find(TestId.NavFiles));
    await window.user.click(await window.find(TestId.TransfersToggle));
    await waitFor(() => expect(names(window)).toHaveLength(8));
    await press(window, PHOTOS, TestId.TransferOpen);
    await waitFor(() => expect(names(window).length).toBeGreaterThan(8));
  });

  it('may have very many files: only what is near the window is drawn', async () => {
    const window = await onScreen({ transfers: 'folders' });
    await press(window, 'Brochures', TestId.TransferOpen);
    const rows = await window.find(TestId.TransferRows);
    await waitFor(() => expect(rows.dataset.count).toBe('1208'));
    expect(window.all(TestId.Transfer).length).toBeLessThan(60);
    (await item(window, 'Brochures')).focus();
    await window.press('{End}');
    await item(window, 'Scans');
    await window.press('{ArrowUp}');
    await item(window, 'Brochures 001.jpg');
  });
});
