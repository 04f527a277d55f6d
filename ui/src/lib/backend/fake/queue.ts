/** The transfers of the fake in lanes, so that a hundred thousand of them are counted and shown without a walk. */
import type { Code, Transfer, TransferFilter, TransferLine, Transfers, TransferState } from '../backend';
import type { File, Folder } from './tree';

export interface Item {
  transfer: Transfer;
  /** Where an upload goes; null for a download. */
  folder: Folder | null;
  changedAt: Date;
  trouble: Code | null;
  stored: File | null;
}

type Lane = 'needsYou' | 'moving' | 'held' | 'paused' | 'waiting' | 'over';

const LANES: Record<TransferState, Lane> = {
  needsYou: 'needsYou',
  uploading: 'moving',
  downloading: 'moving',
  checking: 'moving',
  held: 'held',
  paused: 'paused',
  waiting: 'waiting',
  uploaded: 'over',
  downloaded: 'over',
  stopped: 'over',
  skipped: 'over',
};
const SHOWN: Record<TransferFilter, Lane[]> = {
  all: ['needsYou', 'moving', 'held', 'paused', 'waiting', 'over'],
  active: ['moving', 'held', 'paused', 'waiting'],
  needsYou: ['needsYou'],
  finished: ['over'],
};
const PAUSABLE: TransferState[] = ['waiting', 'uploading', 'downloading', 'held'];
const UNCOUNTED: TransferState[] = ['stopped', 'skipped'];

export class Queue {
  #lanes = new Map<Lane, Set<Item>>();
  #states = new Map<TransferState, number>();
  #items = new Map<number, Item>();
  #doneBytes = 0;
  #totalBytes = 0;
  #downloads = 0;

  add(item: Item): void {
    this.#items.set(item.transfer.id, item);
    this.#count(item, 1);
    this.#lane(item.transfer.state).add(item);
  }

  change(item: Item, changes: Partial<Transfer>): void {
    const { transfer } = item;
    const before = transfer.state;
    this.#count(item, -1);
    const state = changes.state ?? before;
    const moves = state === 'uploading' || state === 'downloading';
    Object.assign(transfer, moves ? {} : { bytesPerSecond: null, secondsLeft: null }, changes, {
      canPause: PAUSABLE.includes(state),
      canCopyLink: state === 'uploaded',
      canShowInFolder: transfer.direction === 'upload' || state === 'downloaded',
    });
    this.#count(item, 1);
    if (LANES[before] === LANES[state]) return;
    this.#lane(before).delete(item);
    this.#lane(state).add(item);
  }

  forgetFinished(): void {
    for (const item of this.#lane('stopped')) {
      this.#count(item, -1);
      this.#items.delete(item.transfer.id);
    }
    this.#lane('stopped').clear();
  }

  get(id: number): Item | undefined {
    return this.#items.get(id);
  }

  /** No ids: all of them. */
  chosen(ids: number[]): Item[] {
    if (ids.length === 0) return [...this.#items.values()];
    return ids.flatMap((id) => this.#items.get(id) ?? []);
  }

  *inLane(lane: Lane): Generator<Item> {
    yield* this.#lanes.get(lane) ?? [];
  }

  sizeOf(lane: Lane): number {
    return this.#lanes.get(lane)?.size ?? 0;
  }

  total(filter: TransferFilter): number {
    return SHOWN[filter].reduce((sum, lane) => sum + this.sizeOf(lane), 0);
  }

  rows(filter: TransferFilter, from: number, count: number): Transfer[] {
    const rows: Transfer[] = [];
    let skip = from;
    for (const lane of SHOWN[filter]) {
      const size = this.sizeOf(lane);
      if (skip < size) {
        const items = [...this.inLane(lane)];
        if (lane === 'over') items.reverse();
        rows.push(...items.slice(skip, skip + count - rows.length).map(({ transfer }) => ({ ...transfer })));
      }
      skip = Math.max(0, skip - size);
      if (rows.length >= count) break;
    }
    return rows;
  }

  counts(): Transfers['counts'] {
    return {
      all: this.total('all'),
      active: this.total('active'),
      needsYou: this.total('needsYou'),
      finished: this.total('finished'),
    };
  }

  line(bytesPerSecond: number): Omit<TransferLine, 'sentence' | 'holdup'> {
    const of = (...states: TransferState[]) =>
      states.reduce((sum, state) => sum + (this.#states.get(state) ?? 0), 0);
    const [doneBytes, totalBytes] = [this.#doneBytes, this.#totalBytes];
    const moving = of('uploading', 'downloading') > 0;
    return {
      total: this.#items.size - of('skipped'),
      downloads: this.#downloads,
      finished: of('uploaded', 'downloaded'),
      waiting: of('waiting'),
      running: this.sizeOf('moving'),
      paused: of('paused'),
      held: of('held'),
      needsYou: of('needsYou'),
      stopped: of('stopped'),
      doneBytes,
      totalBytes,
      bytesPerSecond: moving ? bytesPerSecond : null,
      secondsLeft: moving ? Math.round((totalBytes - doneBytes) / bytesPerSecond) : null,
    };
  }

  #lane(state: TransferState): Set<Item> {
    const lane = LANES[state];
    const items = this.#lanes.get(lane) ?? new Set();
    this.#lanes.set(lane, items);
    return items;
  }

  #count({ transfer }: Item, sign: 1 | -1): void {
    const { state, direction } = transfer;
    this.#states.set(state, (this.#states.get(state) ?? 0) + sign);
    if (state !== 'skipped' && direction === 'download') this.#downloads += sign;
    if (UNCOUNTED.includes(state)) return;
    this.#doneBytes += sign * transfer.doneBytes;
    this.#totalBytes += sign * transfer.sizeBytes;
  }
}
