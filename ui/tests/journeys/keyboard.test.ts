import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { TestId } from '../../src/lib/testids';
import { start, text, type Window } from '../start';

const selected = (window: Window) =>
  window
    .all(TestId.Row)
    .filter((row) => row.getAttribute('aria-selected') === 'true')
    .map((row) => row.dataset.name);

async function inCampaigns(): Promise<Window> {
  const window = await start();
  await window.openFolder('Campaigns');
  await window.user.click(await window.row('Autumn campaign'));
  return window;
}

describe('the keyboard', () => {
  it('has one row of the list in the tab order', async () => {
    const window = await inCampaigns();
    expect(window.all(TestId.Row).filter((row) => row.tabIndex === 0)).toHaveLength(1);
  });

  it('moves, and selects what it moves to', async () => {
    const window = await inCampaigns();
    await window.press('{ArrowDown}{ArrowDown}');
    await waitFor(() => expect(selected(window)).toEqual(['Brand film – final cut.mp4']));
    await waitFor(() =>
      expect((document.activeElement as HTMLElement).dataset.name).toBe('Brand film – final cut.mp4'),
    );
    await window.press('{End}');
    await waitFor(() => expect(selected(window)).toEqual(['عرض السعر 2026.pdf']));
    await window.press('{Home}');
    await waitFor(() => expect(selected(window)).toEqual(['Autumn campaign']));
  });

  it('extends with Shift, keeps with Ctrl and Space, takes all with Ctrl+A', async () => {
    const window = await inCampaigns();
    await window.press('{Shift>}{ArrowDown}{ArrowDown}{/Shift}');
    await waitFor(() => expect(selected(window)).toHaveLength(3));
    await window.press('{Control>}{ArrowDown}{/Control} ');
    await waitFor(() => expect(selected(window)).toHaveLength(4));
    await window.press('{Control>}a{/Control}');
    await waitFor(() => expect(selected(window).length).toBe(window.all(TestId.Row).length));
    await window.says(/selected/);
    await window.press('{Escape}');
    await waitFor(() => expect(selected(window)).toHaveLength(0));
  });

  it('keeps the same file in hand when others arrive above it', async () => {
    const window = await inCampaigns();
    await window.user.click(await window.row('Visitor list.csv'));
    const listing = Number((await window.find(TestId.FileList)).dataset.listing);
    window.fake.upload(listing, [{ name: 'Agenda.txt', sizeBytes: 10 }]);
    await window.row('Agenda.txt');
    await waitFor(() =>
      expect((document.activeElement as HTMLElement).dataset.name).toBe('Visitor list.csv'),
    );
    expect(selected(window)).toEqual(['Visitor list.csv']);
    await window.press('{Control>}l{/Control}');
    await waitFor(() => expect(window.fake.clipboard).toContain('Visitor%20list.csv'));
  });

  it('finds a name by its first letters', async () => {
    const window = await inCampaigns();
    await window.press('vi');
    await waitFor(() => expect(selected(window)).toEqual(['Visitor list.csv']));
  });

  it('opens a folder with Enter and comes back with Alt and Up', async () => {
    const window = await inCampaigns();
    await window.press('{Enter}');
    await window.row('Poster A1.pdf');
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset.testid).toBe(TestId.Row));
    await window.press('{Alt>}{ArrowUp}{/Alt}');
    await window.row('Visitor list.csv');
  });

  it('opens the menu of the row in hand, and gives the focus back', async () => {
    const window = await inCampaigns();
    await window.press('{ArrowDown}{ArrowDown}');
    await waitFor(() => expect(selected(window)).toEqual(['Brand film – final cut.mp4']));
    await window.press('{Shift>}{F10}{/Shift}');
    const menu = await window.find(TestId.ContextMenu);
    expect(text(menu)).toContain('Copy link Ctrl L');
    await waitFor(() => expect(document.activeElement).toBe(window.all(TestId.MenuCopyLink)[0]));
    await window.press('{ArrowDown}');
    expect(document.activeElement).toBe(window.all(TestId.MenuShare)[0]);
    await window.press('{Escape}');
    await window.gone(TestId.ContextMenu);
    expect((document.activeElement as HTMLElement).dataset.name).toBe('Brand film – final cut.mp4');
  });

  it('offers to open a folder first, then to share it', async () => {
    const window = await inCampaigns();
    await window.press('{ContextMenu}');
    const menu = text(await window.find(TestId.ContextMenu));
    expect(menu).toBe('Open Enter Copy link Ctrl L Share… Ctrl Shift L Download Ctrl D');
    await waitFor(() => expect(document.activeElement).toBe(window.all(TestId.MenuOpen)[0]));
  });

  it('copies a link with Ctrl+L and opens the sheet with Ctrl+Shift+L', async () => {
    const window = await inCampaigns();
    await window.press('{ArrowDown}{ArrowDown}');
    await waitFor(() => expect(selected(window)).toEqual(['Brand film – final cut.mp4']));
    await window.press('{Control>}l{/Control}');
    await window.find(TestId.Toast);
    await window.press('{Control>}{Shift>}l{/Shift}{/Control}');
    await window.find(TestId.ShareTitle);
    await window.press('{Escape}');
    await window.gone(TestId.Share);
    expect((document.activeElement as HTMLElement).dataset.name).toBe('Brand film – final cut.mp4');
  });

  it('pastes files, and says so when there are none', async () => {
    const window = await inCampaigns();
    await window.press('{Control>}v{/Control}');
    expect(text(await window.find(TestId.ToastText))).toBe('There are no files to paste.');
    window.fake.filesOnClipboard = [{ name: 'Pasted.txt', sizeBytes: 10 }];
    await window.press('{Control>}v{/Control}');
    await window.row('Pasted.txt');
  });
});
