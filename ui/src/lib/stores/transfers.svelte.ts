/** The transfers as the app tells them; announces start, quarters, end and trouble once each. */
import type {
  Backend,
  Cause,
  CauseDeed,
  ConflictChoice,
  NameQuestion,
  NamesTaken,
  Transfer,
  TransferLine,
  Transfers,
} from '../backend/backend';
import { present } from '../errors/present';
import { percent } from '../i18n/formats';
import { t } from '../i18n/words.svelte';
import type { Announcer } from './announcer.svelte';
import type { ConnectionView } from './connection.svelte';
import type { Notices } from './notices.svelte';

const NOTHING: Transfers = {
  revision: -1,
  line: {
    total: 0,
    downloads: 0,
    finished: 0,
    waiting: 0,
    running: 0,
    paused: 0,
    held: 0,
    needsYou: 0,
    stopped: 0,
    doneBytes: 0,
    totalBytes: 0,
    bytesPerSecond: null,
    secondsLeft: null,
    sentence: '',
    holdup: null,
  },
  counts: { all: 0, active: 0, needsYou: 0, finished: 0 },
  rows: { all: 0, active: 0, needsYou: 0, finished: 0 },
  causes: [],
  question: null,
  items: [],
};

function directionOf({ downloads, total }: TransferLine): 'upload' | 'download' | 'both' {
  if (downloads === 0) return 'upload';
  return downloads === total ? 'download' : 'both';
}

function about(first: Transfer): NameQuestion {
  const workingLinks = first.conflict?.workingLinks ?? 0;
  return { through: 0, count: 1, workingLinks, oneFolder: true, oneDirection: true, first };
}

/** How many go on, now or later. */
const leftOf = ({ waiting, running, held, paused }: TransferLine) => waiting + running + held + paused;
/** Everything that is left was paused. */
const restingOf = (line: TransferLine) => line.paused > 0 && leftOf(line) === line.paused;

export class TransfersView {
  now = $state.raw<Transfers>(NOTHING);
  expanded = $state(false);
  /** Somebody asked to try now, and it is being tried. */
  looking = $state(false);
  /** The name that the person wants to decide about now. */
  #chosen = $state.raw<Transfer | null>(null);
  /** The last question that was closed or answered as a whole. */
  #closed = $state(0);
  #quarter = 0;
  #busy = false;
  #paused = false;
  #needed = 0;
  #heldBy: string | null = null;

  constructor(
    private readonly backend: Backend,
    private readonly announcer: Announcer,
    private readonly notices: Notices,
    private readonly connection: ConnectionView,
  ) {}

