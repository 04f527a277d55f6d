/** Listings as the app keeps them: pages arrive over time, rows are sorted and searched here. */
import type { FolderTarget, Listing, RowWindow, SortBy } from '../backend';
import { problem, refuse } from './problems';
import { toRow, type Entry, type File, type Folder } from './tree';

const PAGE = 1000;
const BIG_PAGE = 10_000;

interface Live {
  listing: Listing;
  path: Folder[];
  folder: Folder;
  arrived: number;
  order: Entry[] | null;
}

const names = new Intl.Collator('en', { numeric: true });

export class FakeListings {
  #live = new Map<number, Live>();
  #last = 0;
  #revision = 0;

  constructor(
    private readonly roots: Map<string, Folder>,
    private readonly pause: (units: number) => Promise<void>,
    private readonly changed: (listing: Listing) => void,
  ) {}

  async open(place: string, target: FolderTarget): Promise<Listing> {
    const { path, folder } = this.#pathOf(place, target);
    await this.pause(1);
    const id = ++this.#last;
    const listing: Listing = {
      id,
      revision: ++this.#revision,
      place,
      crumbs: path.map((one) => one.name),
      count: 0,
      total: 0,
      complete: false,
      loading: true,
      searchText: '',
      sortBy: 'name',
      descending: false,
      problem: null,
    };
    const live: Live = { listing, path, folder, arrived: 0, order: null };
    this.#live.set(id, live);
    this.#arrive(live);
    if (live.listing.loading) void this.#goOn(live);
    return this.#answer(live);
  }

  async window(id: number, from: number, count: number): Promise<RowWindow> {
    const live = this.#get(id);
    await this.pause(0.2);
    const rows = this.#ordered(live).slice(from, from + Math.min(count, 500));
    return { revision: live.listing.revision, from, rows: rows.map(toRow) };
  }

  async search(id: number, text: string): Promise<Listing> {
    const live = this.#get(id);
    await this.pause(0.3);
    live.listing.searchText = text;
    this.#touch(live);
    return this.#answer(live);
  }

  async sort(id: number, by: SortBy, descending: boolean): Promise<Listing> {
    const live = this.#get(id);
    await this.pause(0.3);
    Object.assign(live.listing, { sortBy: by, descending });
    this.#touch(live);
    return this.#answer(live);
  }

  async refresh(id: number): Promise<Listing> {
    const live = this.#get(id);
    await this.pause(1);
    live.arrived = 0;
    Object.assign(live.listing, { loading: true, complete: false, problem: null });
    this.#arrive(live);
    if (live.listing.loading) void this.#goOn(live);
    return this.#answer(live);
  }

  folderOf(id: number): Folder {
    return this.#get(id).folder;
  }

  placeOf(id: number): string {
    return this.#get(id).listing.place;
  }

  entryOf(id: number, row: number): Entry {
    return this.folderOf(id).entries.find((entry) => entry.id === row) ?? refuse('fileGone');
  }

  /** The folders on screens that hold one of these. */
  holding(files: File[]): Set<Folder> {
    const folders = [...this.#live.values()].map(({ folder }) => folder);
    return new Set(folders.filter(({ entries }) => files.some((file) => entries.includes(file))));
  }

  /** Something in this folder changed: every listing of it says so. */
  touched(folder: Folder): void {
    for (const live of this.#live.values()) {
      if (live.folder !== folder || live.listing.loading) continue;
      live.arrived = folder.entries.length;
      this.#touch(live);
      this.changed(this.#answer(live));
    }
  }

  #get(id: number): Live {
    return this.#live.get(id) ?? refuse('fileGone');
  }

  #pathOf(place: string, target: FolderTarget): { path: Folder[]; folder: Folder } {
    if (target.kind === 'root') {
      const root = this.roots.get(place) ?? refuse('placeNotFound', { place });
      return { path: [root], folder: root };
    }
    const { path } = this.#get(target.listing);
    if (target.kind === 'crumb') {
      const folder = path[target.index] ?? refuse('fileGone');
      return { path: path.slice(0, target.index + 1), folder };
    }
    const entry = this.entryOf(target.listing, target.row);
    if (entry.kind !== 'folder') return refuse('fileGone', { file: entry.name });
    return { path: [...path, entry], folder: entry };
  }

  async #goOn(live: Live): Promise<void> {
    while (live.listing.loading) {
      await this.pause(1.5);
      this.#arrive(live);
      this.changed(this.#answer(live));
    }
  }

  #arrive(live: Live): void {
    const { entries, trouble } = live.folder;
    const page = entries.length > 20 * PAGE ? BIG_PAGE : PAGE;
    const end = trouble ? Math.min(trouble.readable, entries.length) : entries.length;
    live.arrived = Math.min(end, live.arrived + page);
    if (live.arrived === end) {
      live.listing.loading = false;
      live.listing.complete = !trouble;
      if (trouble) live.listing.problem = problem(trouble.code, { folder: live.folder.name });
    }
    this.#touch(live);
  }

  #touch(live: Live): void {
    live.order = null;
    live.listing.revision = ++this.#revision;
    live.listing.total = live.arrived;
    live.listing.count = this.#ordered(live).length;
  }

  #ordered(live: Live): Entry[] {
    if (live.order) return live.order;
    const { sortBy, descending, searchText } = live.listing;
    const wanted = searchText.trim().toLowerCase();
    const sign = descending ? -1 : 1;
    const entries = live.folder.entries
      .slice(0, live.arrived)
      .filter((entry) => wanted === '' || entry.name.toLowerCase().includes(wanted));
    const value = (entry: Entry): number => {
      if (entry.kind === 'folder') return 0;
      return sortBy === 'size' ? entry.sizeBytes : Date.parse(entry.changedAt);
    };
    live.order = entries.sort((one, other) => {
      if (one.kind !== other.kind) return one.kind === 'folder' ? -1 : 1;
      const byValue = sortBy === 'name' ? 0 : value(one) - value(other);
      return sign * (byValue || names.compare(one.name, other.name));
    });
    return live.order;
  }

  #answer(live: Live): Listing {
    return { ...live.listing, crumbs: [...live.listing.crumbs] };
  }
}
