/** Transfers that take their time: three at once, in small steps, confirmed before they count as done. */
import type {
  CauseDeed,
  Code,
  Conflict,
  ConflictChoice,
  NamesTaken,
  Problem,
  Transfer,
  TransferFilter,
  TransferRows,
  Transfers,
} from '../backend';
import { causesOf, withCauseOf } from './causes';
import { Group } from './groups';
import { problem } from './problems';
import { Questions } from './questions';
import { Queue, type Item } from './queue';
import { sentence } from './sentence';
import { file, folder as makeFolder, typeOf, type Entry, type File, type Folder } from './tree';

export interface LocalFile {
  name: string;
  sizeBytes: number;
  changedAt?: Date;
  trouble?: Code;
  /** The folder that was chosen with this file in it. */
  in?: string;
}

const AT_ONCE = 3;
const STEP_SECONDS = 0.2;
const BYTES_PER_SECOND = 42_000_000;
const MOST_ROWS = 200;
const OVER: Transfer['state'][] = ['uploaded', 'downloaded', 'stopped', 'skipped'];
const DOWNLOADS = 'Downloads';

export class FakeTransfers {
  readonly queue = new Queue();
  readonly #questions = new Questions();
  #last = 0;
  #revision = 0;
  #running = false;
  #holdup: Problem | null = null;

  constructor(
    private readonly pauseFor: (units: number) => Promise<void>,
    private readonly changed: (transfers: Transfers) => void,
    private readonly stored: (folder: Folder) => void,
    private readonly now: () => Date,
  ) {}

  start(folder: Folder, files: LocalFile[]): number {
    const groups = new Map<string, [Folder, Group]>();
    const there = new Map<Folder, Map<string, Entry>>();
    for (const local of files) {
      const [into, group] = local.in ? this.#within(folder, local.in, groups) : [folder, null];
      const names = there.get(into) ?? new Map(into.entries.map((entry) => [entry.name, entry]));
      there.set(into, names);
      const taken = names.get(local.name);
      const conflict = taken?.kind === 'file' ? this.#conflict(into, taken, local) : null;
      this.add(
        { name: local.name, sizeBytes: local.sizeBytes, folder: into.name, conflict },
        {
          folder: into,
          group,
          changedAt: local.changedAt ?? this.now(),
          trouble: local.trouble ?? null,
        },
      );
    }
    this.#goOn();
    return files.length;
  }

