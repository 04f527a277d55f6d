/** Uploads that take their time: three at once, in small steps, confirmed before they count as uploaded. */
import type { Conflict, ConflictChoice, Problem, Transfer, Transfers } from '../backend';
import { problem } from './problems';
import { file, typeOf, type File, type Folder } from './tree';

export interface LocalFile {
  name: string;
  sizeBytes: number;
  changedAt?: Date;
  trouble?: Problem['code'];
}

interface Item {
  transfer: Transfer;
  folder: Folder;
  changedAt: Date;
  trouble: Problem['code'] | null;
  stored: File | null;
}

const AT_ONCE = 3;
const STEP_SECONDS = 0.2;
const BYTES_PER_SECOND = 42_000_000;
const ENDED: Transfer['state'][] = ['uploaded', 'stopped', 'skipped'];

export class FakeTransfers {
  #items: Item[] = [];
  #last = 0;
  #revision = 0;
  #running = false;

  constructor(
    private readonly pause: (units: number) => Promise<void>,
    private readonly changed: (transfers: Transfers) => void,
    private readonly stored: (folder: Folder) => void,
    private readonly now: () => Date,
  ) {}

  start(folder: Folder, files: LocalFile[]): number {
    for (const local of files) {
      const there = folder.entries.find((entry) => entry.name === local.name);
      const conflict = there?.kind === 'file' ? this.#conflict(folder, there, local) : null;
      const transfer: Transfer = {
        id: ++this.#last,
        name: local.name,
        folder: folder.name,
        ...typeOf(local.name),
        sizeBytes: local.sizeBytes,
        doneBytes: 0,
        state: conflict ? 'needsYou' : 'waiting',
        problem: null,
        conflict,
        canCopyLink: false,
      };
      const changedAt = local.changedAt ?? this.now();
      this.#items.push({ transfer, folder, changedAt, trouble: local.trouble ?? null, stored: null });
    }
    this.#tell();
    void this.#run();
    return files.length;
  }

  snapshot(): Transfers {
    const items = this.#items.map((item) => ({ ...item.transfer }));
    const of = (...states: Transfer['state'][]) => items.filter((item) => states.includes(item.state));
    const live = items.filter((item) => item.state !== 'stopped' && item.state !== 'skipped');
    const sum = (pick: (item: Transfer) => number) => live.reduce((total, item) => total + pick(item), 0);
    const doneBytes = sum((item) => item.doneBytes);
    const totalBytes = sum((item) => item.sizeBytes);
    const uploading = of('uploading').length > 0;
    const rank = (item: Transfer) => ['needsYou', 'uploading', 'checking', 'waiting'].indexOf(item.state);
    return {
      revision: this.#revision,
      line: {
        total: items.length,
        finished: of('uploaded', 'skipped').length,
        waiting: of('waiting').length,
        running: of('uploading', 'checking').length,
        needsYou: of('needsYou').length,
        stopped: of('stopped').length,
        doneBytes,
        totalBytes,
        bytesPerSecond: uploading ? BYTES_PER_SECOND : null,
        secondsLeft: uploading ? (totalBytes - doneBytes) / BYTES_PER_SECOND : null,
      },
      items: [...items].sort((one, other) => ((rank(one) + 5) % 5) - ((rank(other) + 5) % 5)).slice(0, 200),
    };
  }

  cancel(ids: number[]): void {
    for (const { transfer } of this.#chosen(ids)) {
      if (!ENDED.includes(transfer.state))
        Object.assign(transfer, { state: 'stopped', problem: null, conflict: null });
    }
    this.#tell();
  }

  retry(ids: number[]): void {
    for (const item of this.#chosen(ids)) {
      item.trouble = null;
      Object.assign(item.transfer, { state: 'waiting', doneBytes: 0, problem: null });
    }
    this.#tell();
    void this.#run();
  }

  decide(ids: number[], choice: ConflictChoice): void {
    for (const item of this.#chosen(ids)) {
      const { transfer } = item;
      if (!transfer.conflict) continue;
      if (choice === 'keepBoth') transfer.name = transfer.conflict.keepBothName;
      if (choice === 'replace') {
        item.folder.entries = item.folder.entries.filter((entry) => entry.name !== transfer.name);
      }
      transfer.state = choice === 'skip' ? 'skipped' : 'waiting';
      transfer.conflict = null;
    }
    this.#tell();
    void this.#run();
  }

  clear(): void {
    this.#items = this.#items.filter((item) => !ENDED.includes(item.transfer.state));
    this.#tell();
  }

  storedFile(id: number): File | null {
    return this.#items.find((item) => item.transfer.id === id)?.stored ?? null;
  }

  #chosen(ids: number[]): Item[] {
    return ids.length === 0 ? this.#items : this.#items.filter((item) => ids.includes(item.transfer.id));
  }

  #conflict(folder: Folder, there: File, yours: LocalFile): Conflict {
    const dot = there.name.lastIndexOf('.');
    const keepBothName = `${there.name.slice(0, dot)} (2)${there.name.slice(dot)}`;
    return {
      name: there.name,
      folder: folder.name,
      thereBytes: there.sizeBytes,
      thereChangedAt: there.changedAt,
      yoursBytes: yours.sizeBytes,
      yoursChangedAt: (yours.changedAt ?? this.now()).toISOString(),
      keepBothName,
    };
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#step()) {
      this.#tell();
      await this.pause(2);
    }
    this.#running = false;
    this.#tell();
  }

  /** One step of all that runs; false when nothing is left to do. */
  #step(): boolean {
    const active = this.#items.filter(({ transfer }) => ['uploading', 'checking'].includes(transfer.state));
    const waiting = this.#items.filter(({ transfer }) => transfer.state === 'waiting');
    for (const { transfer } of waiting.slice(0, AT_ONCE - active.length)) transfer.state = 'uploading';
    const share = (BYTES_PER_SECOND * STEP_SECONDS) / Math.max(1, active.length);
    for (const item of active) this.#advance(item, share);
    return active.length > 0 || waiting.length > 0;
  }

  #advance(item: Item, bytes: number): void {
    const { transfer } = item;
    if (transfer.state === 'checking') return this.#store(item);
    transfer.doneBytes = Math.min(transfer.sizeBytes, Math.round(transfer.doneBytes + bytes));
    if (item.trouble) {
      Object.assign(transfer, { state: 'needsYou', problem: problem(item.trouble, { file: transfer.name }) });
    } else if (transfer.doneBytes === transfer.sizeBytes) {
      transfer.state = 'checking';
    }
  }

  #store(item: Item): void {
    const { transfer, folder } = item;
    item.stored = file(transfer.name, transfer.sizeBytes, this.now());
    folder.entries = [...folder.entries, item.stored];
    Object.assign(transfer, { state: 'uploaded', canCopyLink: true });
    this.stored(folder);
  }

  #tell(): void {
    this.#revision += 1;
    this.changed(this.snapshot());
  }
}
