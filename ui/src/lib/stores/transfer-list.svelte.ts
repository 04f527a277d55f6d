/** The transfers on their screen: which are shown, the rows near the window, and the row in hand. */
import type { Backend, Transfer, TransferFilter } from '../backend/backend';
import { count } from '../i18n/formats';
import { t } from '../i18n/words.svelte';
import type { Announcer } from './announcer.svelte';
import type { Notices } from './notices.svelte';
import { RowWindows } from './row-windows.svelte';
import type { TransfersView } from './transfers.svelte';

/** So long after the pointer moved over them, rows keep their places: nobody hits the wrong button. */
const STILL_TIME = 1500;

export class TransferList {
  filter = $state<TransferFilter>('all');
  rows = $state.raw(this.#windows('all'));
  hand = $state(0);
  handId = $state<number | null>(null);
  #still = $state(false);
  /** Rows older than this are of other places: a folder was opened or closed since. */
  #least = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly backend: Backend,
    private readonly transfers: TransfersView,
    private readonly announcer: Announcer,
    private readonly notices: Notices,
  ) {}

  counts = $derived.by(() => this.transfers.now.counts);
  count = $derived.by(() => this.transfers.now.rows[this.filter]);
  #news = $derived.by(() => new Map(this.transfers.now.items.map((item) => [item.id, item])));

  /** The newest that is known of a row. */
  at(index: number): Transfer | undefined {
    const row = this.rows.at(index);
    return row && (this.#news.get(row.id) ?? row);
  }

  handRow = $derived.by((): Transfer | undefined => this.at(this.hand));

  show(filter: TransferFilter): void {
    if (filter === this.filter) return;
    this.filter = filter;
    this.rows = this.#windows(filter);
    this.hand = 0;
    this.handId = null;
    const label = t(`transfers.filter.${filter}`);
    this.announcer.say(
      t('transfers.announce.filtered', { filter: label, count: count(this.counts[filter]) }),
    );
  }

  /** Reads what is near the window; the row in hand is followed to its new place. */
  async near(from: number, to: number): Promise<void> {
    const { rows, count } = this;
    const { revision } = this.transfers.now;
    if (count === 0) return;
    await rows.ensure(Math.max(0, from), Math.min(to, count - 1), this.#still ? this.#least : revision);
    if (rows !== this.rows) return;
    const place = this.handId === null ? null : rows.indexOf(this.handId, revision);
    this.hand = Math.max(0, Math.min(place ?? this.hand, count - 1));
    this.handId = rows.at(this.hand)?.id ?? this.handId;
  }

  take(index: number, id?: number): void {
    this.hand = Math.max(0, Math.min(index, this.count - 1));
    this.handId = id ?? this.rows.at(this.hand)?.id ?? null;
  }

  /** Shows the files of a folder below it, or hides them. */
  async toggle({ id, files }: Transfer): Promise<void> {
    const opened = await this.transfers.open(id, !files?.isOpen);
    if (opened) this.#least = opened.revision;
  }

  /** The row of the folder that a file is in, as far up as rows were read. */
  folderOf(index: number): number {
    let above = index - 1;
    while (above > 0 && this.rows.at(above)?.inFolder) above -= 1;
    return Math.max(0, above);
  }

  /** The pointer is on its way to something. */
  keepStill(): void {
    this.#still = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.letGo(), STILL_TIME);
  }

  letGo(): void {
    clearTimeout(this.#timer);
    this.#still = false;
  }

  #windows(filter: TransferFilter): RowWindows<Transfer> {
    return new RowWindows<Transfer>(
      (from, count) => this.backend.getTransferRows(filter, from, count),
      (thrown) => this.notices.show(thrown),
    );
  }
}
