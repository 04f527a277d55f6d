import { waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CODES } from '../../src/lib/backend/fake/problems';
import english from '../../src/lib/i18n/messages/en.json';
import { TestId } from '../../src/lib/testids';
import { start, text, type Window } from '../start';

const FILM = 'Brand film – final cut.mp4';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-23T11:52:00+01:00') });
});
afterEach(() => {
  vi.useRealTimers();
});

async function sheet(window: Window): Promise<void> {
  await window.openFolder('Campaigns');
  await window.user.click(await window.row(FILM));
  await window.press('{Control>}{Shift>}l{/Shift}{/Control}');
  await window.find(TestId.ShareTitle);
}

describe('a link', () => {
  it('is copied with one click, and its end is said and announced', async () => {
    const window = await start();
    await window.openFolder('Campaigns');
    await window.user.click(await window.row(FILM));
    await window.user.click(await window.find(TestId.RowCopyLink));
    expect(text(await window.find(TestId.ToastText))).toBe(
      `Link copied. It works until Thu 26 Nov, 11:52 and opens ${FILM}.`,
    );
    await window.says(`Link copied. It works until Thu 26 Nov, 11:52 and opens ${FILM}.`);
    expect(window.fake.clipboard).toContain('Brand%20film');
    await waitFor(async () => expect(text(await window.row(FILM))).toContain('2 links'));
  });

  it('can be changed afterwards, in the sheet', async () => {
    const window = await start();
    await window.openFolder('Campaigns');
    await window.user.click(await window.row(FILM));
    await window.press('{Control>}l{/Control}');
    await window.user.click(await window.find(TestId.ToastAction));
    expect(text(await window.find(TestId.ShareTitle))).toBe(`Share “${FILM}”`);
    // The end of the copied link is none of the offered ones, so it is picked.
    expect((await window.find(TestId.SharePickTime, '')).tagName).toBe('SELECT');
  });

  it('waits for the one before it, and each says which file it opens', async () => {
    const window = await start();
    await window.openFolder('Campaigns');
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const copied: string[] = [];
    const make = window.fake.copyLink;
    window.fake.copyLink = async (...request) => {
      await gate;
      const link = await make(...request);
      copied.push(link.name);
      return link;
    };
    for (const name of [FILM, 'Visitor list.csv']) {
      await window.user.click(await window.row(name));
      await window.press('{Control>}l{/Control}{Control>}l{/Control}');
    }
    go();
    await waitFor(async () =>
      expect(text(await window.find(TestId.ToastText))).toContain('Visitor list.csv'),
    );
    expect(copied).toEqual([FILM, 'Visitor list.csv']);
    expect(window.fake.clipboard).toContain('Visitor%20list');
  });

  it('says when it ends with the sign-in', async () => {
    const window = await start({ signInEnds: new Date('2026-11-23T18:30:00+01:00') });
    await window.openFolder('Campaigns');
    await window.user.click(await window.row(FILM));
    await window.press('{Control>}l{/Control}');
    expect(text(await window.find(TestId.ToastText))).toContain('Mon 23 Nov, 18:30, when your sign-in ends');
  });
});

