import { waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeOptions } from '../../src/lib/backend/fake';
import { problem, refuse } from '../../src/lib/backend/fake/problems';
import { TestId } from '../../src/lib/testids';
import { start, text, type Window } from '../start';

const FILM = 'Brand film – final cut.mp4';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-23T11:52:00+01:00') });
});
afterEach(() => {
  vi.useRealTimers();
});

async function links(options: FakeOptions = {}): Promise<Window> {
  const window = await start({ links: 'few', ...options });
  await window.user.click(await window.find(TestId.NavLinks));
  await window.find(TestId.Links);
  await waitFor(() => {
    if (window.all(TestId.LinkSkeleton).length > 0) throw new Error('reading');
  });
  return window;
}

const link = (window: Window, name: string) => window.find(TestId.Link, `[data-name="${name}"]`);
const tab = (window: Window, value: string) => window.find(TestId.LinksTab, `[data-value="${value}"]`);
const scope = (window: Window, value: string) => window.find(TestId.LinksScope, `[data-value="${value}"]`);
const names = (window: Window) => window.all(TestId.Link).map((row) => row.dataset.name);
const inHand = () => (document.activeElement as HTMLElement).dataset.name;
const within = (row: HTMLElement, id: string) =>
  row.querySelector<HTMLElement>(`[data-testid="${id}"]`) as HTMLElement;

async function take(window: Window, name: string): Promise<HTMLElement> {
  const row = await link(window, name);
  row.focus();
  return row;
}