  line = $derived(this.now.line);
  active = $derived(leftOf(this.line) > 0);
  resting = $derived(restingOf(this.line));
  /** 0 to 1, of all. */
  share = $derived(
    this.line.totalBytes === 0 ? (this.active ? 0 : 1) : this.line.doneBytes / this.line.totalBytes,
  );
  /** About names that are taken: about the one that was chosen, or about all that were not asked about before. */
  question = $derived.by((): NameQuestion | null => {
    if (this.#chosen) return about(this.#chosen);
    const { question } = this.now;
    return question && question.through > this.#closed ? question : null;
  });

  /** What was left at the last end goes on, and the person is told so. */
  async begin(): Promise<void> {
    const found = await this.backend.getTransfers();
    this.changed(found);
    const { waiting, running, held } = found.line;
    const count = waiting + running;
    if (count > 0 && held === 0) this.notices.tell('news', 'transfers.next_start', { count });
  }

  changed(transfers: Transfers): void {
    if (transfers.revision < this.now.revision) return;
    this.now = transfers;
    const chosen = transfers.items.find((item) => item.id === this.#chosen?.id);
    if (chosen && !chosen.conflict) this.#chosen = null;
    this.#announce(transfers);
  }

  /** No ids: all, here and for resuming and cancelling. */
  pause(ids: number[]): Promise<void> {
    return this.#ask(() => this.backend.pauseTransfers(ids));
  }

  resume(ids: number[]): Promise<void> {
    return this.#ask(() => this.backend.resumeTransfers(ids));
  }

  /** Looks at once whether what is held can be reached; what was paused stays paused. */
  async tryNow(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    this.announcer.say(t('transfers.looking'));
    await this.#ask(() => this.backend.tryHeldNow());
    this.looking = false;
    if (this.line.held > 0) this.announcer.say(t('transfers.announce.still_held'));
  }

  cancel(ids: number[]): Promise<void> {
    return this.#ask(() => this.backend.cancelTransfers(ids));
  }

  retry(ids: number[]): Promise<void> {
    return this.#ask(() => this.backend.retryTransfers(ids));
  }

  /** One thing about all that need the person for one reason. */
  settle({ first }: Cause, deed: CauseDeed): Promise<void> {
    return this.#ask(() => this.backend.settleCause(first, deed));
  }

  /** Whether the reason of this one is told once for many: its row does not repeat it. */
  isTold({ state, problem, conflict }: Transfer): boolean {
    if (state !== 'needsYou' || !problem || conflict) return false;
    const { code, sentence } = problem;
    return this.now.causes.some(
      (cause) => cause.problem.code === code && cause.problem.sentence === sentence,
    );
  }

  /** The answer for all that the question is about, or for the first alone. */
  decide(choice: ConflictChoice, all: boolean): Promise<void> {
    const { question } = this;
    if (!question) return Promise.resolve();
    const whole = all && !this.#chosen;
    const which: NamesTaken = whole
      ? { kind: 'question', through: question.through }
      : { kind: 'one', id: question.first.id };
    if (whole) this.#closed = question.through;
    this.#chosen = null;
    return this.#ask(() => this.backend.decideConflicts(which, choice));
  }

  /** Shows the files of a folder, or hides them; null: that was not possible. */
  async open(id: number, open: boolean): Promise<Transfers | null> {
    try {
      const found = await this.backend.openTransfer(id, open);
      this.changed(found);
      return found;
    } catch (thrown) {
      this.notices.show(thrown);
      return null;
    }
  }

  clear(): Promise<void> {
    return this.#ask(() => this.backend.clearTransfers());
  }

  show(id: number): Promise<void> {
    return this.#ask(() => this.backend.showTransfer(id));
  }

  /** Closed without a choice: what it is about stays in the list as *Needs you*. */
  postpone(): void {
    const { question } = this;
    if (this.#chosen || !question) return void (this.#chosen = null);
    this.#closed = question.through;
    void this.#ask(() => this.backend.putOffConflicts(question.through));
  }

  /** The person wants to decide this one now. */
  reopen(item: Transfer): void {
    this.#chosen = item;
  }

  async #ask(deed: () => Promise<void>): Promise<void> {
    try {
      await deed();
    } catch (thrown) {
      this.notices.show(thrown);
    }
  }

  #announce({ line }: Transfers): void {
    const left = leftOf(line);
    const busy = left > 0;
    const resting = restingOf(line);
    const direction = directionOf(line);
    if (busy && !this.#busy) this.#quarter = 0;
    if (busy && !this.#busy && !resting) {
      this.announcer.say(t('transfers.announce.started', { count: left, direction }));
    }
    if (busy && line.totalBytes > 0) {
      const quarter = Math.floor((4 * line.doneBytes) / line.totalBytes);
      if (quarter > this.#quarter && quarter < 4) {
        this.announcer.say(t('transfers.announce.part', { percent: percent(quarter, 4), direction }));
      }
      this.#quarter = Math.max(quarter, this.#quarter);
    }
    if (busy && resting !== this.#paused) {
      this.announcer.say(t(resting ? 'transfers.announce.paused' : 'transfers.announce.resumed'));
    }
    this.#announceHoldup(line);
    if (line.needsYou > this.#needed) {
      this.announcer.say(t('transfers.announce.needs_you', { count: line.needsYou }));
    } else if (!busy && this.#busy && line.finished > 0) {
      this.announcer.say(t('transfers.announce.finished', { count: line.finished, direction }));
    }
    this.#busy = busy;
    this.#paused = resting;
    this.#needed = line.needsYou;
  }

  /** What the banner says already is not said again. */
  #announceHoldup({ held, holdup }: TransferLine): void {
    const by = held > 0 && holdup ? holdup.code : null;
    if (holdup && by && by !== this.#heldBy && by !== this.connection.now.problem?.code && by !== 'offline') {
      this.announcer.say(present(holdup).title);
    }
    this.#heldBy = by;
  }
}
