import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Code } from '../../src/lib/backend/backend';
import { TestId } from '../../src/lib/testids';
import { start, text, type Window } from '../start';

const refused = (count: number, trouble: Code) =>
  Array.from({ length: count }, (_, index) => ({
    name: `${trouble} ${index}.pdf`,
    sizeBytes: 20_000,
    trouble,
  }));

/** Uploads what will be refused, and shows the transfers. */
async function after(files: ReturnType<typeof refused>): Promise<Window> {
  const window = await start({ chooser: [files] });
  await window.user.click(await window.find(TestId.Upload));
  await window.user.click(await window.find(TestId.NavTransfers));
  await waitFor(
    async () => expect(text(await window.find(TestId.TransfersTitle))).toBe(`${files.length} need you`),
    { timeout: 4000 },
  );
  return window;
}

describe('one cause of many', () => {
  it('is told once, with one button for all of them', async () => {
    const window = await after(refused(12, 'uploadDenied'));
    const cause = await window.find(TestId.TransferCause);
    expect(text(cause)).toContain('You can’t upload here · 12 files');
    expect(text(cause)).toContain('Your account may read “Board papers” but not add files.');
    await waitFor(() => expect(window.all(TestId.TransferUnder)).toHaveLength(12));
    const rows = window.all(TestId.TransferUnder).map(text);
    expect(new Set(rows)).toEqual(new Set(['20 KB · to Marketing']));
    expect(window.all(TestId.TransferAction)).toHaveLength(0);
    await window.user.click(await window.find(TestId.TransferCauseRetry));
    await window.gone(TestId.TransferCause);
    await waitFor(
      async () => expect(text(await window.find(TestId.TransfersTitle))).toBe('12 files uploaded'),
      { timeout: 4000 },
    );
  });

  it('is told beside another, the larger first, and what is alone says it itself', async () => {
    const files = [...refused(2, 'storageFull'), ...refused(3, 'uploadDenied'), ...refused(1, 'keyUnknown')];
    const window = await after(files);
    expect(window.all(TestId.TransferCause).map((cause) => cause.dataset.code)).toEqual(['uploadDenied']);
    await waitFor(() => expect(window.all(TestId.TransferAction)).toHaveLength(3));
  });

  it('is told in the list of the bar too', async () => {
    const window = await after(refused(3, 'uploadDenied'));
    await window.user.click(await window.find(TestId.NavFiles));
    await window.user.click(await window.find(TestId.TransfersToggle));
    await window.find(TestId.TransferCause);
    expect(window.all(TestId.TransferUnder).map(text)).toEqual(Array(3).fill('20 KB · to Marketing'));
  });

  it('is not told where nobody needs the person', async () => {
    const window = await after(refused(25, 'uploadDenied'));
    await window.find(TestId.TransferCause);
    await window.user.click(await window.find(TestId.TransfersFilter, '[data-filter="active"]'));
    await window.gone(TestId.TransferCause);
  });
});
