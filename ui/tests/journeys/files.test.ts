import { fireEvent, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TestId } from '../../src/lib/testids';
import { start, text } from '../start';

afterEach(() => {
  vi.useRealTimers();
});

describe('the list of files', () => {
  it('shows names, sizes, days and links; a folder has none of these', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-23T11:52:00+01:00') });
    const window = await start();
    await window.openFolder('Campaigns');
    const film = await window.row('Brand film – final cut.mp4');
    expect(text(film)).toContain('1.8 GB');
    expect(text(film)).toContain('Link until Fri 17:00');
    expect(text(await window.row('Photo selection.zip'))).toContain('2 links');
    expect(text(await window.row('Offer 2026-118.pdf'))).toContain('Link ends in 3 h');
    const folder = await window.row('Price lists');
    expect(text(folder)).toContain('— —');
    expect(folder.querySelector(`[data-testid="${TestId.RowCopyLink}"]`)).toBeNull();
  });

  it('begins with a skeleton, never with an empty folder', async () => {
    const window = await start({ pace: 60 });
    expect(window.all(TestId.RowSkeleton).length).toBeGreaterThan(3);
    expect(window.all(TestId.EmptyFolder)).toHaveLength(0);
    await window.row('Campaigns');
  });

  it('draws a window of a hundred thousand rows, and finds the last one', async () => {
    const window = await start();
    await window.openFolder('Everything since 2009');
    const list = await window.find(TestId.FileList);
    expect(list.dataset.count).toBe('100000');
    expect(window.all(TestId.Row).length).toBeLessThan(60);
    await window.user.click(await window.row('Scan 000001.pdf'));
    await window.press('{End}');
    const last = await window.row('Scan 100000.pdf');
    await waitFor(() => expect(last.getAttribute('aria-selected')).toBe('true'));
    expect(last.getAttribute('aria-rowindex')).toBe('100001');
  });

  it('leaves the view where it is while more rows arrive, and goes to the top for another order', async () => {
    const window = await start({ pace: 20 });
    await fireEvent.dblClick(await window.row('Everything since 2009'));
    await window.row('Scan 000001.pdf');
    const scroller = (await window.find(TestId.FileList)).querySelector('.scroller') as HTMLElement;
    scroller.scrollTop = 42_000;
    await fireEvent.scroll(scroller);
    await window.row('Scan 001005.pdf');
    await window.find(TestId.FileList, '[data-complete="true"]');
    expect(scroller.scrollTop).toBe(42_000);
    await window.user.click(await window.find(TestId.SortName));
    await window.row('Scan 100000.pdf');
    expect(scroller.scrollTop).toBe(0);
  });

  it('says that an empty folder is empty, with the first thing to do', async () => {
    const window = await start();
    await fireEvent.dblClick(await window.row('Fair 2027'));
    const empty = await window.find(TestId.EmptyFolder);
    expect(text(empty)).toContain('Nothing here yet');
    await waitFor(() => expect(document.activeElement).toBe(window.all(TestId.EmptyChoose)[0]));
  });

  it('never says that details are copied, or a mail opened, of a problem that is forgotten', async () => {
    const window = await start({ forgetsProblems: true });
    await fireEvent.dblClick(await window.row('Board papers'));
    const copy = await window.find(TestId.ProblemCopy);
    await window.user.click(copy);
    await waitFor(() => expect(text(copy)).toBe('Not copied'));
    expect(window.fake.clipboard).toBeNull();
    await window.user.click(await window.find(TestId.ProblemAction));
    await waitFor(() =>
      expect(window.all(TestId.ProblemTitle).map(text)).toContain('The details are no longer kept'),
    );
    expect(window.fake.asked).toEqual([]);
  });

  it('never draws a folder that could not be read as empty', async () => {
    const window = await start();
    await fireEvent.dblClick(await window.row('Board papers'));
    const problem = await window.find(TestId.Problem);
    expect(problem.dataset.code).toBe('listDenied');
    expect(text(await window.find(TestId.ProblemTitle))).toBe('You can’t open this folder');
    expect(window.all(TestId.EmptyFolder)).toHaveLength(0);
    await window.user.click(await window.find(TestId.ProblemAction));
    expect(window.fake.asked[0]).toMatch(/^mail about problem/);
    await window.user.click(await window.find(TestId.ProblemCopy));
    expect(window.fake.clipboard).toMatch(/^details of problem/);
    await window.user.click(await window.find(TestId.ProblemBack));
    await window.row('Campaigns');
  });

  it('asks for the keys again once the password store is unlocked', async () => {
    const window = await start({ locked: ['marketing'] });
    const problem = await window.find(TestId.Problem);
    expect(problem.dataset.code).toBe('passwordStoreLocked');
    // Nothing was open before: there is nowhere to go back to.
    expect(window.all(TestId.ProblemBack)).toHaveLength(0);
    window.fake.unlock();
    await window.user.click(await window.find(TestId.ProblemAction));
    await window.row('Campaigns');
  });

  it('opens a place that was refused when it is chosen once more', async () => {
    const window = await start({ locked: ['marketing'] });
    await window.find(TestId.Problem);
    window.fake.unlock();
    await window.user.click(await window.find(TestId.PlaceSwitcher));
    await window.user.click(await window.find(TestId.PlaceItem, '[data-place="marketing"]'));
    await window.row('Campaigns');
  });

  it('says when the list is not complete', async () => {
    const window = await start();
    await window.openFolder('Half read');
    expect(text(await window.find(TestId.IncompleteBanner))).toContain('only 1,200 entries were read');
    await window.find(TestId.IncompleteRetry);
  });

  it('searches in the folder and says what it found', async () => {
    const window = await start();
    await window.openFolder('Campaigns');
    await window.press('{Control>}f{/Control}');
    expect(document.activeElement).toBe(await window.find(TestId.Search));
    await window.press('offer');
    await waitFor(() => expect(window.all(TestId.Row)).toHaveLength(1));
    await window.says('1 entry found');
    await window.user.click(await window.row('Offer 2026-118.pdf'));
    expect(window.all(TestId.Row)[0]?.getAttribute('aria-selected')).toBe('true');
    await window.user.click(await window.find(TestId.Search));
    await window.press('zzz');
    await window.find(TestId.EmptySearch);
    await window.press('{Escape}');
    await window.row('Visitor list.csv');
    // What was not among the rows any more is not taken along.
    expect(document.querySelectorAll('[aria-selected="true"]')).toHaveLength(0);
  });

  it('searches the folder that is being opened for what is typed meanwhile', async () => {
    const window = await start();
    await window.openFolder('Campaigns');
    const open = window.fake.openFolder;
    let answer: (() => void) | undefined;
    window.fake.openFolder = async (place, target) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return open(place, target);
    };
    await fireEvent.dblClick(await window.row('Price lists'));
    const search = window.fake.searchFolder;
    const asked: string[] = [];
    window.fake.searchFolder = (listing, text) => {
      asked.push(`${listing}: ${text}`);
      return search(listing, text);
    };
    vi.useFakeTimers();
    const box = await window.find(TestId.Search);
    await fireEvent.input(box, { target: { value: 'prices' } });
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    answer?.();
    await waitFor(() => expect(asked).toEqual(['3: prices']));
    await window.row('Prices 2026.xlsx');
    expect((box as HTMLInputElement).value).toBe('prices');
  });

  it('sorts by a column, and turns around at the second click', async () => {
    const window = await start();
    await window.openFolder('Campaigns');
    const head = await window.find(TestId.SortSize);
    const names = () => window.all(TestId.RowName).map((name) => name.textContent);
    await window.user.click(head);
    await waitFor(() => expect(names()[2] ?? names()[0]).toBe('Brand film – final cut.mp4'));
    expect(head.parentElement?.getAttribute('aria-sort')).toBe('descending');
    await window.user.click(await window.find(TestId.SortSize));
    await waitFor(() => expect(names().at(-1)).not.toBe('Überblick 日本 🙂.txt'));
    expect((await window.find(TestId.SortSize)).parentElement?.getAttribute('aria-sort')).toBe('ascending');
  });

  it('goes up with Backspace and by the path', async () => {
    const window = await start();
    await window.openFolder('Campaigns');
    await window.press('{Backspace}');
    await window.row('Press kit');
    await window.openFolder('Campaigns');
    await window.user.click(await window.find(TestId.Crumb));
    await window.row('Press kit');
  });

  it('isolates names that run from right to left', async () => {
    const window = await start();
    await window.openFolder('Campaigns');
    const row = await window.row('عرض السعر 2026.pdf');
    expect(row.querySelector('bdi')?.textContent).toBe('عرض السعر 2026.pdf');
  });

  it('changes the place, and leads to another one', async () => {
    const window = await start();
    await window.user.click(await window.find(TestId.PlaceSwitcher));
    await window.user.click(await window.find(TestId.PlaceItem, '[data-place="practice"]'));
    await window.row('Brochure.pdf');
    await window.user.click(await window.find(TestId.PlaceSwitcher));
    await window.user.click(await window.find(TestId.PlaceAdd));
    await window.user.click(await window.find(TestId.WelcomeBack));
    await window.row('Brochure.pdf');
  });

  it('lights up while files hover, and says where they will go', async () => {
    const window = await start();
    await window.openFolder('Campaigns');
    window.fake.hoverDrop(14, 2_900_000_000, 'Campaigns');
    expect(text(await window.find(TestId.DropTitle))).toBe('Drop to upload to Campaigns');
    expect(text(await window.find(TestId.DropDetail))).toBe('14 files, 2.9 GB');
    // A folder may hold any number of files: nothing is said about what was not counted.
    window.fake.hoverDrop(null, null, 'Campaigns');
    await window.gone(TestId.DropDetail);
    window.fake.news.dropLeft();
    await window.gone(TestId.DropOverlay);
  });

  it('takes drops into the folder on the screen, and nowhere else', async () => {
    const window = await start();
    const takes = (expected: (into: number | null) => void) => waitFor(() => expected(window.fake.dropsInto));
    await takes((into) => expect(into).toBe(1));
    await fireEvent.dblClick(await window.row('Board papers'));
    await window.find(TestId.Problem);
    await takes((into) => expect(into).toBeNull());
    await window.user.click(await window.find(TestId.ProblemBack));
    await window.openFolder('Campaigns');
    await takes((into) => expect(into).toBe(4));
    await window.user.click(await window.find(TestId.PlaceSwitcher));
    await window.user.click(await window.find(TestId.PlaceAdd));
    await takes((into) => expect(into).toBeNull());
    await window.user.click(await window.find(TestId.WelcomeAccessKey));
    await window.find(TestId.AccessKey);
    await takes((into) => expect(into).toBeNull());
  });

  it('takes no drop into a place that answers after the next one was opened', async () => {
    const window = await start();
    await window.row('Campaigns');
    const open = window.fake.openFolder;
    let answer: (() => void) | undefined;
    window.fake.openFolder = async (place, target) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return open(place, target);
    };
    await fireEvent.dblClick(await window.row('Campaigns'));
    await waitFor(() => expect(window.fake.dropsInto).toBeNull());
    window.fake.openFolder = open;
    await window.user.click(await window.find(TestId.PlaceSwitcher));
    await window.user.click(await window.find(TestId.PlaceItem, '[data-place="practice"]'));
    await window.row('Brochure.pdf');
    await waitFor(() => expect(window.fake.dropsInto).toBe(2));
    answer?.();
    await window.fake.openFolder('practice', { kind: 'root' });
    expect(window.fake.dropsInto).toBe(2);
  });

  it('refuses a drop where nothing may be added', async () => {
    const window = await start();
    await window.row('Campaigns');
    window.fake.hoverDrop(1, 10, 'Campaigns', false);
    expect((await window.find(TestId.DropOverlay)).dataset.allowed).toBe('false');
    expect(text(await window.find(TestId.DropTitle))).toBe('You can’t upload here');
  });

  it('reads longer words in the pseudo-language', async () => {
    const window = await start({ start: { pseudo: true } });
    expect(text(await window.find(TestId.Upload))).toMatch(/^\[.+\]$/);
    expect(document.documentElement.lang).toBe('en-XA');
  });
});