describe('the share sheet', () => {
  it('offers ends, not lengths, and says who can open the link', async () => {
    const window = await start();
    await sheet(window);
    const labels = window.all(TestId.ShareChoice).map((choice) => text(choice.parentElement as HTMLElement));
    expect(labels).toEqual(['Today 18:00', 'Tomorrow', 'Fri 17:00', 'Mon 30 Nov']);
    expect(text(await window.find(TestId.ShareEnd))).toBe('Friday 27 November, 17:00');
    expect(text(await window.find(TestId.SharePromise))).toBe(
      'Anyone who has this link can open the file until then.',
    );
    expect(window.all(TestId.ShareLatest)).toHaveLength(0);
  });

  it('copies the link with the chosen end', async () => {
    const window = await start();
    await sheet(window);
    await window.user.click(await window.find(TestId.ShareChoice, '[data-kind="tomorrow"]'));
    expect(text(await window.find(TestId.ShareEnd))).toBe('Tuesday 24 November, 18:00');
    await window.user.click(await window.find(TestId.ShareCopy));
    await window.gone(TestId.Share);
    expect(text(await window.find(TestId.ToastText))).toBe(
      `Link copied. It works until Tue 24 Nov, 18:00 and opens ${FILM}.`,
    );
  });

  it('needs no mouse: the focus is on the end, and Enter copies', async () => {
    const window = await start();
    await sheet(window);
    const friday = await window.find(TestId.ShareChoice, '[data-kind="friday"]');
    await waitFor(() => expect(document.activeElement).toBe(friday));
    await window.press('{Enter}');
    await window.gone(TestId.Share);
    expect(text(await window.find(TestId.ToastText))).toContain('Fri 27 Nov, 17:00');
  });

  it('lets any quarter of an hour be picked, up to the latest end', async () => {
    const window = await start();
    await sheet(window);
    await window.user.click(await window.find(TestId.SharePick));
    const day = (await window.find(TestId.SharePickDay)) as HTMLSelectElement;
    expect([...day.options].map((option) => option.text)).toHaveLength(8);
    await window.user.selectOptions(day, '2026-11-30');
    const time = (await window.find(TestId.SharePickTime)) as HTMLSelectElement;
    expect(time.options[time.options.length - 1]?.text).toBe('11:45');
    await window.user.selectOptions(time, time.options[0]?.value ?? '');
    expect(text(await window.find(TestId.ShareEnd))).toBe('Monday 30 November, 00:00');
  });

  it('does not let ends be chosen that cannot be kept, and says why', async () => {
    const window = await start({ signInEnds: new Date('2026-11-23T18:30:00+01:00') });
    await sheet(window);
    const choices = window.all(TestId.ShareChoice) as HTMLInputElement[];
    expect(choices.map((choice) => choice.disabled)).toEqual([false, true, true, true]);
    expect(text(await window.find(TestId.ShareLatest))).toBe(
      'Not longer than today 18:30. Your company sign-in ends then, and links made with it stop too.',
    );
    await window.user.click(await window.find(TestId.SharePick));
    const day = (await window.find(TestId.SharePickDay)) as HTMLSelectElement;
    expect([...day.options].map((option) => option.text)).toEqual(['Today']);
  });

  it('offers the end of a sign-in that lasts for an hour, once', async () => {
    const window = await start({ signInEnds: new Date('2026-11-23T12:52:00+01:00') });
    await sheet(window);
    const choices = window.all(TestId.ShareChoice) as HTMLInputElement[];
    expect(choices.map((choice) => choice.disabled)).toEqual([false, true, true, true]);
    const labels = choices.map((choice) => text(choice.parentElement as HTMLElement));
    expect(labels).toEqual(['Today 12:52', 'Tomorrow', 'Fri 17:00', 'Mon 30 Nov']);
  });

  it('never offers to open a program in the browser', async () => {
    const window = await start();
    await window.openFolder('Press kit');
    await window.user.click(await window.row('Setup.exe'));
    await window.press('{Control>}{Shift>}l{/Shift}{/Control}');
    await window.find(TestId.ShareEnd);
    expect(window.all(TestId.ShareDownload)).toHaveLength(0);
  });
});

describe('a link that would not work', () => {
  const shown = CODES.filter((code) => code !== 'cancelled');

  it.each(shown)('is explained for %s, and leaves the clipboard alone', async (code) => {
    const window = await start();
    await window.openFolder('Things that go wrong');
    await window.user.type(await window.find(TestId.Search), `${code}.pdf`);
    await waitFor(() => expect(window.all(TestId.Row).length).toBeLessThanOrEqual(4));
    await window.user.click(await window.row(`${code}.pdf`));
    await window.press('{Control>}l{/Control}');
    const problem = await window.find(TestId.Problem);
    expect(problem.dataset.code).toBe(code);
    expect(text(await window.find(TestId.ProblemTitle))).toBe(english[`problem.${code}.title`]);
    expect(text(await window.find(TestId.ProblemSentence))).not.toMatch(/[{}]/);
    expect(window.fake.clipboard).toBeNull();
    await window.press('{Escape}');
    await window.gone(TestId.Problem);
    expect((document.activeElement as HTMLElement).dataset.name).toBe(`${code}.pdf`);
  });

  it('leads to the one thing to do: a file that is gone, to a fresh list', async () => {
    const window = await start();
    await window.openFolder('Things that go wrong');
    await window.user.type(await window.find(TestId.Search), 'fileGone');
    await waitFor(() => expect(window.all(TestId.Row)).toHaveLength(1));
    await window.user.click(await window.row('fileGone.pdf'));
    await window.press('{Control>}l{/Control}');
    const before = Number((await window.find(TestId.FileList)).dataset.revision);
    await window.user.click(await window.find(TestId.ProblemAction));
    await window.gone(TestId.Problem);
    await waitFor(async () =>
      expect(Number((await window.find(TestId.FileList)).dataset.revision)).toBeGreaterThan(before),
    );
  });

  it('is no problem at all when the person stopped it', async () => {
    const window = await start();
    await window.openFolder('Things that go wrong');
    await window.user.click(await window.row('cancelled.pdf'));
    await window.press('{Control>}l{/Control}');
    await waitFor(() => expect(window.all(TestId.RowCopyLink)[0]?.getAttribute('aria-disabled')).toBeNull());
    expect(window.all(TestId.Problem)).toHaveLength(0);
  });
});