  /** The folder of this name in another, made if it is not there, and its row. */
  #within(folder: Folder, name: string, known: Map<string, [Folder, Group]>): [Folder, Group] {
    const found = known.get(name);
    if (found) return found;
    const same = folder.entries.find((entry) => entry.kind === 'folder' && entry.name === name);
    const into = same?.kind === 'folder' ? same : makeFolder(name);
    if (!same) folder.entries = [...folder.entries, into];
    const made: [Folder, Group] = [into, this.group(name, folder.name, 'upload')];
    known.set(name, made);
    return made;
  }

  group(name: string, folder: string, direction: Transfer['direction']): Group {
    return new Group(++this.#last, name, folder, direction);
  }

  download(entries: Entry[], group: Group | null = null): number {
    let count = 0;
    for (const entry of entries) {
      if (entry.kind === 'folder') {
        count += this.download(entry.entries, group ?? this.group(entry.name, DOWNLOADS, 'download'));
        continue;
      }
      const { name, sizeBytes, trouble } = entry;
      const into = group?.name ?? DOWNLOADS;
      const own = { trouble: trouble ?? null, group };
      this.add({ direction: 'download', name, sizeBytes, folder: into }, own);
      count += 1;
    }
    this.#goOn();
    return count;
  }

  /** A transfer that is in any state from the start; without news. */
  add(
    transfer: Pick<Transfer, 'name' | 'sizeBytes' | 'folder'> & Partial<Transfer>,
    own: Partial<Item> = {},
  ): Item {
    const item: Item = {
      transfer: {
        id: ++this.#last,
        direction: 'upload',
        ...typeOf(transfer.name),
        doneBytes: 0,
        state: transfer.conflict ? 'needsYou' : 'waiting',
        problem: null,
        conflict: null,
        canCopyLink: false,
        canPause: false,
        canShowInFolder: false,
        bytesPerSecond: null,
        secondsLeft: null,
        finishedAt: null,
        files: null,
        inFolder: Boolean(own.group),
        ...transfer,
      },
      folder: null,
      changedAt: this.now(),
      trouble: null,
      stored: null,
      group: null,
      ...own,
    };
    this.queue.add(item);
    this.queue.change(item, {});
    return item;
  }

  snapshot(): Transfers {
    const line = this.queue.line(BYTES_PER_SECOND);
    return {
      revision: this.#revision,
      line: { ...line, sentence: sentence(line, this.#holdup), holdup: this.#holdup },
      counts: this.queue.counts(),
      rows: this.queue.rowCounts(),
      causes: causesOf(this.queue.inLane('needsYou')),
      question: this.#questions.ask(this.queue.inLane('needsYou')),
      items: this.queue.rows('all', 0, MOST_ROWS),
    };
  }

  async rows(filter: TransferFilter, from: number, count: number): Promise<TransferRows> {
    await this.pauseFor(0.2);
    const rows = this.queue.rows(filter, from, Math.min(count, MOST_ROWS));
    return { revision: this.#revision, filter, from, total: this.queue.total(filter), rows };
  }

  open(id: number, open: boolean): Transfers {
    const group = this.queue.group(id);
    if (group) group.isOpen = open;
    this.#revision += 1;
    return this.snapshot();
  }

  pause(ids: number[]): void {
    for (const item of this.queue.chosen(ids)) {
      if (item.transfer.canPause) this.queue.change(item, { state: 'paused', problem: null });
    }
    this.#goOn();
  }

  resume(ids: number[]): void {
    for (const item of this.queue.chosen(ids)) {
      if (item.transfer.state === 'paused') this.queue.change(item, { state: 'waiting' });
    }
    this.#goOn();
  }

  cancel(ids: number[]): void {
    for (const item of this.queue.chosen(ids)) {
      if (!OVER.includes(item.transfer.state)) this.#end(item, 'stopped');
    }
    this.#tell();
  }

  retry(ids: number[]): void {
    for (const item of this.queue.chosen(ids).filter((one) => this.#isTriedAgain(one, ids))) {
      item.trouble = null;
      this.queue.change(item, { state: 'waiting', doneBytes: 0, problem: null, finishedAt: null });
    }
    this.#goOn();
  }

  /** Of a folder what needs the person, and only if nothing does what was stopped. */
  #isTriedAgain({ group, transfer }: Item, ids: number[]): boolean {
    if (!group || ids.includes(transfer.id)) return true;
    if (transfer.state === 'needsYou') return transfer.conflict === null;
    return transfer.state === 'stopped' && group.lanes.sizeOf('needsYou') === 0;
  }

  decide(which: NamesTaken, choice: ConflictChoice): void {
    for (const item of this.#questions.named(this.queue.inLane('needsYou'), which)) {
      const { conflict, name } = item.transfer;
      const { folder } = item;
      if (choice === 'cancel') this.#end(item, 'stopped');
      if (choice === 'cancel' || !conflict || !folder) continue;
      if (choice === 'replace') folder.entries = folder.entries.filter((entry) => entry.name !== name);
      const own = choice === 'keepBoth' ? { name: conflict.keepBothName } : {};
      if (choice === 'skip') this.#end(item, 'skipped');
      else this.queue.change(item, { ...own, state: 'waiting', conflict: null });
    }
    this.#goOn();
  }

  putOff(through: number): void {
    this.#questions.putOff(through);
    this.#tell();
  }

  settleCause(first: number, deed: CauseDeed): void {
    const ids = withCauseOf(this.queue.inLane('needsYou'), first);
    if (ids.length === 0) return;
    if (deed === 'tryAgain') this.retry(ids);
    else this.cancel(ids);
  }

  clear(): void {
    this.queue.forgetFinished();
    this.#tell();
  }

  /** What moves waits until this is over; null: it is. */
  hold(code: Code | null): void {
    this.#holdup = code ? problem(code) : null;
    if (code) {
      for (const item of [...this.queue.inLane('moving')])
        this.queue.change(item, { state: 'held', problem: this.#holdup });
    } else {
      for (const item of [...this.queue.inLane('held')])
        this.queue.change(item, { state: 'waiting', problem: null });
    }
    this.#goOn();
  }

  storedFile(id: number): File | null {
    return this.queue.get(id)?.stored ?? null;
  }

  #conflict(folder: Folder, there: File, yours: LocalFile): Conflict {
    const dot = there.name.lastIndexOf('.');
    const works = there.linkEndsAt !== null && new Date(there.linkEndsAt) > this.now();
    return {
      name: there.name,
      folder: folder.name,
      thereBytes: there.sizeBytes,
      thereChangedAt: there.changedAt,
      yoursBytes: yours.sizeBytes,
      yoursChangedAt: (yours.changedAt ?? this.now()).toISOString(),
      keepBothName: `${there.name.slice(0, dot)} (2)${there.name.slice(dot)}`,
      workingLinks: works ? there.linkCount : 0,
    };
  }

  #goOn(): void {
    this.#tell();
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#step()) {
      this.#tell();
      await this.pauseFor(2);
    }
    this.#running = false;
    this.#tell();
  }

  /** One step of all that runs; false when nothing is left to do. */
  #step(): boolean {
    if (this.#holdup) return false;
    const moving = [...this.queue.inLane('moving')];
    const waits = this.queue.sizeOf('waiting');
    let free = AT_ONCE - moving.length;
    for (const item of this.queue.inLane('waiting')) {
      if (free-- <= 0) break;
      this.queue.change(item, { state: item.transfer.direction === 'upload' ? 'uploading' : 'downloading' });
    }
    for (const item of moving) this.#advance(item, BYTES_PER_SECOND / moving.length);
    return moving.length > 0 || waits > 0;
  }

  #advance(item: Item, bytesPerSecond: number): void {
    const { state, sizeBytes, doneBytes, name } = item.transfer;
    if (state === 'checking') return this.#store(item);
    const done = Math.min(sizeBytes, Math.round(doneBytes + bytesPerSecond * STEP_SECONDS));
    if (item.trouble) {
      const trouble = problem(item.trouble, { file: name });
      this.queue.change(item, { state: 'needsYou', problem: trouble });
      return;
    }
    this.queue.change(item, {
      doneBytes: done,
      ...(done === sizeBytes
        ? { state: 'checking' as const }
        : { bytesPerSecond, secondsLeft: Math.round((sizeBytes - done) / bytesPerSecond) }),
    });
  }

  #store(item: Item): void {
    const { name, sizeBytes } = item.transfer;
    if (!item.folder) return this.#end(item, 'downloaded');
    item.stored = file(name, sizeBytes, this.now());
    item.folder.entries = [...item.folder.entries, item.stored];
    this.#end(item, 'uploaded');
    this.stored(item.folder);
  }

  #end(item: Item, state: Transfer['state']): void {
    this.queue.change(item, { state, problem: null, conflict: null, finishedAt: this.now().toISOString() });
  }

  #tell(): void {
    this.#revision += 1;
    this.changed(this.snapshot());
  }
}
