import { waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LinkWish } from '../../src/lib/backend/backend';
import type { FakeOptions } from '../../src/lib/backend/fake';
import { refuse } from '../../src/lib/backend/fake/problems';
import { TestId } from '../../src/lib/testids';
import { start, text, type Window } from '../start';

const FILM = 'Brand film – final cut.mp4';
const LARGE = 'Interview raw.mov';
const PROMISE = 'Shares a private copy. Whoever already downloaded it keeps theirs.';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-23T11:52:00+01:00') });
});
afterEach(() => {
  vi.useRealTimers();
});

const COPY = '{Control>}l{/Control}';
const SHEET = '{Control>}{Shift>}l{/Shift}{/Control}';

async function inCampaigns(options: FakeOptions = {}): Promise<Window> {
  const window = await start(options);
  await window.openFolder('Campaigns');
  return window;
}

async function sheet(options: FakeOptions = {}, name = FILM): Promise<Window> {
  const window = await inCampaigns(options);
  await window.user.click(await window.row(name));
  await window.press(SHEET);
  await window.find(TestId.ShareEnd);
  return window;
}

/** Everything that is asked of the app about a link. */
function wishes(window: Window): LinkWish[] {
  const asked: LinkWish[] = [];
  const make = window.fake.copyLink;
  window.fake.copyLink = (wish) => {
    asked.push(wish);
    return make(wish);
  };
  return asked;
}

async function select(window: Window, ...names: string[]): Promise<void> {
  await window.user.click(await window.row(names[0] ?? ''));
  await window.press('{Control>}');
  for (const name of names.slice(1)) await window.user.click(await window.row(name));
  await window.press('{/Control}');
}

const isOn = (element: HTMLElement) => (element as HTMLInputElement).checked;

