/** The transfers of the fake in lanes, so that a hundred thousand of them are counted and shown without a walk. */
import type { Code, Transfer, TransferFilter, TransferLine, Transfers, TransferState } from '../backend';
import { Group, Lanes, type Lane, type RowLane } from './groups';
import type { File, Folder } from './tree';

export interface Item {
  transfer: Transfer;
  /** Where an upload goes; null for a download. */
  folder: Folder | null;
  changedAt: Date;
  trouble: Code | null;
  stored: File | null;
  /** The folder that it came with. */
  group: Group | null;
}

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
const SHOWN: Record<TransferFilter, RowLane[]> = {
  all: ['needsYou', 'needsAndGoesOn', 'moving', 'held', 'paused', 'waiting', 'over'],
  active: ['needsAndGoesOn', 'moving', 'held', 'paused', 'waiting'],
  needsYou: ['needsYou', 'needsAndGoesOn'],
  finished: ['over'],
};
const COUNTED: Record<TransferFilter, Lane[]> = {
  all: ['needsYou', 'moving', 'held', 'paused', 'waiting', 'over'],
  active: ['moving', 'held', 'paused', 'waiting'],
  needsYou: ['needsYou'],
  finished: ['over'],
};
const PAUSABLE: TransferState[] = ['waiting', 'uploading', 'downloading', 'held'];
const UNCOUNTED: TransferState[] = ['stopped', 'skipped'];

const of = (count: (filter: TransferFilter) => number): Transfers['counts'] => ({
  all: count('all'),
  active: count('active'),
  needsYou: count('needsYou'),
  finished: count('finished'),
});

export class Queue {
  /** All files, and what has a row: files that came by themselves, and folders. */
  #lanes = new Lanes<Lane, Item>();
  #units = new Lanes<RowLane, Item | Group>();
  #groups = new Map<number, Group>();
  #states = new Map<TransferState, number>();
  #items = new Map<number, Item>();
  #doneBytes = 0;
  #totalBytes = 0;
  #downloads = 0;

  add(item: Item): void {
    const lane = LANES[item.transfer.state];
    this.#items.set(item.transfer.id, item);
    this.#lanes.move(item, null, lane);
    this.#within(item, (group) => {
      this.#count(item, 1);
      group?.items.add(item);
      group?.lanes.move(item, null, lane);
    });
    if (!item.group) this.#units.move(item, null, lane);
  }

  /** What is done with a file may take the row of its folder elsewhere. */
  #within({ group }: Item, deed: (group: Group | null) => void): void {
    const before = group && group.items.size > 0 ? group.lane : null;
    deed(group);
    if (!group) return;
    this.#groups.set(group.id, group);
    this.#units.move(group, before, group.items.size > 0 ? group.lane : null);
  }

  change(item: Item, changes: Partial<Transfer>): void {
    const { transfer } = item;
    const before = transfer.state;
    const state = changes.state ?? before;
    const moves = state === 'uploading' || state === 'downloading';
    const [from, to] = [LANES[before], LANES[state]];
    this.#within(item, (group) => {
      this.#count(item, -1);
      Object.assign(transfer, moves ? {} : { bytesPerSecond: null, secondsLeft: null }, changes, {
        canPause: PAUSABLE.includes(state),
        canCopyLink: state === 'uploaded',
        canShowInFolder: transfer.direction === 'upload' || state === 'downloaded',
      });
      this.#count(item, 1);
      this.#lanes.move(item, from, to);
      group?.lanes.move(item, from, to);
    });
    if (!item.group) this.#units.move(item, from, to);
  }

  forgetFinished(): void {
    for (const unit of [...this.#units.in('over')]) {
      const items = unit instanceof Group ? [...unit.items] : [unit];
      for (const item of items) {
        this.#count(item, -1);
        this.#items.delete(item.transfer.id);
        this.#lanes.move(item, 'over', null);
      }
      if (unit instanceof Group) this.#groups.delete(unit.id);
    }
    this.#units.in('over').clear();
  }

  get(id: number): Item | undefined {
    return this.#items.get(id);
  }

  /** No ids: all of them. */
  chosen(ids: number[]): Item[] {
    if (ids.length === 0) return [...this.#items.values()];
    return ids.flatMap((id) => [...(this.#groups.get(id)?.items ?? [this.get(id) ?? []].flat())]);
  }

  group(id: number): Group | undefined {
    return this.#groups.get(id);
  }

  *inLane(lane: Lane): Generator<Item> {
    yield* this.#lanes.in(lane);
  }

  sizeOf(lane: Lane): number {
    return this.#lanes.sizeOf(lane);
  }

  /** How many rows a filter leaves. */
  total(filter: TransferFilter): number {
    let total = 0;
    for (const lane of SHOWN[filter]) {
      total += this.#units.sizeOf(lane);
      for (const group of this.#groups.values()) {
        if (group.isOpen && group.lane === lane) total += group.items.size;
      }
    }
    return total;
  }

  rows(filter: TransferFilter, from: number, count: number): Transfer[] {
    const rows: Transfer[] = [];
    let place = 0;
    for (const unit of this.#shown(filter)) {
      if (rows.length >= count) break;
      if (place >= from) rows.push(unit instanceof Group ? unit.row() : { ...unit.transfer });
      place += 1;
    }
    return rows;
  }

  *#shown(filter: TransferFilter): Generator<Item | Group> {
    for (const lane of SHOWN[filter]) {
      const units = [...this.#units.in(lane)];
      if (lane === 'over') units.reverse();
      for (const unit of units) {
        yield unit;
        if (unit instanceof Group && unit.isOpen) yield* unit.members();
      }
    }
  }

  /** Files. */
  counts(): Transfers['counts'] {
    return of((filter) => COUNTED[filter].reduce((sum, lane) => sum + this.sizeOf(lane), 0));
  }

  rowCounts(): Transfers['rows'] {
    return of((filter) => this.total(filter));
  }

  line(bytesPerSecond: number): Omit<TransferLine, 'sentence' | 'holdup'> {
    const many = (...states: TransferState[]) =>
      states.reduce((sum, state) => sum + (this.#states.get(state) ?? 0), 0);
    const [doneBytes, totalBytes] = [this.#doneBytes, this.#totalBytes];
    const moving = many('uploading', 'downloading') > 0;
    return {
      total: this.#items.size - many('skipped'),
      downloads: this.#downloads,
      finished: many('uploaded', 'downloaded'),
      waiting: many('waiting'),
      running: this.sizeOf('moving'),
      paused: many('paused'),
      held: many('held'),
      needsYou: many('needsYou'),
      stopped: many('stopped'),
      doneBytes,
      totalBytes,
      bytesPerSecond: moving ? bytesPerSecond : null,
      secondsLeft: moving ? Math.round((totalBytes - doneBytes) / bytesPerSecond) : null,
    };
  }

  #count(item: Item, sign: 1 | -1): void {
    const { transfer, group } = item;
    const { state, direction } = transfer;
    group?.count(item, sign);
    this.#states.set(state, (this.#states.get(state) ?? 0) + sign);
    if (state !== 'skipped' && direction === 'download') this.#downloads += sign;
    if (UNCOUNTED.includes(state)) return;
    this.#doneBytes += sign * transfer.doneBytes;
    this.#totalBytes += sign * transfer.sizeBytes;
  }
}
