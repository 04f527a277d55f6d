/** The uploads as the app tells them; announces start, quarters, end and trouble once each. */
import type { Backend, ConflictChoice, Transfer, Transfers } from '../backend/backend';
import { percent } from '../i18n/formats';
import { t } from '../i18n/words.svelte';
import type { Announcer } from './announcer.svelte';
import type { Notices } from './notices.svelte';

const NOTHING: Transfers = {
  revision: -1,
  line: {
    total: 0,
    finished: 0,
    waiting: 0,
    running: 0,
    needsYou: 0,
    stopped: 0,
    doneBytes: 0,
    totalBytes: 0,
    bytesPerSecond: null,
    secondsLeft: null,
  },
  items: [],
};

export class TransfersView {
  now = $state.raw<Transfers>(NOTHING);
  expanded = $state(false);
  /** Conflicts the person closed without a choice; they stay in the list as *Needs you*. */
  #postponed = $state.raw<ReadonlySet<number>>(new Set());
  #quarter = 0;
  #busy = false;
  #needed = 0;

  constructor(
    private readonly backend: Backend,
    private readonly announcer: Announcer,
    private readonly notices: Notices,
  ) {}

  line = $derived(this.now.line);
  active = $derived(this.line.waiting + this.line.running > 0);
  conflicts = $derived(this.now.items.filter((item) => item.conflict !== null));
  toDecide = $derived(this.conflicts.filter((item) => !this.#postponed.has(item.id)));

  async begin(): Promise<void> {
    this.changed(await this.backend.getTransfers());
  }

  changed(transfers: Transfers): void {
    if (transfers.revision < this.now.revision) return;
    this.now = transfers;
    this.#announce(transfers);
  }

  cancel(ids: number[]): Promise<void> {
    return this.#ask(() => this.backend.cancelTransfers(ids));
  }

  retry(ids: number[]): Promise<void> {
    return this.#ask(() => this.backend.retryTransfers(ids));
  }

  decide(ids: number[], choice: ConflictChoice): Promise<void> {
    return this.#ask(() => this.backend.decideConflicts(ids, choice));
  }

  clear(): Promise<void> {
    return this.#ask(() => this.backend.clearTransfers());
  }

  postpone(): void {
    this.#postponed = new Set(this.conflicts.map((item) => item.id));
  }

  /** The person wants to decide this one now. */
  reopen(item: Transfer): void {
    this.#postponed = new Set([...this.#postponed].filter((id) => id !== item.id));
  }

  async #ask(deed: () => Promise<void>): Promise<void> {
    try {
      await deed();
    } catch (thrown) {
      this.notices.show(thrown);
    }
  }

  #announce({ line }: Transfers): void {
    const busy = line.waiting + line.running > 0;
    if (busy && !this.#busy) {
      this.#quarter = 0;
      this.announcer.say(t('transfers.announce.started', { count: line.waiting + line.running }));
    }
    if (busy && line.totalBytes > 0) {
      const quarter = Math.floor((4 * line.doneBytes) / line.totalBytes);
      if (quarter > this.#quarter && quarter < 4) {
        this.announcer.say(t('transfers.announce.part', { percent: percent(quarter, 4) }));
      }
      this.#quarter = Math.max(quarter, this.#quarter);
    }
    if (line.needsYou > this.#needed) {
      this.announcer.say(t('transfers.announce.needs_you', { count: line.needsYou }));
    } else if (!busy && this.#busy && line.finished > 0) {
      this.announcer.say(t('transfers.announce.finished', { count: line.finished }));
    }
    this.#busy = busy;
    this.#needed = line.needsYou;
  }
}
