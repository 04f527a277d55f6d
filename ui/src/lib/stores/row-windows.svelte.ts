/** The rows near the window: fetched in pages, asked again when the listing has a newer revision. */
import { SvelteMap } from 'svelte/reactivity';
import type { Row, RowWindow } from '../backend/backend';

export const PAGE = 100;
const KEPT_PAGES = 60;

interface Page<One> {
  revision: number;
  rows: One[];
}

export class RowWindows<One extends { id: number | string } = Row> {
  #pages = new SvelteMap<number, Page<One>>();
  #asked = new Map<number, number>();

  constructor(
    private readonly fetch: (from: number, count: number) => Promise<RowWindow<One>>,
    private readonly failed: (thrown: unknown) => void,
  ) {}

  /** A row that may be one revision old; undefined while it was never read. */
  at(index: number): One | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.rows[index % PAGE];
  }

  /** Where a row is among those that were read, at this revision or later. */
  indexOf(id: One['id'], since = 0): number | null {
    for (const [page, { revision, rows }] of this.#pages) {
      if (revision < since) continue;
      const place = rows.findIndex((row) => row.id === id);
      if (place >= 0) return page * PAGE + place;
    }
    return null;
  }

  /** A first page that was read elsewhere. */
  keep({ revision, from, rows }: RowWindow<One>): void {
    this.#pages.set(Math.floor(from / PAGE), { revision, rows });
  }

  async ensure(from: number, to: number, revision: number): Promise<void> {
    const wanted: number[] = [];
    for (let page = Math.floor(from / PAGE); page <= Math.floor(to / PAGE); page += 1) {
      const fresh = (this.#pages.get(page)?.revision ?? -1) >= revision;
      if (!fresh && (this.#asked.get(page) ?? -1) < revision) wanted.push(page);
    }
    await Promise.all(wanted.map((page) => this.#load(page, revision)));
    this.#forgetFar(Math.floor(from / PAGE));
  }

  /** Reads on from `from` until a row fits, at most `most` rows; for typing ahead and for ranges. */
  async find(from: number, most: number, count: number, fits: (row: One) => boolean): Promise<number | null> {
    for (let start = from; start < Math.min(from + most, count); start += 500) {
      const window = await this.fetch(start, Math.min(500, count - start));
      const place = window.rows.findIndex(fits);
      if (place >= 0) return start + place;
    }
    return null;
  }

  async ids(from: number, to: number): Promise<One['id'][]> {
    const ids: One['id'][] = [];
    for (let start = from; start <= to; start += 500) {
      const window = await this.fetch(start, Math.min(500, to - start + 1));
      ids.push(...window.rows.map((row) => row.id));
    }
    return ids;
  }

  async #load(page: number, revision: number): Promise<void> {
    this.#asked.set(page, revision);
    try {
      const window = await this.fetch(page * PAGE, PAGE);
      const known = this.#pages.get(page)?.revision ?? -1;
      if (window.revision >= known) this.#pages.set(page, { revision: window.revision, rows: window.rows });
    } catch (thrown) {
      this.failed(thrown);
    } finally {
      if (this.#asked.get(page) === revision) this.#asked.delete(page);
    }
  }

  #forgetFar(near: number): void {
    if (this.#pages.size <= KEPT_PAGES) return;
    for (const page of [...this.#pages.keys()]) {
      if (Math.abs(page - near) > KEPT_PAGES / 2) this.#pages.delete(page);
    }
  }
}
