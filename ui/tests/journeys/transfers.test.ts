import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { TestId } from '../../src/lib/testids';
import { start, text, type Window } from '../start';

const MB = 1_000_000;

async function upload(window: Window): Promise<void> {
  await window.openFolder('Campaigns');
  await window.user.click(await window.find(TestId.Upload));
}

const states = (window: Window) => window.all(TestId.Transfer).map((item) => item.dataset.state);

describe('uploads', () => {
  it('show one line with amount, speed and time left, then the new rows', async () => {
    const window = await start({ pace: 10, chooser: [[{ name: 'Film.mov', sizeBytes: 90 * MB }]] });
    await upload(window);
    expect(text(await window.find(TestId.TransfersTitle))).toBe('Uploading 1 file');
    const bar = await window.find(TestId.TransfersProgress);
    expect(bar.getAttribute('role')).toBe('progressbar');
    expect(text(await window.find(TestId.TransfersDetail))).toMatch(/^42 MB\/s · (about|a few)/);
    expect(text(await window.find(TestId.TransfersAmount))).toMatch(/ of 90 MB$/);
    await window.says('Uploading 1 file');
    await window.row('Film.mov');
    await waitFor(async () => expect(text(await window.find(TestId.TransfersTitle))).toBe('1 file uploaded'));
    await window.says('1 file uploaded');
  });

  it('announce every quarter once', async () => {
    const window = await start({ pace: 4, chooser: [[{ name: 'Film.mov', sizeBytes: 100 * MB }]] });
    const said: string[] = [];
    const live = await window.find(TestId.LiveRegion);
    new MutationObserver(() => said.push(live.textContent)).observe(live, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    await upload(window);
    await window.row('Film.mov');
    await window.says('1 file uploaded');
    expect(said.filter((words) => /^\d+% uploaded/.test(words))).toEqual([
      '25% uploaded',
      '50% uploaded',
      '75% uploaded',
    ]);
  });

  it('offer the link only once they are stored', async () => {
    const window = await start({ pace: 10, chooser: [[{ name: 'Film.mov', sizeBytes: 60 * MB }]] });
    await upload(window);
    await window.user.click(await window.find(TestId.TransfersToggle));
    expect(window.all(TestId.TransferCopyLink)).toHaveLength(0);
    await window.user.click(await window.find(TestId.TransferCopyLink));
    expect(text(await window.find(TestId.ToastText))).toContain('Link copied.');
    expect(window.fake.clipboard).toContain('Film.mov');
  });

  it('stop when the person says so, and are forgotten when cleared', async () => {
    const window = await start({ pace: 20, chooser: [[{ name: 'Film.mov', sizeBytes: 9000 * MB }]] });
    await upload(window);
    await window.user.click(await window.find(TestId.TransfersCancel));
    await window.user.click(await window.find(TestId.TransfersToggle));
    await waitFor(() => expect(states(window)).toEqual(['stopped']));
    expect(text(await window.find(TestId.TransferState))).toBe('Stopped');
    await window.user.click(await window.find(TestId.TransfersClear));
    await window.gone(TestId.TransfersBar);
  });

  it('name what needs the person, with its one action', async () => {
    const files = [{ name: 'Locked.docx', sizeBytes: 10, trouble: 'fileUnreadable' as const }];
    const window = await start({ chooser: [files] });
    await upload(window);
    await window.user.click(await window.find(TestId.TransfersToggle));
    const action = await window.find(TestId.TransferAction);
    expect(text(action)).toBe('Try again');
    expect(text(await window.find(TestId.Transfer))).toContain('doesn’t allow us to read “Locked.docx”');
    await waitFor(async () => expect(text(await window.find(TestId.TransfersTitle))).toBe('1 needs you'));
    await window.user.click(action);
    await window.row('Locked.docx');
  });
});

/** Sends so many files into a folder where all of their names are used. */
async function withTakenNames(count: number): Promise<Window> {
  const scans = Array.from({ length: count }, (_, index) => ({
    name: `Scan ${String(index + 1).padStart(6, '0')}.pdf`,
    sizeBytes: 10,
  }));
  const window = await start({ chooser: [scans] });
  await window.openFolder('Everything since 2009');
  await window.user.click(await window.find(TestId.Upload));
  return window;
}

describe('a name that is taken', () => {
  const CONTRACT = 'Contract Müller & Söhne (signed).pdf';
  const twice = [
    { name: CONTRACT, sizeBytes: 418_000 },
    { name: 'Visitor list.csv', sizeBytes: 33_000 },
    { name: 'New.txt', sizeBytes: 10 },
  ];

  it('asks one question for all, and keeps both by default', async () => {
    const window = await start({ chooser: [twice] });
    await upload(window);
    const dialog = await window.find(TestId.NameTaken);
    expect(text(dialog)).toContain('2 names are already used in Campaigns');
    expect(text(dialog)).toContain('412 KB');
    expect(text(dialog)).toContain('418 KB');
    expect(((await window.find(TestId.NameTakenKeepBoth)) as HTMLInputElement).checked).toBe(true);
    await window.user.click(await window.find(TestId.NameTakenConfirm));
    await window.gone(TestId.NameTaken);
    await window.row('Contract Müller & Söhne (signed) (2).pdf');
    await window.row('Visitor list (2).csv');
    await window.row(CONTRACT);
  });

  it('can be answered one by one', async () => {
    const window = await start({ chooser: [twice] });
    await upload(window);
    await window.user.click(await window.find(TestId.NameTakenAll));
    await window.user.click(await window.find(TestId.NameTakenSkip));
    expect(text(await window.find(TestId.NameTakenConfirm))).toBe('Skip');
    await window.user.click(await window.find(TestId.NameTakenConfirm));
    await waitFor(async () =>
      expect(text(await window.find(TestId.NameTaken))).toContain('“Visitor list.csv”'),
    );
    await window.user.click(await window.find(TestId.NameTakenReplace));
    await window.user.click(await window.find(TestId.NameTakenConfirm));
    await window.gone(TestId.NameTaken);
    await waitFor(async () => expect(text(await window.row('Visitor list.csv'))).toContain('33 KB'));
  });

  it('is one question also for more names than the page was told of', async () => {
    const window = await withTakenNames(250);
    expect(text(await window.find(TestId.NameTaken))).toContain('250 names are already used');
    expect(text(await window.find(TestId.NameTaken))).toContain('The same for the other 249');
    await window.user.click(await window.find(TestId.NameTakenSkip));
    await window.user.click(await window.find(TestId.NameTakenConfirm));
    await window.gone(TestId.NameTaken);
    expect((await window.fake.getTransfers()).counts).toMatchObject({ all: 250, needsYou: 0, finished: 250 });
    await window.gone(TestId.TransfersBar);
  });

  it('is decided about in its row wherever that is, and alone', async () => {
    const window = await withTakenNames(250);
    await window.find(TestId.NameTaken);
    await window.press('{Escape}');
    await window.gone(TestId.NameTaken);
    await window.user.click(await window.find(TestId.NavTransfers));
    (await window.find(TestId.Transfer)).focus();
    await window.press('{End}');
    const last = await window.find(TestId.Transfer, '[data-name="Scan 000250.pdf"]');
    const decide = await waitFor(() => {
      const found = last.querySelector<HTMLElement>(`[data-testid="${TestId.TransferDecide}"]`);
      if (!found) throw new Error('the row has no button to decide');
      return found;
    });
    await window.user.click(decide);
    expect(text(await window.find(TestId.NameTaken))).toContain('“Scan 000250.pdf”');
    expect(window.all(TestId.NameTakenAll)).toHaveLength(0);
    await window.user.click(await window.find(TestId.NameTakenCancel));
    await window.gone(TestId.NameTaken);
    expect((await window.fake.getTransfers()).counts).toMatchObject({ needsYou: 249, finished: 1 });
  });

  it('counts the links of all, and cancels only the one when the others are left out', async () => {
    const files = [
      { name: 'Photo selection.zip', sizeBytes: 10 },
      { name: 'Offer 2026-118.pdf', sizeBytes: 10 },
    ];
    const window = await start({ chooser: [files] });
    await upload(window);
    expect(text(await window.find(TestId.NameTakenReplaceSentence))).toContain('3 links that work now');
    await window.user.click(await window.find(TestId.NameTakenAll));
    expect(text(await window.find(TestId.NameTakenReplaceSentence))).not.toContain('3 links');
    await window.user.click(await window.find(TestId.NameTakenCancel));
    await waitFor(async () =>
      expect((await window.fake.getTransfers()).counts).toMatchObject({ needsYou: 1, finished: 1 }),
    );
  });

  it('says how many links will open the new file', async () => {
    const window = await start({
      chooser: [
        [{ name: 'Photo selection.zip', sizeBytes: 10 }],
        [{ name: 'Offer 2026-118.pdf', sizeBytes: 10 }],
      ],
    });
    await upload(window);
    expect(text(await window.find(TestId.NameTaken))).toContain(
      'The one there is gone for everybody. 2 links that work now will open the new file.',
    );
    await window.user.click(await window.find(TestId.NameTakenCancel));
    await window.gone(TestId.NameTaken);
    await window.user.click(await window.find(TestId.Upload));
    expect(text(await window.find(TestId.NameTaken))).toContain(
      '1 link that works now will open the new file.',
    );
  });

  it('waits in the list when the question is closed', async () => {
    const window = await start({ chooser: [twice] });
    await upload(window);
    await window.find(TestId.NameTaken);
    await window.press('{Escape}');
    await window.gone(TestId.NameTaken);
    await window.user.click(await window.find(TestId.TransfersToggle));
    await waitFor(() => expect(states(window).filter((state) => state === 'needsYou')).toHaveLength(2));
    await window.user.click(await window.find(TestId.TransferDecide));
    await window.find(TestId.NameTaken);
  });

  it('stops these uploads when the person cancels', async () => {
    const window = await start({ chooser: [twice] });
    await upload(window);
    await window.user.click(await window.find(TestId.NameTakenCancel));
    await window.gone(TestId.NameTaken);
    await window.row('New.txt');
    await waitFor(async () =>
      expect(text(await window.find(TestId.TransfersTitle))).toBe('1 of 3 uploaded, 2 stopped'),
    );
  });
});
