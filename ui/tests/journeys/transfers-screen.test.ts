import { fireEvent, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { FakeOptions } from '../../src/lib/backend/fake';
import { refuse } from '../../src/lib/backend/fake/problems';
import { TestId } from '../../src/lib/testids';
import { start, text, type Window } from '../start';

const MB = 1_000_000;
const FILM = 'Brand film – final cut.mp4';
const INTERVIEW = 'Interview raw.mov';

async function onScreen(options: FakeOptions = {}): Promise<Window> {
  const window = await start(options);
  // The question about a name that is taken waits until it is asked for.
  if (options.transfers === 'each') {
    await window.find(TestId.NameTaken);
    await window.press('{Escape}');
    await window.gone(TestId.NameTaken);
  }
  await window.user.click(await window.find(TestId.NavTransfers));
  await window.find(TestId.Transfers);
  return window;
}

const item = (window: Window, name: string) => window.find(TestId.Transfer, `[data-name="${name}"]`);
const names = (window: Window) => window.all(TestId.Transfer).map((row) => row.dataset.name);
const states = (window: Window) => window.all(TestId.Transfer).map((row) => row.dataset.state);
const part = (row: HTMLElement, id: string) => row.querySelector<HTMLElement>(`[data-testid="${id}"]`);

async function press(window: Window, name: string, id: string): Promise<void> {
  const button = part(await item(window, name), id);
  expect(button, `${id} of ${name}`).not.toBeNull();
  await window.user.click(button as HTMLElement);
}

const one = (sizeBytes: number): FakeOptions => ({
  pace: 10,
  chooser: [[{ name: 'Film.mov', sizeBytes }]],
});

describe('the transfers on their screen', () => {
  it('say that nothing is on its way, with the first thing to do', async () => {
    const window = await onScreen(one(400 * MB));
    expect(text(await window.find(TestId.EmptyTransfers))).toContain('Nothing is on its way');
    await window.user.click(await window.find(TestId.EmptyTransfersChoose, ':not([aria-disabled])'));
    await item(window, 'Film.mov');
    expect(text(await window.find(TestId.TransfersTitle))).toBe('Uploading 1 file');
    await waitFor(() =>
      expect(text(window.all(TestId.NavTransfers)[0] as HTMLElement)).toMatch(/^Transfers \d+%$/),
    );
  });

  it('show what needs the person first, then what moves, waits and is over', async () => {
    const window = await onScreen({ transfers: 'each' });
    await waitFor(() => expect(states(window)).toHaveLength(13));
    expect(states(window)).toEqual([
      'needsYou',
      'needsYou',
      'uploading',
      'downloading',
      'checking',
      'held',
      'held',
      'paused',
      'waiting',
      'uploaded',
      'downloaded',
      'stopped',
      'skipped',
    ]);
    const words = window.all(TestId.TransferState).map(text);
    expect(words).toEqual([
      'Needs you',
      'Needs you',
      'Uploading · 61%',
      'Downloading · 30%',
      'Checking…',
      'Waiting for the internet',
      'The storage is busy',
      'Paused',
      'Waiting',
      'Uploaded',
      'Downloaded',
      'Stopped',
      'Skipped',
    ]);
    for (const state of window.all(TestId.TransferState)) expect(state.querySelector('svg')).not.toBeNull();
  });

  it('say how far each is, how fast, and how long it takes', async () => {
    const window = await onScreen({ transfers: 'each' });
    const under = async (name: string) =>
      text(part(await item(window, name), TestId.TransferUnder) as HTMLElement);
    expect(await under(FILM)).toBe('1.1 of 1.8 GB · to Campaigns · 42 MB/s · about 20 seconds left');
    expect(await under(INTERVIEW)).toBe('Goes on by itself. 3.2 of 7.8 GB are safe.');
    expect(await under('Quarter figures Q3.xlsx')).toBe('Goes on by itself.');
    expect(await under('Contract Müller & Söhne (signed).pdf')).toBe(
      'A file with this name is already there.',
    );
    expect(await under('Offer 2026-118.pdf')).toMatch(/^1.2 MB · to Offers · \d\d:\d\d$/);
  });

  it('offer for each what makes sense there, and nothing else', async () => {
    const window = await onScreen({ transfers: 'each' });
    const acts = async (name: string) =>
      [...(await item(window, name)).querySelectorAll('button')].map((button) => button.dataset.testid);
    expect(await acts('Contract Müller & Söhne (signed).pdf')).toEqual([
      TestId.TransferDecide,
      TestId.TransferCancel,
    ]);
    expect(await acts('Locked draft.docx')).toEqual([TestId.TransferAction, TestId.TransferCancel]);
    expect(await acts(FILM)).toEqual([TestId.TransferPause, TestId.TransferCancel]);
    expect(await acts('Photo selection.zip')).toEqual([TestId.TransferCancel]);
    expect(await acts(INTERVIEW)).toEqual([
      TestId.TransferTryNow,
      TestId.TransferPause,
      TestId.TransferCancel,
    ]);
    expect(await acts('Wallpaper 4K.jpg')).toEqual([TestId.TransferResume, TestId.TransferCancel]);
    expect(await acts('Offer 2026-118.pdf')).toEqual([TestId.TransferCopyLink, TestId.TransferShow]);
    expect(await acts('Trade fair stand – plan.png')).toEqual([TestId.TransferShow]);
    expect(await acts('Minutes.docx')).toEqual([TestId.TransferAction]);
  });

  it('rest when they are paused, and end when they go on', async () => {
    const window = await onScreen(one(200 * MB));
    await window.user.click(await window.find(TestId.EmptyTransfersChoose, ':not([aria-disabled])'));
    await item(window, 'Film.mov');
    await press(window, 'Film.mov', TestId.TransferPause);
    await waitFor(() => expect(states(window)).toEqual(['paused']));
    expect(text(await window.find(TestId.TransfersTitle))).toBe('Paused: 1 file left');
    await window.says('Paused');
    await press(window, 'Film.mov', TestId.TransferResume);
    await window.says('Going on');
    await waitFor(() => expect(states(window)).toEqual(['uploaded']), { timeout: 4000 });
    await window.says('1 file uploaded');
  });

  it('can be paused, resumed, cancelled and cleared all at once', async () => {
    const window = await onScreen({ transfers: 'each' });
    await window.user.click(await window.find(TestId.TransfersPause));
    await window.find(TestId.TransfersResume);
    expect(states(window)).not.toContain('uploading');
    expect(states(window)).not.toContain('held');
    await window.user.click(await window.find(TestId.TransfersResume));
    await window.find(TestId.TransfersPause);
    await window.user.click(await window.find(TestId.TransfersCancel));
    await window.gone(TestId.TransfersPause);
    await window.user.click(await window.find(TestId.TransfersClear));
    await window.find(TestId.EmptyTransfers);
    await waitFor(() => expect(document.activeElement).toBe(window.all(TestId.EmptyTransfersChoose)[0]));
  });

  it('give the link, show the file on this computer, and try again what was stopped', async () => {
    const window = await onScreen({ transfers: 'each' });
    await press(window, 'Offer 2026-118.pdf', TestId.TransferCopyLink);
    await window.find(TestId.Toast);
    await waitFor(() => expect(window.fake.clipboard).toContain('Offer'));
    await press(window, 'Trade fair stand – plan.png', TestId.TransferShow);
    expect(window.fake.asked).toEqual([expect.stringMatching(/^folder of transfer \d+$/)]);
    await press(window, 'Minutes.docx', TestId.TransferAction);
    await waitFor(async () => expect((await item(window, 'Minutes.docx')).dataset.state).toBe('uploaded'));
  });

  it('ask about a taken name where the person decides it', async () => {
    const window = await onScreen({ transfers: 'each' });
    await press(window, 'Contract Müller & Söhne (signed).pdf', TestId.TransferDecide);
    expect(text(await window.find(TestId.NameTaken))).toContain(
      'The one there is gone for everybody. 2 links that work now will open the new file.',
    );
    await window.user.click(await window.find(TestId.NameTakenConfirm));
    await waitFor(() => expect(names(window)).toContain('Contract Müller & Söhne (signed) (2).pdf'));
  });
});

describe('rows that change their places', () => {
  it('stay where they are while the pointer is on its way to a button', async () => {
    const window = await onScreen({ transfers: 'each' });
    const film = await item(window, FILM);
    expect(film.dataset.index).toBe('2');
    await fireEvent.pointerMove(film);
    await window.fake.cancelTransfers([Number(film.dataset.id)]);
    await waitFor(async () => expect((await item(window, FILM)).dataset.state).toBe('stopped'));
    expect((await item(window, FILM)).dataset.index).toBe('2');
    await fireEvent.pointerLeave(await window.find(TestId.TransferRows));
    await waitFor(async () => expect((await item(window, FILM)).dataset.index).not.toBe('2'));
  });

  it('take the focus with them', async () => {
    const window = await onScreen({ transfers: 'each' });
    const film = await item(window, FILM);
    (part(film, TestId.TransferCancel) as HTMLElement).focus();
    await window.fake.pauseTransfers([Number(film.dataset.id)]);
    await waitFor(async () => expect((await item(window, FILM)).dataset.index).not.toBe('2'));
    await waitFor(async () =>
      expect(document.activeElement).toBe(part(await item(window, FILM), TestId.TransferCancel)),
    );
  });
});

describe('what waits for the storage', () => {
  it('is held with its reason, goes on by itself, and loses nothing', async () => {
    const window = await onScreen(one(300 * MB));
    await window.user.click(await window.find(TestId.EmptyTransfersChoose, ':not([aria-disabled])'));
    await waitFor(async () => expect((await item(window, 'Film.mov')).textContent).toMatch(/· [1-9]\d?%/));
    window.fake.hold('unreachable');
    await waitFor(() => expect(states(window)).toEqual(['held']));
    expect(text(await window.find(TestId.TransferState))).toBe('Waiting for the storage');
    expect(text(await window.find(TestId.TransferUnder))).toMatch(
      /^Goes on by itself\. \d+ of 300 MB are safe\.$/,
    );
    expect(text(await window.find(TestId.TransfersTitle))).toBe(
      'Can’t reach the company storage: 1 file left',
    );
    expect((await window.find(TestId.TransfersProgress)).className).toContain('warn');
    window.fake.hold(null);
    await waitFor(() => expect(states(window)).toEqual(['uploaded']), { timeout: 5000 });
  });

  it('is told by a banner that goes by itself, once for all of them', async () => {
    const window = await onScreen({ transfers: 'each' });
    window.fake.hold('offline');
    const banner = await window.find(TestId.ConnectionBanner);
    expect(text(banner)).toBe('No internet Uploads go on by themselves when you are back online. Try now');
    await window.says('No internet');
    expect((await window.find(TestId.Connection)).dataset.state).toBe('trouble');
    await window.user.click(await window.find(TestId.NavFiles));
    await window.find(TestId.ConnectionBanner);
    expect(text(await window.find(TestId.TransfersTitle))).toMatch(
      /^Waiting for the internet: \d+ files left/,
    );
    window.fake.hold(null);
    await window.gone(TestId.ConnectionBanner);
    await window.says('You are back online.');
  });

  it('is looked for at once when the person says so, from the banner and from its row', async () => {
    const window = await onScreen({ ...one(300 * MB), pace: 20 });
    // Not before the folder that the files go to is open.
    await window.user.click(await window.find(TestId.EmptyTransfersChoose, ':not([aria-disabled])'));
    await item(window, 'Film.mov');
    window.fake.hold('unreachable');
    const inBanner = await window.find(TestId.ConnectionTryNow);
    expect(text(inBanner)).toBe('Try now');
    await window.user.click(inBanner);
    const inRow = await window.find(TestId.TransferTryNow);
    await waitFor(() => expect([inBanner, inRow].map(text)).toEqual(['Trying…', 'Trying…']));
    await window.user.click(inRow);
    expect(window.fake.asked).toEqual(['to try now']);
    await window.says('Still waiting. It goes on by itself.');
    expect(text(inRow)).toBe('Try now');
    (await item(window, 'Film.mov')).focus();
    await window.press('{Enter}');
    expect(window.fake.asked).toEqual(['to try now', 'to try now']);
    window.fake.hold(null);
    await window.gone(TestId.ConnectionTryNow);
    await window.gone(TestId.TransferTryNow);
  });

  it('opens the folder that could not be opened, once the storage is there again', async () => {
    const window = await start();
    await window.row('Campaigns');
    const { openFolder } = window.fake;
    window.fake.openFolder = async () => refuse('unreachable');
    window.fake.hold('unreachable');
    await fireEvent.dblClick(await window.row('Campaigns'));
    expect((await window.find(TestId.Problem)).dataset.code).toBe('unreachable');
    window.fake.openFolder = openFolder;
    window.fake.hold(null);
    await window.row('Visitor list.csv');
  });

  it('is there when the window opens without internet', async () => {
    const window = await start();
    window.fake.hold('offline');
    const banner = await window.find(TestId.ConnectionBanner);
    expect(text(banner)).toContain('No internet');
  });
});

describe('very many transfers', () => {
  it('draw only what is near the window, to the very last', async () => {
    const window = await onScreen({ transfers: 'many' });
    const rows = await window.find(TestId.TransferRows);
    expect(rows.dataset.count).toBe('100000');
    await item(window, 'Scan 050001.pdf');
    expect(window.all(TestId.Transfer).length).toBeLessThan(60);
    await window.user.click(await item(window, 'Scan 050001.pdf'));
    await window.press('{End}');
    await item(window, 'Scan 000001.pdf');
  });

  it('are found by what they need', async () => {
    const window = await onScreen({ transfers: 'many' });
    await window.find(TestId.TransfersFilters);
    expect(window.all(TestId.TransfersFilter).map(text)).toEqual([
      'All 100,000',
      'In progress 50,000',
      'Needs you 0',
      'Finished 50,000',
    ]);
    const filter = (name: string) => window.find(TestId.TransfersFilter, `[data-filter="${name}"]`);
    await window.user.click(await filter('finished'));
    await waitFor(() => expect(new Set(states(window))).toEqual(new Set(['uploaded'])));
    await window.says('Finished: 50,000');
    expect((await filter('finished')).getAttribute('aria-pressed')).toBe('true');
    await window.user.click(await filter('needsYou'));
    await window.find(TestId.EmptyFilter);
    await window.user.click(await window.find(TestId.ToastClose));
    await window.press('{Escape}');
    await item(window, 'Scan 050001.pdf');
  });

  it('are cancelled and cleared all at once', async () => {
    const window = await onScreen({ transfers: 'many' });
    await item(window, 'Scan 050001.pdf');
    await window.user.click(await window.find(TestId.TransfersCancel));
    await waitFor(() => expect(states(window)[0]).toBe('stopped'));
    await window.user.click(await window.find(TestId.TransfersClear));
    await window.find(TestId.EmptyTransfers);
  });

  it('need no filters while they are few', async () => {
    const window = await onScreen({ transfers: 'each' });
    await item(window, FILM);
    expect(window.all(TestId.TransfersFilters)).toHaveLength(0);
  });
});

describe('the keyboard on the screen of transfers', () => {
  const inHand = () => (document.activeElement as HTMLElement).dataset.name;

  it('moves, pauses with Space, cancels with Delete, decides with Enter', async () => {
    const window = await onScreen({ transfers: 'each' });
    (await item(window, 'Contract Müller & Söhne (signed).pdf')).focus();
    await window.press('{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}');
    await waitFor(() => expect(inHand()).toBe(INTERVIEW));
    await window.press(' ');
    await waitFor(async () => expect((await item(window, INTERVIEW)).dataset.state).toBe('paused'));
    await waitFor(() => expect(inHand()).toBe(INTERVIEW));
    await window.press('{Delete}');
    await waitFor(async () => expect((await item(window, INTERVIEW)).dataset.state).toBe('stopped'));
    await waitFor(() => expect(inHand()).toBe(INTERVIEW));
    await window.press('{Home}');
    await waitFor(() => expect(inHand()).toBe('Contract Müller & Söhne (signed).pdf'));
    await window.press('{Enter}');
    await window.find(TestId.NameTaken);
    await window.press('{Escape}');
    await window.gone(TestId.NameTaken);
    await waitFor(() => expect(inHand()).toBe('Contract Müller & Söhne (signed).pdf'));
  });

  it('has one row and its buttons in the tab order', async () => {
    const window = await onScreen({ transfers: 'each' });
    await item(window, FILM);
    expect(window.all(TestId.Transfer).filter((row) => row.tabIndex === 0)).toHaveLength(1);
    await fireEvent.focusIn(await item(window, FILM));
    await waitFor(async () => expect((await item(window, FILM)).tabIndex).toBe(0));
    const reachable = [...document.querySelectorAll('[role=row] button')].filter(
      (button) => (button as HTMLElement).tabIndex === 0,
    );
    expect(reachable.map((button) => (button as HTMLElement).dataset.testid)).toEqual([
      TestId.TransferPause,
      TestId.TransferCancel,
    ]);
  });

  it('keeps the focus on a transfer whose button has done its work', async () => {
    const window = await onScreen({ transfers: 'each' });
    const focused = () => (document.activeElement as HTMLElement).closest<HTMLElement>('[role=row]')?.dataset;
    (part(await item(window, FILM), TestId.TransferPause) as HTMLElement).focus();
    await window.press('{Enter}');
    await waitFor(async () => expect((await item(window, FILM)).dataset.state).toBe('paused'));
    await waitFor(() => expect(focused()?.name).toBe(FILM));
    await waitFor(() =>
      expect((document.activeElement as HTMLElement).dataset.testid).toBe(TestId.TransferResume),
    );
    await window.press('{Enter}');
    await waitFor(async () => expect((await item(window, FILM)).dataset.state).toBe('uploading'));
    (part(await item(window, FILM), TestId.TransferCancel) as HTMLElement).focus();
    await window.press('{Enter}');
    await waitFor(async () => expect((await item(window, FILM)).dataset.state).toBe('stopped'));
    await waitFor(() => expect(focused()?.name).toBe(FILM));
  });
});