describe('the links', () => {
  it('are listed with what they are for, until when they work, and what can be done', async () => {
    const window = await links();
    expect(names(window)).toHaveLength(7);
    expect(text(await link(window, FILM))).toContain('Anna at the agency');
    const statuses = window.all(TestId.LinkStatus).map(text);
    expect(statuses.slice(0, 4)).toEqual([
      'Works until Fri 17:00',
      'Works until Mon 30 Nov, 09:52',
      'Ends in 3 hours',
      'Works until Sat 09:04',
    ]);
    const firsts = window
      .all(TestId.Link)
      .map((row) => text(row.querySelector('.acts button') as HTMLElement));
    expect(firsts).toEqual([
      'Copy again',
      'Copy again',
      'Renew',
      'Copy again',
      'New link',
      'Copy again',
      'New link',
    ]);
    expect(text(await link(window, 'Trade fair photos'))).toMatch(/^38 /);
    expect(window.all(TestId.LinkFile).map((one) => one.dataset.file)).toEqual(['changed', 'gone']);
    expect(text(await tab(window, 'working'))).toBe('Working 7');
    expect(text(await tab(window, 'ended'))).toBe('Ended 12');
    expect(text(await window.find(TestId.NavLinksCount))).toContain('7');
  });

  it('that have ended are apart, and can be shared again', async () => {
    const window = await links();
    await window.user.click(await tab(window, 'ended'));
    await link(window, 'Poster A1.pdf');
    await window.says('Ended: 12');
    const statuses = window.all(TestId.LinkStatus).map(text);
    expect(statuses[0]).toBe('Ended 07:52');
    expect(statuses[1]).toMatch(/^Stopped 21 Nov, /);
    expect(window.all(TestId.LinkStop)).toHaveLength(0);
    await window.user.click(within(await link(window, 'Minutes.docx'), TestId.LinkShareAgain));
    expect(text(await window.find(TestId.ShareTitle))).toBe('Share “Minutes.docx”');
    await window.user.click(await window.find(TestId.ShareCopy));
    await window.gone(TestId.Share);
    await waitFor(async () => expect(text(await tab(window, 'working'))).toBe('Working 8'));
    await window.user.click(within(await link(window, 'Jingle.mp3'), TestId.LinkShareAgain));
    expect(text(await window.find(TestId.ToastText))).toBe('The file is gone, so it can’t be shared again.');
  });

  it('are copied again without another end', async () => {
    const window = await links();
    await window.user.click(within(await link(window, FILM), TestId.LinkCopyAgain));
    expect(text(await window.find(TestId.ToastText))).toContain('works until Fri 27 Nov, 17:00');
    expect(window.all(TestId.ToastUndo)).toHaveLength(0);
    expect(window.fake.clipboard).toContain('Brand%20film');
    expect(names(window)).toHaveLength(7);
  });

  it('that end soon are renewed: a new link, in the list at once', async () => {
    const window = await links();
    await window.user.click(within(await link(window, 'Offer 2026-118.pdf'), TestId.LinkRenew));
    expect(text(await window.find(TestId.ToastText))).toContain('Thu 26 Nov, 11:52');
    await waitFor(() => expect(names(window)).toHaveLength(8));
    expect(text(await tab(window, 'working'))).toBe('Working 8');
  });

  it('that nobody kept are made anew', async () => {
    const window = await links();
    window.fake.copyLinkAgain = async () => refuse('linkKeysGone');
    await window.user.click(within(await link(window, FILM), TestId.LinkCopyAgain));
    expect((await window.find(TestId.Problem)).dataset.code).toBe('linkKeysGone');
    expect(text(await window.find(TestId.ProblemAction))).toBe('Make a new link');
    await window.user.click(await window.find(TestId.ProblemAction));
    await window.find(TestId.ToastUndo);
    expect(window.fake.clipboard).toContain('Brand%20film');
  });

  it('are stopped after one question that names the file, with Cancel in focus', async () => {
    const window = await links();
    await window.user.click(within(await link(window, FILM), TestId.LinkStop));
    expect(text(await window.find(TestId.LinkStopQuestion))).toContain(`Stop sharing “${FILM}”?`);
    await waitFor(() => expect(document.activeElement).toBe(window.all(TestId.LinkStopCancel)[0]));
    await window.press('{Enter}');
    await window.gone(TestId.LinkStopQuestion);
    expect(names(window)).toHaveLength(7);
    await window.user.click(within(await link(window, FILM), TestId.LinkStop));
    await window.user.click(await window.find(TestId.LinkStopConfirm));
    expect(text(await window.find(TestId.ToastText))).toBe(
      'Stopped. Whoever already downloaded it keeps a copy.',
    );
    await waitFor(() => expect(names(window)).toHaveLength(6));
    await window.gone(TestId.LinkStopQuestion);
    await waitFor(() => expect(inHand()).toBe('Trade fair photos'));
    await window.user.click(await tab(window, 'ended'));
    expect((await link(window, FILM)).dataset.state).toBe('stopped');
  });

  it('that can not be stopped say why', async () => {
    const window = await links();
    const button = within(await link(window, 'Visitor list.csv'), TestId.LinkStop);
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(button.title).toContain('It opens the file itself');
    await window.user.click(button);
    expect(window.all(TestId.LinkStopQuestion)).toHaveLength(0);
    expect(text(await window.find(TestId.ToastText))).toContain('so it can’t be called back');
  });

  it('that still work are never said to be stopped', async () => {
    const window = await links();
    window.fake.stopLink = async () => refuse('stopUnproven', { file: FILM });
    await window.user.click(within(await link(window, FILM), TestId.LinkStop));
    await window.user.click(await window.find(TestId.LinkStopConfirm));
    expect((await window.find(TestId.Problem)).dataset.code).toBe('stopUnproven');
    expect(window.all(TestId.Toast)).toHaveLength(0);
    expect(names(window)).toContain(FILM);
  });

  it('have a note of the person’s own', async () => {
    const window = await links();
    await take(window, FILM);
    await window.press('{F2}');
    const field = (await window.find(TestId.LinkNoteField)) as HTMLInputElement;
    expect(field.value).toBe('Anna at the agency');
    await window.user.clear(field);
    await window.user.type(field, 'Ben{Enter}');
    await window.gone(TestId.LinkNoteDialog);
    await waitFor(async () => expect(text(within(await link(window, FILM), TestId.LinkNote))).toBe('Ben'));
    await waitFor(() => expect(inHand()).toBe(FILM));
  });

  it('are found by file and by note', async () => {
    const window = await links();
    await window.press('{Control>}f{/Control}');
    expect(document.activeElement).toBe(window.all(TestId.LinksSearch)[0]);
    await window.press('press');
    await waitFor(() => expect(names(window)).toEqual(['Trade fair photos']));
    await window.press(' nobody');
    await window.find(TestId.EmptySearch);
    await window.press('{Escape}');
    await waitFor(() => expect(names(window)).toHaveLength(7));
  });

  it('are news on the screen and in the sidebar when one is made elsewhere', async () => {
    const window = await links({ links: 'none' });
    await window.find(TestId.EmptyLinks);
    const opened = await window.fake.openFolder('marketing', { kind: 'root' });
    const { rows } = await window.fake.getRows(opened.id, 0, 1);
    await window.fake.copyLink({
      target: { kind: 'rows', listing: opened.id, rows: [rows[0]?.id ?? 0] },
      end: { kind: 'default' },
      open: false,
      stoppable: true,
      note: '',
      withText: false,
      remember: false,
    });
    await link(window, rows[0]?.name ?? '');
    expect(text(await window.find(TestId.NavLinksCount))).toContain('1');
  });
});