describe('the share sheet', () => {
  it('asks for what was chosen in it, and remembers it for the next time', async () => {
    const window = await sheet();
    const asked = wishes(window);
    const switched = await window.find(TestId.ShareStoppable);
    expect(isOn(switched)).toBe(true);
    expect(text(switched.closest('label') as HTMLElement)).toContain(PROMISE);
    await window.user.click(switched);
    expect(text(switched.closest('label') as HTMLElement)).toContain(
      'It opens the file itself. It can’t be called back, and works until its end.',
    );
    await window.user.click(await window.find(TestId.ShareDownload));
    await window.user.click(await window.find(TestId.ShareChoice, '[data-kind="tomorrow"]'));
    await window.user.type(await window.find(TestId.ShareNote), ' Anna at the agency ');
    await window.user.click(await window.find(TestId.ShareCopy));
    await window.gone(TestId.Share);
    expect(asked).toMatchObject([
      { open: true, stoppable: false, note: 'Anna at the agency', withText: false, remember: true },
    ]);
    expect(asked[0]?.end).toEqual({ kind: 'at', at: '2026-11-24T17:00:00.000Z' });

    await window.press(SHEET);
    await window.find(TestId.ShareEnd);
    expect(isOn(await window.find(TestId.ShareStoppable))).toBe(false);
    expect(isOn(await window.find(TestId.ShareDownload))).toBe(false);
    expect(isOn(await window.find(TestId.ShareChoice, '[data-kind="tomorrow"]'))).toBe(true);
    expect(((await window.find(TestId.ShareNote)) as HTMLInputElement).value).toBe('');
  });

  it('says why a link can not be chosen that nobody could stop', async () => {
    const window = await sheet({ linkRules: { mayChooseStoppable: false } });
    const switched = (await window.find(TestId.ShareStoppable)) as HTMLInputElement;
    expect([switched.checked, switched.disabled]).toEqual([true, true]);
    expect(text(switched.closest('label') as HTMLElement)).toContain('your company wants that every link');
  });

  it('copies with Enter from the note too', async () => {
    const window = await sheet();
    await window.user.type(await window.find(TestId.ShareNote), 'Press{Enter}');
    await window.gone(TestId.Share);
    expect(window.fake.clipboard).toContain('Brand%20film');
  });

  it('copies with text from the menu beside the button, by keyboard', async () => {
    const window = await sheet();
    const asked = wishes(window);
    (await window.find(TestId.ShareCopyMore)).focus();
    await window.press('{Enter}');
    await waitFor(() => expect(document.activeElement).toBe(window.all(TestId.ShareCopyPlain)[0]));
    await window.press('{ArrowDown}{Escape}');
    await window.gone(TestId.ShareCopyMenu);
    expect(document.activeElement).toBe(window.all(TestId.ShareCopyMore)[0]);
    await window.press('{Enter}');
    await window.find(TestId.ShareCopyMenu);
    await window.press('{ArrowDown}{Enter}');
    await window.gone(TestId.Share);
    expect(asked).toMatchObject([{ withText: true }]);
    expect(window.fake.clipboard).toContain(FILM);
  });

  it('shows the link as a picture, and saves that', async () => {
    const window = await sheet();
    await window.user.click(await window.find(TestId.ShareQr));
    await window.find(TestId.QrPicture);
    await window.gone(TestId.Share);
    expect(text(await window.find(TestId.Qr))).toContain('Works until Fri 27 Nov, 17:00.');
    expect(window.fake.clipboard).toContain('Brand%20film');
    await window.user.click(await window.find(TestId.QrSave));
    await waitFor(async () => expect(text(await window.find(TestId.Qr))).toContain('Saved'));
    expect(window.fake.asked).toEqual([`picture of ${FILM}`]);
    await window.press('{Escape}');
    await window.gone(TestId.Qr);
    expect((document.activeElement as HTMLElement).dataset.name).toBe(FILM);
  });

  it('says in plain words when a link is too long for a picture', async () => {
    const window = await sheet();
    window.fake.getLinkQr = async () => refuse('linkTooLongForQr');
    await window.user.click(await window.find(TestId.ShareQr));
    const told = text(await window.find(TestId.QrProblem));
    expect(told).toContain('Too long for a QR code A phone could hardly read a code of that size');
    expect(window.all(TestId.QrSave)).toHaveLength(0);
  });

  it('opens a mail, and says where the link is', async () => {
    const window = await sheet();
    await window.user.click(await window.find(TestId.ShareEmail));
    await window.gone(TestId.Share);
    await waitFor(() => expect(window.fake.asked).toEqual([`mail with ${FILM}`]));
    await waitFor(async () => expect(text(await window.find(TestId.ToastText))).toContain('A mail is ready'));
    expect(window.fake.clipboard).toContain('Brand%20film');
  });

  it('makes no link for a picture that would not work', async () => {
    const window = await sheet();
    window.fake.copyLink = async () => refuse('linkRefused');
    await window.user.click(await window.find(TestId.ShareQr));
    expect((await window.find(TestId.Problem)).dataset.code).toBe('linkRefused');
    expect(window.all(TestId.Qr)).toHaveLength(0);
    expect(window.fake.clipboard).toBeNull();
  });

  it('names several files by their number, and a folder by its name', async () => {
    const window = await inCampaigns();
    await select(window, 'Visitor list.csv', 'Offer 2026-118.pdf', FILM);
    await window.press(SHEET);
    expect(text(await window.find(TestId.ShareTitle))).toBe('Share 3 files');
    expect(text(await window.find(TestId.SharePromise))).toContain('can open the files until then');
    expect(window.all(TestId.ShareDownload)).toHaveLength(0);
    await window.press('{Escape}');
    await window.gone(TestId.Share);
    await window.user.click(await window.row('Price lists'));
    await window.press(SHEET);
    expect(text(await window.find(TestId.ShareTitle))).toBe('Share “Price lists”');
  });

  it('says on the practice place that the link opens only here', async () => {
    const window = await start({ places: ['practice'] });
    await window.user.click(await window.row('Brochure.pdf'));
    await window.press(SHEET);
    expect(text(await window.find(TestId.SharePromise))).toContain('opens only on this computer');
  });
});

describe('a private copy that takes a while', () => {
  async function large(pace: number): Promise<Window> {
    const window = await start({ pace });
    await window.openFolder('Rushes');
    await window.user.click(await window.row(LARGE));
    return window;
  }

  it('shows how far it is in the sheet, and stops when the person says so', async () => {
    const window = await large(10);
    await window.press(SHEET);
    await window.find(TestId.ShareEnd);
    await window.user.click(await window.find(TestId.ShareCopy));
    expect(text(await window.find(TestId.ShareProgress))).toMatch(/Making a private copy… [\d.]+ of 7.8 GB/);
    await window.says('A private copy is being made');
    await window.user.click(await window.find(TestId.ShareStop));
    await window.gone(TestId.ShareProgress);
    await window.find(TestId.SharePromise);
    expect(window.all(TestId.Problem)).toHaveLength(0);
    expect(window.fake.clipboard).toBeNull();
    await waitFor(() => expect(document.activeElement).toBe(window.all(TestId.ShareChoice)[2]));
  });

  it('is stopped with the sheet', async () => {
    const window = await large(10);
    await window.press(SHEET);
    await window.find(TestId.ShareEnd);
    await window.user.click(await window.find(TestId.ShareCopy));
    await window.find(TestId.ShareProgress);
    await window.press('{Escape}');
    await window.gone(TestId.Share);
    await window.gone(TestId.ShareProgress);
    expect(window.fake.clipboard).toBeNull();
    expect(window.all(TestId.Toast)).toHaveLength(0);
  });

  it('is shown beside the news after one click, and the link is there in the end', async () => {
    const window = await large(2);
    await window.press(COPY);
    await window.find(TestId.ShareProgress);
    expect(text(await window.find(TestId.ToastText))).toContain('Link copied.');
    expect(window.all(TestId.ShareProgress)).toHaveLength(0);
  });
});

