/** The folder in the window: its listing, its rows near the window, the row in hand and the selected ones. */
import { SvelteSet } from 'svelte/reactivity';
import type { Backend, FolderTarget, LinkTarget, Listing, Problem, Row, SortBy } from '../backend/backend';
import { problemOf } from '../errors/present';
import { t } from '../i18n/words.svelte';
import type { Announcer } from './announcer.svelte';
import { RowWindows } from './row-windows.svelte';

const SEARCH_PAUSE = 150;
const TYPE_AHEAD_ROWS = 10_000;

export class Folder {
  listing = $state.raw<Listing | null>(null);
  /** The path on its way in, shown before the first answer. */
  opening = $state.raw<string[] | null>(null);
  /** Opening was refused as a whole. */
  refused = $state.raw<Problem | null>(null);
  rows = $state.raw<RowWindows>(
    new RowWindows(
      async () => ({ revision: 0, from: 0, rows: [] }),
      () => undefined,
    ),
  );
  /** Row in hand: where it is, and which one. */
  hand = $state(0);
  handId = $state<number | null>(null);
  readonly selected = new SvelteSet<number>();
  searchText = $state('');
  #anchor = 0;
  /** The row in hand was selected before it was read. */
  #selectWhenRead = false;
  #turn = 0;
  /** News of a folder on its way in: it may overtake the answer that opens it. Numbers of listings only grow. */
  #early: Listing | null = null;
  /** What to do again when opening was refused. */
  #openAgain: (() => Promise<void>) | null = null;
  #searchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly backend: Backend,
    private readonly announcer: Announcer,
  ) {}

  crumbs = $derived(this.opening ?? this.listing?.crumbs ?? []);
  name = $derived(this.crumbs[this.crumbs.length - 1] ?? '');
  problem = $derived(this.refused ?? this.listing?.problem ?? null);
  count = $derived(this.opening ? 0 : (this.listing?.count ?? 0));
  loading = $derived(this.opening !== null || (this.listing?.loading ?? true));
  /** There is a problem in the place of the list. */
  unreadable = $derived(
    this.opening === null &&
      (this.refused !== null || (this.problem !== null && this.count === 0 && !this.loading)),
  );
  /** There is something to go back to: the folder above, or the one that a refused folder was opened from. */
  canGoBack = $derived(this.listing !== null && (this.refused !== null || this.crumbs.length > 1));
  /** The listing that is on the screen. */
  takesDrops = $derived(this.opening || this.unreadable ? null : (this.listing?.id ?? null));
  handRow = $derived.by((): Row | undefined => {
    const row = this.rows.at(this.hand);
    return row && (this.handId === null || row.id === this.handId) ? row : undefined;
  });

  /** What a deed for several is for: the selected rows, else the one in hand. */
  get toTake(): number[] {
    if (this.selected.size > 0) return [...this.selected];
    return this.handRow ? [this.handRow.id] : [];
  }

  /** What one link would be for: the selected rows together, else the row in hand. */
  get toShare(): LinkTarget | null {
    const [only, ...others] = this.toTake;
    if (only === undefined) return null;
    const row = others.length === 0 ? this.#known(only) : undefined;
    return row ? this.targetOf(row) : { kind: 'rows', listing: this.listing?.id ?? 0, rows: this.toTake };
  }

  /** What a link that is asked for on a row would be for: all that are selected with it. */
  targetOf(row: Row): LinkTarget {
    const listing = this.listing?.id ?? 0;
    if (this.selected.size > 1 && this.selected.has(row.id))
      return { kind: 'rows', listing, rows: [...this.selected] };
    return row.kind === 'file'
      ? { kind: 'row', listing, row: row.id }
      : { kind: 'rows', listing, rows: [row.id] };
  }

  #known(id: number): Row | undefined {
    return this.handRow?.id === id ? this.handRow : this.rows.at(this.rows.indexOf(id) ?? -1);
  }

  async openPlace(place: string, name: string): Promise<void> {
    this.listing = null;
    await this.#open(place, { kind: 'root' }, [name]);
  }

  async openRow(row: Row): Promise<void> {
    if (!this.listing || row.kind !== 'folder') return;
    const { place, id, crumbs } = this.listing;
    await this.#open(place, { kind: 'row', listing: id, row: row.id }, [...crumbs, row.name]);
  }

  async openCrumb(index: number): Promise<void> {
    if (!this.listing) return;
    const { place, id, crumbs } = this.listing;
    await this.#open(place, { kind: 'crumb', listing: id, index }, crumbs.slice(0, index + 1));
  }

  /** One folder up; out of a folder that was refused, back to where the person was. */
  async goUp(): Promise<void> {
    if (this.refused && this.listing) {
      this.refused = null;
      this.searchText = this.listing.searchText;
    } else if (this.listing && this.listing.crumbs.length > 1)
      await this.openCrumb(this.listing.crumbs.length - 2);
  }

  async refresh(): Promise<void> {
    const { listing } = this;
    if (this.opening) return;
    if (this.refused && this.#openAgain) await this.#openAgain();
    else if (listing) {
      this.#deselect();
      await this.#replace(() => this.backend.refreshFolder(listing.id));
    }
  }

  async sort(by: SortBy, column: string): Promise<void> {
    const { listing } = this;
    if (!listing || this.opening) return;
    const descending = listing.sortBy === by ? !listing.descending : by !== 'name';
    await this.#replace(() => this.backend.sortFolder(listing.id, by, descending));
    this.#toTop();
    this.announcer.say(t('files.announce.sorted', { column }));
  }

  search(text: string, now = false): void {
    this.searchText = text;
    clearTimeout(this.#searchTimer);
    this.#searchTimer = setTimeout(() => void this.#search(text), now ? 0 : SEARCH_PAUSE);
  }

  /** News of a listing; older ones and those of folders that were left are let go. */
  changed(listing: Listing): void {
    const shown = this.listing?.id ?? 0;
    if (listing.id > shown) this.#early = listing;
    else if (listing.id === shown && listing.revision >= (this.listing?.revision ?? 0))
      this.listing = listing;
  }

  /** Reads what is near the window, and finds the row in hand again after the order changed. */
  async near(from: number, to: number): Promise<void> {
    const { listing, rows } = this;
    if (!listing || listing.count === 0) return;
    await rows.ensure(Math.max(0, from), Math.min(to, listing.count - 1), listing.revision);
    if (rows !== this.rows) return;
    const inHand = rows.at(this.hand);
    if (!inHand || inHand.id === this.handId) return;
    if (this.handId === null) {
      this.handId = inHand.id;
      if (this.#selectWhenRead) this.selected.add(inHand.id);
    } else this.hand = rows.indexOf(this.handId) ?? this.hand;
  }

  /** Takes a row in hand, without selecting it. */
  take(index: number): void {
    this.hand = Math.max(0, Math.min(index, this.count - 1));
    this.handId = this.rows.at(this.hand)?.id ?? null;
    this.#selectWhenRead = false;
  }

  selectOne(index: number): void {
    this.take(index);
    this.#anchor = this.hand;
    this.selected.clear();
    this.#selectWhenRead = this.handId === null;
    if (this.handId !== null) this.selected.add(this.handId);
  }

  toggle(index: number): void {
    this.take(index);
    this.#anchor = this.hand;
    const row = this.rows.at(this.hand);
    if (row && !this.selected.delete(row.id)) this.selected.add(row.id);
    this.#sayCount();
  }

  async selectTo(index: number): Promise<void> {
    this.take(index);
    const [from, to] = [Math.min(this.#anchor, this.hand), Math.max(this.#anchor, this.hand)];
    await this.#selectRange(from, to);
  }

  async selectAll(): Promise<void> {
    if (this.count > 0) await this.#selectRange(0, this.count - 1);
  }

  /** The next row whose name begins like this, from the row in hand on. */
  async typeAhead(text: string): Promise<number | null> {
    const begins = (row: Row) => row.name.toLowerCase().startsWith(text.toLowerCase());
    const from = text.length === 1 ? this.hand + 1 : this.hand;
    return (
      (await this.rows.find(from, TYPE_AHEAD_ROWS, this.count, begins)) ??
      (await this.rows.find(0, TYPE_AHEAD_ROWS, Math.min(from, this.count), begins))
    );
  }

  async #selectRange(from: number, to: number): Promise<void> {
    const ids = await this.rows.ids(from, to);
    this.selected.clear();
    ids.forEach((id) => this.selected.add(id));
    this.#sayCount();
  }

  #sayCount(): void {
    this.announcer.say(t('files.announce.selected', { count: this.selected.size }));
  }

  async #open(place: string, target: FolderTarget, crumbs: string[]): Promise<void> {
    const turn = ++this.#turn;
    clearTimeout(this.#searchTimer);
    this.opening = crumbs;
    this.refused = null;
    this.#openAgain = null;
    this.searchText = '';
    try {
      const listing = await this.backend.openFolder(place, target);
      if (turn !== this.#turn) return;
      // What was typed meanwhile is looked for in the folder that it was typed over.
      const typed = this.searchText;
      this.#show(listing);
      if (typed !== listing.searchText) this.search(typed, true);
      const { count } = listing;
      if (!listing.problem) this.announcer.say(t('files.announce.opened', { folder: this.name, count }));
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.refused = problemOf(thrown);
      this.opening = null;
      this.#openAgain = () => this.#open(place, target, crumbs);
    }
  }

  #show(listing: Listing): void {
    const windowOf = (from: number, count: number) => this.backend.getRows(listing.id, from, count);
    this.rows = new RowWindows(windowOf, (thrown) => {
      if (this.listing?.id === listing.id && this.listing.count > 0) this.refused = problemOf(thrown);
    });
    this.selected.clear();
    this.#toTop();
    this.searchText = listing.searchText;
    this.listing = listing;
    this.opening = null;
    if (this.#early?.id === listing.id) this.changed(this.#early);
    this.#early = null;
  }

  /** Other rows are to come: nothing stays selected that may not be among them. */
  #deselect(): void {
    this.selected.clear();
    this.#selectWhenRead = false;
  }

  /** Another order: the first row is in hand, whichever it will be. */
  #toTop(): void {
    this.hand = 0;
    this.handId = null;
    this.#anchor = 0;
    this.#selectWhenRead = false;
  }

  async #search(text: string): Promise<void> {
    const { listing } = this;
    if (!listing || this.opening || listing.searchText === text) return;
    this.#deselect();
    await this.#replace(() => this.backend.searchFolder(listing.id, text));
    this.#toTop();
    this.announcer.say(t('files.announce.found', { count: this.count }));
  }

  async #replace(ask: () => Promise<Listing>): Promise<void> {
    const turn = ++this.#turn;
    try {
      const listing = await ask();
      if (turn !== this.#turn) return;
      this.refused = null;
      if (listing.id === this.listing?.id) this.changed(listing);
      else this.#show(listing);
    } catch (thrown) {
      if (turn === this.#turn) this.refused = problemOf(thrown);
    }
  }
}
