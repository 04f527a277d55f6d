import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { TestId } from '../../src/lib/testids';
import { start, text } from '../start';

describe('the bar at the bottom', () => {
  it('leads to the screen, which comes back to the folder as it was', async () => {
    const window = await start({ transfers: 'many' });
    await window.openFolder('Campaigns');
    await window.user.click(await window.row('Visitor list.csv'));
    await window.user.click(await window.find(TestId.TransfersToggle));
    await waitFor(() => expect(window.all(TestId.Transfer)).toHaveLength(30));
    expect(text(await window.find(TestId.TransfersShowAll))).toBe('Show all 100,000');
    await window.user.click(await window.find(TestId.TransfersShowAll));
    await window.find(TestId.Transfers);
    expect((await window.find(TestId.App)).dataset.screen).toBe('transfers');
    await window.user.click(await window.find(TestId.NavFiles));
    expect((await window.row('Visitor list.csv')).getAttribute('aria-selected')).toBe('true');
  });

  it('says at the start what goes on from the last time', async () => {
    const window = await start({ transfers: 'many' });
    expect(text(await window.find(TestId.ToastText))).toBe('50,000 files that were on their way go on.');
  });

  it('says what the app says, word for word, and so does the screen', async () => {
    const window = await start({ transfers: 'many' });
    const { line, ...others } = await window.fake.getTransfers();
    const sentence = 'One sentence for window, tray and command line';
    window.fake.news.transfersChanged({ ...others, line: { ...line, sentence } });
    await waitFor(async () => expect(text(await window.find(TestId.TransfersTitle))).toBe(sentence));
    await window.user.click(await window.find(TestId.NavTransfers));
    await window.find(TestId.Transfers);
    expect(text(await window.find(TestId.TransfersTitle))).toBe(sentence);
  });

  it('pauses and resumes everything', async () => {
    const window = await start({ pace: 10, chooser: [[{ name: 'Film.mov', sizeBytes: 400_000_000 }]] });
    await window.openFolder('Campaigns');
    await window.user.click(await window.find(TestId.Upload));
    await window.user.click(await window.find(TestId.TransfersPause));
    await waitFor(async () =>
      expect(text(await window.find(TestId.TransfersTitle))).toBe('Paused: 1 file left'),
    );
    await window.user.click(await window.find(TestId.TransfersResume));
    await waitFor(async () =>
      expect(text(await window.find(TestId.TransfersTitle))).toBe('Uploading 1 file'),
    );
  });

  it('offers to clear what is finished only where something is, and to cancel what needs the person', async () => {
    const locked = { name: 'Locked.pdf', sizeBytes: 20_000, trouble: 'fileUnreadable' as const };
    const window = await start({ chooser: [[locked]] });
    await window.user.click(await window.find(TestId.Upload));
    await waitFor(async () => expect(text(await window.find(TestId.TransfersTitle))).toBe('1 needs you'));
    expect(window.all(TestId.TransfersClear)).toHaveLength(0);
    await window.user.click(await window.find(TestId.TransfersCancel));
    await window.user.click(await window.find(TestId.TransfersClear));
    await window.gone(TestId.TransfersBar);
  });

  it('keeps the focus when a button of it is gone, and gives it back when it is gone itself', async () => {
    const window = await start({ pace: 10, chooser: [[{ name: 'Film.mov', sizeBytes: 9_000_000_000 }]] });
    await window.openFolder('Campaigns');
    await window.user.click(await window.find(TestId.Upload));
    (await window.find(TestId.TransfersCancel)).focus();
    await window.press('{Enter}');
    await window.gone(TestId.TransfersCancel);
    const toggle = await window.find(TestId.TransfersToggle);
    await waitFor(() => expect(document.activeElement).toBe(toggle));
    (await window.find(TestId.TransfersClear)).focus();
    await window.press('{Enter}');
    await window.gone(TestId.TransfersBar);
    await waitFor(() => expect(document.activeElement).not.toBe(document.body));
  });
});