describe('one click', () => {
  it('takes the place’s end and a link that can be stopped, whatever the sheet was used for', async () => {
    const window = await sheet();
    const asked = wishes(window);
    await window.user.click(await window.find(TestId.ShareStoppable));
    await window.user.click(await window.find(TestId.ShareCopy));
    await window.gone(TestId.Share);
    await window.press(COPY);
    await waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[1]).toMatchObject({
      end: { kind: 'default' },
      open: false,
      stoppable: true,
      note: '',
      withText: false,
      remember: false,
    });
  });

  it('makes one link for all that are selected, by key, by menu and by the button on the row', async () => {
    const window = await inCampaigns();
    const asked = wishes(window);
    await select(window, FILM, 'Visitor list.csv');
    await window.press(COPY);
    await waitFor(async () =>
      expect(text(await window.find(TestId.ToastText))).toBe(
        'Link copied. It works until Thu 26 Nov, 11:52 and opens 2 files.',
      ),
    );
    const button = await window.find(TestId.RowCopyLink);
    await waitFor(() => expect(text(button)).toBe('Copy link to 2'));
    await window.user.click(button);
    await waitFor(() => expect(asked).toHaveLength(2));
    await window.press('{ContextMenu}');
    expect(text(await window.find(TestId.MenuCopyLink))).toBe('Copy link to 2 Ctrl L');
    await waitFor(() => expect(window.all(TestId.RowCopyLink)[0]?.getAttribute('aria-disabled')).toBeNull());
    await window.user.click(await window.find(TestId.MenuCopyLink));
    await waitFor(() => expect(asked).toHaveLength(3));
    for (const { target } of asked) expect(target).toMatchObject({ kind: 'rows', rows: { length: 2 } });
  });

  it('shares a folder with all that is in it', async () => {
    const window = await inCampaigns();
    const asked = wishes(window);
    await window.user.click(await window.row('Autumn campaign'));
    await window.user.click(await window.find(TestId.RowCopyLink));
    expect(text(await window.find(TestId.ToastText))).toContain('and opens Autumn campaign.');
    expect(asked[0]?.target).toMatchObject({ kind: 'rows', rows: { length: 1 } });
  });

  it('can be undone: the link is stopped and off the clipboard', async () => {
    const window = await inCampaigns();
    await window.user.click(await window.row('Visitor list.csv'));
    await window.press(COPY);
    await window.find(TestId.ToastAction);
    expect(text(await window.find(TestId.NavLinksCount))).toContain('1');
    await window.user.click(await window.find(TestId.ToastUndo));
    await waitFor(async () =>
      expect(text(await window.find(TestId.ToastText))).toBe(
        'Stopped. Whoever already downloaded it keeps a copy.',
      ),
    );
    expect(window.fake.clipboard).toBeNull();
    await window.gone(TestId.NavLinksCount);
  });

  it('says so when a link can not be stopped, and what undoing does then', async () => {
    const window = await inCampaigns({ linkRules: { mayCopy: false } });
    await window.user.click(await window.row('Visitor list.csv'));
    await window.press(COPY);
    expect(text(await window.find(TestId.ToastText))).toContain('It can’t be called back');
    await window.says('It can’t be called back');
    await window.user.click(await window.find(TestId.ToastUndo));
    await waitFor(async () =>
      expect(text(await window.find(TestId.ToastText))).toBe(
        'The link is off the clipboard. It can’t be called back, and works until Thu 26 Nov, 11:52.',
      ),
    );
    expect(window.fake.clipboard).toBeNull();
  });

  it('tells of a link that still works although it was to be stopped', async () => {
    const window = await inCampaigns();
    window.fake.undoLink = async () => refuse('stopUnproven', { file: FILM });
    await window.user.click(await window.row(FILM));
    await window.press(COPY);
    await window.user.click(await window.find(TestId.ToastUndo));
    expect((await window.find(TestId.Problem)).dataset.code).toBe('stopUnproven');
  });

  it('warns of links that mail programs break', async () => {
    const window = await inCampaigns({ linkRules: { longForMail: true } });
    await window.user.click(await window.row(FILM));
    await window.press(COPY);
    expect(text(await window.find(TestId.ToastText))).toContain(
      'Some mail programs break links this long. A chat is safer.',
    );
  });
});
