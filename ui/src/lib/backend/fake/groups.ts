/** Folders of the fake that came with everything in them: each one row, made of what its files do. */
import type { Transfer, TransferState } from '../backend';
import type { Item } from './queue';

export type Lane = 'needsYou' | 'moving' | 'held' | 'paused' | 'waiting' | 'over';
/** Of rows: of a folder some files may need the person while others go on. */
export type RowLane = Lane | 'needsAndGoesOn';

const GOES_ON: Lane[] = ['moving', 'held', 'waiting', 'paused'];
const MEMBERS: Lane[] = ['needsYou', 'moving', 'held', 'paused', 'waiting', 'over'];

/** What is in each lane, in the order in which it came there. */
export class Lanes<Name extends string, One> {
  #lanes = new Map<Name, Set<One>>();

  in(lane: Name): Set<One> {
    const found = this.#lanes.get(lane) ?? new Set();
    this.#lanes.set(lane, found);
    return found;
  }

  move(one: One, from: Name | null, to: Name | null): void {
    if (from === to) return;
    if (from !== null) this.in(from).delete(one);
    if (to !== null) this.in(to).add(one);
  }

  sizeOf(lane: Name): number {
    return this.#lanes.get(lane)?.size ?? 0;
  }
}

export class Group {
  isOpen = false;
  readonly items = new Set<Item>();
  readonly lanes = new Lanes<Lane, Item>();
  #states = new Map<TransferState, number>();
  #doneBytes = 0;
  #totalBytes = 0;

  constructor(
    readonly id: number,
    readonly name: string,
    readonly folder: string,
    readonly direction: Transfer['direction'],
  ) {}

  /** Before (−1) and after (1) anything about a file of it changes. */
  count({ transfer }: Item, sign: 1 | -1): void {
    const { state } = transfer;
    this.#states.set(state, (this.#states.get(state) ?? 0) + sign);
    if (state === 'skipped') return;
    this.#doneBytes += sign * transfer.doneBytes;
    this.#totalBytes += sign * transfer.sizeBytes;
  }

  get lane(): RowLane {
    const goesOn = GOES_ON.find((lane) => this.lanes.sizeOf(lane) > 0);
    if (this.lanes.sizeOf('needsYou') > 0) return goesOn ? 'needsAndGoesOn' : 'needsYou';
    return goesOn ?? 'over';
  }

  *members(): Generator<Item> {
    for (const lane of MEMBERS) {
      const items = [...this.lanes.in(lane)];
      yield* lane === 'over' ? items.reverse() : items;
    }
  }

  row(): Transfer {
    const of = (...states: TransferState[]) =>
      states.reduce((sum, state) => sum + (this.#states.get(state) ?? 0), 0);
    const { lane } = this;
    const finished = of('uploaded', 'downloaded');
    const needing = [...this.lanes.in('needsYou')];
    const namesTaken = needing.filter(({ transfer }) => transfer.conflict !== null).length;
    const [held] = this.lanes.in('held');
    const times = lane === 'over' ? [...this.items].map(({ transfer }) => transfer.finishedAt ?? '') : [];
    return {
      id: this.id,
      direction: this.direction,
      name: this.name,
      folder: this.folder,
      typeLabel: '',
      typeGroup: 'other',
      sizeBytes: this.#totalBytes,
      doneBytes: this.#doneBytes,
      state: this.#state(lane, finished, of('stopped')),
      problem: lane === 'held' ? (held?.transfer.problem ?? null) : null,
      conflict: null,
      canCopyLink: false,
      canPause: this.lanes.sizeOf('moving') + this.lanes.sizeOf('held') + this.lanes.sizeOf('waiting') > 0,
      canShowInFolder: true,
      bytesPerSecond: null,
      secondsLeft: null,
      finishedAt: times.reduce((last, time) => (time > last ? time : last), '') || null,
      files: {
        total: this.items.size - of('skipped'),
        finished,
        needsYou: needing.length,
        namesTaken,
        isOpen: this.isOpen,
        canRetry: needing.length > namesTaken || (needing.length === 0 && of('stopped') > 0),
        canResume: of('paused') > 0,
      },
      inFolder: false,
    };
  }

  #state(lane: RowLane, finished: number, stopped: number): TransferState {
    const uploads = this.direction === 'upload';
    if (lane === 'needsAndGoesOn') return 'needsYou';
    if (lane === 'moving') return uploads ? 'uploading' : 'downloading';
    if (lane !== 'over') return lane;
    if (stopped > 0) return 'stopped';
    if (finished === 0) return 'skipped';
    return uploads ? 'uploaded' : 'downloaded';
  }
}