describe('the links of everybody', () => {
  it('are shown with who shared them, and can be stopped', async () => {
    const window = await links();
    expect(text(await scope(window, 'everybody'))).toBe('Everybody’s in Marketing');
    await window.user.click(await scope(window, 'everybody'));
    const budget = await link(window, 'Budget 2027.xlsx');
    expect(text(within(budget, TestId.LinkShared))).toBe('Today 08:52 Jonas Weber');
    expect(within(budget, TestId.LinkCopyAgain)).toBeNull();
    expect(within(budget, TestId.LinkNote)).toBeNull();
    expect(text(await tab(window, 'working'))).toBe('Working 10');
    expect(text(await window.find(TestId.NavLinksCount))).toContain('7');
    await window.user.click(within(budget, TestId.LinkStop));
    expect(text(await window.find(TestId.LinkStopQuestion))).toContain('Jonas Weber shared it.');
  });

  it('are no empty list when they could not be read', async () => {
    const window = await links({ links: 'none' });
    window.fake.links.everybodyProblem = problem('listDenied');
    await window.user.click(await scope(window, 'everybody'));
    expect((await window.find(TestId.Problem)).dataset.code).toBe('listDenied');
    expect(window.all(TestId.EmptyLinks)).toHaveLength(0);
    window.fake.links.everybodyProblem = null;
    await window.user.click(await scope(window, 'mine'));
    await window.find(TestId.EmptyLinks);
  });

  it('are said to be incomplete when some could not be read, until they could', async () => {
    const window = await links();
    window.fake.links.everybodyProblem = problem('unreachable');
    await window.user.click(await scope(window, 'everybody'));
    expect(text(await window.find(TestId.LinksIncomplete))).toContain('This list is not complete');
    expect(names(window)).toHaveLength(7);
    window.fake.links.everybodyProblem = null;
    await window.user.click(await window.find(TestId.LinksIncompleteRetry));
    await link(window, 'Team photo.jpg');
    await window.gone(TestId.LinksIncomplete);
  });
});

