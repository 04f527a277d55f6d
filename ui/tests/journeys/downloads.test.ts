import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { TestId } from '../../src/lib/testids';
import { start, text, type Window } from '../start';

async function inCampaigns(): Promise<Window> {
  const window = await start();
  await window.openFolder('Campaigns');
  return window;
}

const title = async (window: Window) => text(await window.find(TestId.TransfersTitle));

describe('downloads', () => {
  it('begin with the button for what is selected, which says so while nothing is', async () => {
    const window = await inCampaigns();
    const button = await window.find(TestId.Download);
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(button.title).toBe('Select what to download first');
    await window.user.click(button);
    expect(window.all(TestId.TransfersBar)).toHaveLength(0);
    await window.user.click(await window.row('Visitor list.csv'));
    await window.press('{Shift>}{ArrowDown}{/Shift}');
    await waitFor(() => expect(button.getAttribute('aria-disabled')).toBeNull());
    await window.user.click(button);
    await window.says('Downloading 2 files');
    await waitFor(async () => expect(await title(window)).toBe('2 files downloaded'));
    await window.says('2 files downloaded');
    await window.user.click(await window.find(TestId.TransfersToggle));
    const states = () => window.all(TestId.Transfer).map((item) => item.dataset.state);
    await waitFor(() => expect(states()).toEqual(['downloaded', 'downloaded']));
    await window.user.click(await window.find(TestId.TransferShow));
    expect(window.fake.asked).toEqual([expect.stringMatching(/^folder of transfer/)]);
  });

  it('take a folder with all that is in it, from its menu', async () => {
    const window = await inCampaigns();
    await window.user.click(await window.row('Autumn campaign'));
    await window.press('{Shift>}{F10}{/Shift}');
    const entry = await window.find(TestId.MenuDownload);
    expect(text(entry)).toBe('Download Ctrl D');
    await window.user.click(entry);
    await waitFor(async () => expect(await title(window)).toBe('2 files downloaded'));
  });

  it('count what is selected in the menu', async () => {
    const window = await inCampaigns();
    await window.user.click(await window.row('Visitor list.csv'));
    await window.press('{Shift>}{ArrowDown}{ArrowDown}{/Shift}{Shift>}{F10}{/Shift}');
    expect(text(await window.find(TestId.MenuDownload))).toBe('Download 3 Ctrl D');
  });

  it('begin with Ctrl+D for the row in hand', async () => {
    const window = await inCampaigns();
    await window.user.click(await window.row('Visitor list.csv'));
    await window.press('{Control>}d{/Control}');
    await waitFor(async () => expect(await title(window)).toBe('1 file downloaded'));
  });

  it('say when there is no file in what was chosen', async () => {
    const window = await start();
    await window.user.click(await window.row('Fair 2027'));
    await window.press('{Control>}d{/Control}');
    expect(text(await window.find(TestId.ToastText))).toBe('There is no file in it to download.');
  });

  it('name what needs the person first', async () => {
    const window = await start();
    await window.openFolder('Things that go wrong');
    await window.user.click(await window.row('archived.pdf'));
    await window.press('{Control>}d{/Control}');
    await waitFor(async () => expect(await title(window)).toBe('1 needs you'));
  });
});
