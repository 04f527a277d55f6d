import { describe, expect, it } from 'vitest';
import type { Row, RowWindow } from '../src/lib/backend/backend';
import { RowWindows } from '../src/lib/stores/row-windows.svelte';

function row(id: number): Row {
  return {
    id,
    kind: 'file',
    name: `File ${id}`,
    typeLabel: 'TXT',
    typeGroup: 'text',
    sizeBytes: 1,
    changedAt: null,
    linkEndsAt: null,
    linkCount: 0,
    program: false,
  };
}

function windows(answer: { revision: number }) {
  const asked: [number, number][] = [];
  const fetch = async (from: number, count: number): Promise<RowWindow> => {
    asked.push([from, count]);
    const { revision } = answer;
    return {
      revision,
      from,
      rows: Array.from({ length: count }, (_, place) => row(revision * 10_000 + from + place)),
    };
  };
  return { asked, rows: new RowWindows(fetch, () => undefined) };
}

describe('windows of rows', () => {
  it('are asked for once, in pages', async () => {
    const { asked, rows } = windows({ revision: 1 });
    await Promise.all([rows.ensure(0, 30, 1), rows.ensure(90, 110, 1)]);
    await rows.ensure(5, 105, 1);
    expect(asked).toEqual([
      [0, 100],
      [100, 100],
    ]);
    expect(rows.at(104)?.id).toBe(10_104);
    expect(rows.at(300)).toBeUndefined();
  });

  it('are asked for again when the list has changed, and shown until then', async () => {
    const answer = { revision: 1 };
    const { asked, rows } = windows(answer);
    await rows.ensure(0, 10, 1);
    answer.revision = 2;
    const again = rows.ensure(0, 10, 2);
    expect(rows.at(3)?.id).toBe(10_003);
    await again;
    expect(rows.at(3)?.id).toBe(20_003);
    expect(asked).toHaveLength(2);
  });

  it('do not grow without end', async () => {
    const { rows } = windows({ revision: 1 });
    for (let from = 0; from < 20_000; from += 100) await rows.ensure(from, from + 99, 1);
    expect(rows.at(0)).toBeUndefined();
    expect(rows.at(19_950)).toBeDefined();
  });

  it('give the ids of a range beyond one window', async () => {
    const { asked, rows } = windows({ revision: 1 });
    const ids = await rows.ids(10, 1209);
    expect(ids).toHaveLength(1200);
    expect(asked.every(([, count]) => count <= 500)).toBe(true);
  });
});
