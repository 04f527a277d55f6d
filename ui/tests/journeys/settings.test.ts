import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../src/features/settings/megabytes';
import { refuse } from '../../src/lib/backend/fake/problems';
import { TestId } from '../../src/lib/testids';
import { start, text, type Window } from '../start';

async function settings(): Promise<Window> {
  const window = await start();
  await window.user.click(await window.find(TestId.NavSettings));
  await window.find(TestId.SettingsSpeedNow);
  return window;
}

async function type(window: Window, typed: string): Promise<void> {
  const field = await window.find(TestId.SettingsSpeed);
  await window.user.clear(field);
  await window.user.type(field, `${typed}{Enter}`);
}

const now = async (window: Window) => (await window.fake.getSettings()).speed;
const says = (window: Window, words: string) =>
  waitFor(async () => expect(text(await window.find(TestId.SettingsSpeedNow))).toBe(words));

describe('the news before a link ends', () => {
  it('are off at first, and kept as soon as they are wished', async () => {
    const window = await settings();
    const wish = (await window.find(TestId.SettingsTellBeforeEnd)) as HTMLInputElement;
    expect(wish.checked).toBe(false);
    await window.user.click(wish);
    await waitFor(async () => expect((await window.fake.getSettings()).tellBeforeEnd).toBe(true));
    expect(await now(window)).toEqual({ limited: false, bytesPerSecond: 5_000_000 });
    await window.user.click(await window.find(TestId.SettingsSpeedLimited));
    await says(window, 'Everything together moves at 5 MB/s at most, from now on.');
    expect((await window.fake.getSettings()).tellBeforeEnd).toBe(true);
  });

  it('stay as they were when that can not be kept', async () => {
    const window = await settings();
    window.fake.replaceSettings = async () => refuse('ledgerUnreadable');
    await window.user.click(await window.find(TestId.SettingsTellBeforeEnd));
    await window.user.click(await window.find(TestId.ProblemClose));
    await waitFor(() =>
      expect((window.all(TestId.SettingsTellBeforeEnd)[0] as HTMLInputElement).checked).toBe(false),
    );
  });
});

describe('the speed limit', () => {
  it('is off at first, and kept as soon as it is chosen', async () => {
    const window = await settings();
    await says(window, 'Everything moves as fast as the line allows.');
    expect(window.all(TestId.SettingsSpeed)).toHaveLength(0);
    await window.user.click(await window.find(TestId.SettingsSpeedLimited));
    await says(window, 'Everything together moves at 5 MB/s at most, from now on.');
    expect(await now(window)).toEqual({ limited: true, bytesPerSecond: 5_000_000 });
    await window.says('at most');
    await type(window, '2,5');
    await says(window, 'Everything together moves at 2.5 MB/s at most, from now on.');
    await window.user.click(await window.find(TestId.SettingsSpeedFree));
    await says(window, 'Everything moves as fast as the line allows.');
    expect(await now(window)).toEqual({ limited: false, bytesPerSecond: 2_500_000 });
  });

  it('that is no number is told at its field, and changes nothing', async () => {
    const window = await settings();
    await window.user.click(await window.find(TestId.SettingsSpeedLimited));
    await says(window, 'Everything together moves at 5 MB/s at most, from now on.');
    for (const typed of ['fast', '0', '-3', '1e9', '2000']) {
      await type(window, typed);
      expect(text(await window.find(TestId.FieldTrouble))).toBe('Type a number from 0.1 to 1,000.');
      expect(await now(window)).toEqual({ limited: true, bytesPerSecond: 5_000_000 });
    }
    await type(window, '8');
    await window.gone(TestId.FieldTrouble);
    expect(await now(window)).toEqual({ limited: true, bytesPerSecond: 8_000_000 });
  });

  it('that can not be kept is told, and stays as it was', async () => {
    const window = await settings();
    window.fake.replaceSettings = async () => refuse('ledgerUnreadable');
    await window.user.click(await window.find(TestId.SettingsSpeedLimited));
    expect((await window.find(TestId.Problem)).dataset.code).toBe('ledgerUnreadable');
    await window.user.click(await window.find(TestId.ProblemClose));
    await waitFor(() =>
      expect((window.all(TestId.SettingsSpeedFree)[0] as HTMLInputElement).checked).toBe(true),
    );
    await says(window, 'Everything moves as fast as the line allows.');
  });

  it('is left with Escape', async () => {
    const window = await settings();
    await window.press('{Escape}');
    await window.find(TestId.Files);
  });

  it('is read with a point and with a comma', () => {
    expect(['1', '0.25', '0,25', ' 12 ', '.5', '1000'].map(bytesOf)).toEqual([
      1_000_000, 250_000, 250_000, 12_000_000, 500_000, 1_000_000_000,
    ]);
    expect(['', '1.2.3', '1 000', '٣', '1000.1', '0.09'].map(bytesOf)).toEqual(Array(6).fill(null));
  });
});