describe('the list of links', () => {
  it('begins with a skeleton', async () => {
    const window = await start({ links: 'few', pace: 60 });
    await window.user.click(await window.find(TestId.NavLinks));
    await window.find(TestId.LinkSkeleton);
    expect(window.all(TestId.EmptyLinks)).toHaveLength(0);
    await link(window, FILM);
  });

  it('says what to do when nothing was shared yet', async () => {
    const window = await links({ links: 'none' });
    expect(text(await window.find(TestId.EmptyLinks))).toContain('Nothing shared yet');
    await window.user.click(await window.find(TestId.EmptyLinksAct));
    await window.find(TestId.Files);
  });

  it('is a problem and no list when it could not be read, and can be tried again', async () => {
    const window = await start({ links: 'few' });
    const read = window.fake.getLinks;
    window.fake.getLinks = async () => refuse('ledgerUnreadable');
    await window.user.click(await window.find(TestId.NavLinks));
    expect((await window.find(TestId.Problem)).dataset.code).toBe('ledgerUnreadable');
    expect(window.all(TestId.EmptyLinks)).toHaveLength(0);
    window.fake.getLinks = read;
    await window.user.click(await window.find(TestId.ProblemAction));
    await link(window, FILM);
  });

  it('draws a window of ten thousand, and asks for them in windows', async () => {
    const window = await start({ links: 'many' });
    const asked: number[] = [];
    const read = window.fake.getLinks;
    window.fake.getLinks = (wanted) => {
      asked.push(wanted.count);
      return read(wanted);
    };
    await window.user.click(await window.find(TestId.NavLinks));
    const first = await link(window, 'Scan 00001.pdf');
    expect(window.all(TestId.Link).length).toBeLessThan(60);
    first.focus();
    await window.press('{End}');
    await waitFor(() => expect(inHand()).toBe('Scan 10000.pdf'));
    expect(Math.max(...asked)).toBeLessThanOrEqual(100);
    expect(asked.length).toBeLessThan(8);
    expect(text(await window.find(TestId.NavLinksCount))).toContain('10,000');
  });

  it('is done with the keyboard: arrows, Enter, Ctrl+L, Del, the menu', async () => {
    const window = await links();
    await take(window, FILM);
    expect(window.all(TestId.Link).filter((row) => row.tabIndex === 0)).toHaveLength(1);
    await window.press('{ArrowDown}');
    await waitFor(() => expect(inHand()).toBe('Trade fair photos'));
    await window.press('{ArrowDown}');
    await waitFor(() => expect(inHand()).toBe('Offer 2026-118.pdf'));
    // Copies the link as it is, although the button renews it.
    await window.press('{Control>}l{/Control}');
    await waitFor(() => expect(window.fake.clipboard).toContain('Offer%202026'));
    expect(names(window)).toHaveLength(7);
    await window.press('{Delete}');
    await window.find(TestId.LinkStopQuestion);
    await window.press('{Escape}');
    await window.gone(TestId.LinkStopQuestion);
    expect(inHand()).toBe('Offer 2026-118.pdf');
    await window.press('{Shift>}{F10}{/Shift}');
    expect(text(await window.find(TestId.LinkMenu))).toBe(
      'Copy again Ctrl L Copy with text Renew QR code… E-mail Note… F2 Stop sharing Del',
    );
    await window.press('{ArrowDown}{Enter}');
    await window.gone(TestId.LinkMenu);
    await waitFor(() => expect(window.fake.clipboard).toContain('Offer 2026-118.pdf, until'));
    await waitFor(() => expect(inHand()).toBe('Offer 2026-118.pdf'));
    await window.press('{Enter}');
    await waitFor(() => expect(names(window)).toHaveLength(8));
    await window.press('{End}');
    await waitFor(() => expect(inHand()).toBe('Visitor list.csv'));
    await window.press('{Delete}');
    expect(window.all(TestId.LinkStopQuestion)).toHaveLength(0);
    await window.press('{Shift>}{F10}{/Shift}');
    const stop = await window.find(TestId.LinkMenu);
    expect(text(stop)).toContain('It opens the file itself');
  });

  it('shows a link as a picture, and mails it, from its menu', async () => {
    const window = await links();
    await take(window, FILM);
    await window.press('{ContextMenu}');
    await window.user.click(await window.find(TestId.LinkMenuQr));
    await window.find(TestId.QrPicture);
    await window.press('{Escape}');
    await window.gone(TestId.Qr);
    await take(window, FILM);
    await window.press('{ContextMenu}');
    await window.user.click(await window.find(TestId.LinkMenuEmail));
    await waitFor(() => expect(window.fake.asked).toEqual([`mail with ${FILM}`]));
  });
});
