/** The links that were made, on their screen: whose, which, the rows near the window, the row in hand, and how many work. */
import type { Backend, LinkFilter, LinksChanged, LinkWindow, Problem, SharedLink } from '../backend/backend';
import { problemOf } from '../errors/present';
import { count } from '../i18n/formats';
import { t } from '../i18n/words.svelte';
import type { Announcer } from './announcer.svelte';
import type { Notices } from './notices.svelte';
import { PAGE, RowWindows } from './row-windows.svelte';

const SEARCH_PAUSE = 150;
type Counts = Pick<LinkWindow, 'total' | 'working' | 'ended' | 'incomplete' | 'problem'>;

export class SharedLinks {
  #searched = '';
  /** Own links that work, for the sidebar; null: not known. */
  working = $state<number | null>(null);

  everybody = $state(false);
  state = $state<LinkFilter>('working');
  searchText = $state('');
  canSeeEverybody = $state(false);
  /** What the last answer said; null: none came yet. */
  counts = $state.raw<Counts | null>(null);
  /** The first of them could not be read at all. */
  refused = $state.raw<Problem | null>(null);
  rows = $state.raw(this.#windows());
  hand = $state(0);
  handId = $state<string | null>(null);
  /** What a deed is being done about. */
  busy = $state.raw<string[]>([]);
  /** The link that the person is asked about before it is stopped, and the one whose note is written. */
  stopping = $state.raw<SharedLink | null>(null);
  noting = $state.raw<SharedLink | null>(null);
  revision = $state(0);
  #turn = 0;
  #searchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly backend: Backend,
    private readonly announcer: Announcer,
    private readonly notices: Notices,
  ) {}

  count = $derived(this.counts?.total ?? 0);
  /** Why not all of them are here. That nothing is known of a trouble does not make an empty list true. */
  problem = $derived(
    this.refused ?? this.counts?.problem ?? (this.counts?.incomplete === true ? problemOf(null) : null),
  );
  handRow = $derived.by((): SharedLink | undefined => this.rows.at(this.hand));

  /** Another place is open: its links are asked for when they are looked at. */
  async begin(): Promise<void> {
    this.everybody = false;
    this.searchText = '';
    this.#searched = '';
    this.state = 'working';
    this.working = null;
    this.#fresh();
    try {
      const { working, revision } = await this.#asking()(0, 0);
      this.changed({ working, revision });
    } catch {
      // How many they are is not known then; the screen says why.
    }
  }

  changed({ revision, working }: LinksChanged): void {
    this.working = working;
    this.revision = Math.max(this.revision, revision);
  }

  /** The screen is shown: everything anew, since time has passed. */
  async open(): Promise<void> {
    await this.#read();
  }

  async show(state: LinkFilter): Promise<void> {
    if (state === this.state) return;
    this.state = state;
    await this.#switch(t(`links.tab.${state}`));
  }

  async showEverybody(everybody: boolean, words: string): Promise<void> {
    if (everybody === this.everybody) return;
    this.everybody = everybody;
    await this.#switch(words);
  }

  search(text: string, now = false): void {
    this.searchText = text;
    clearTimeout(this.#searchTimer);
    this.#searchTimer = setTimeout(() => void this.#search(), now ? 0 : SEARCH_PAUSE);
  }

  /** Reads what is near the window; the row in hand is followed to its new place. */
  async near(from: number, to: number): Promise<void> {
    const { rows, count } = this;
    const revision = this.revision;
    if (count === 0) return;
    await rows.ensure(Math.max(0, from), Math.min(to, count - 1), revision);
    if (rows !== this.rows) return;
    const place = this.handId === null ? null : rows.indexOf(this.handId, revision);
    this.hand = Math.max(0, Math.min(place ?? this.hand, this.count - 1));
    this.handId = rows.at(this.hand)?.id ?? null;
  }

  /** The rows may be too few to ask for any of them: then nobody asks for the counts. */
  async freshen(): Promise<void> {
    if (this.counts !== null && this.count === 0) await this.rows.ensure(0, 0, this.revision);
  }

  take(index: number, id?: string): void {
    this.hand = Math.max(0, Math.min(index, this.count - 1));
    this.handId = id ?? this.rows.at(this.hand)?.id ?? null;
  }

  async tryAgain(): Promise<void> {
    await this.#read();
  }

  isBusy(id: string): boolean {
    return this.busy.includes(id);
  }

  /** One deed at a time about one link. */
  async whileBusy(id: string, deed: () => Promise<void>): Promise<void> {
    if (this.isBusy(id)) return;
    this.busy = [...this.busy, id];
    try {
      await deed();
    } finally {
      this.busy = this.busy.filter((one) => one !== id);
    }
  }

  async stop(link: SharedLink): Promise<void> {
    try {
      await this.backend.stopLink(link.id);
      this.notices.tell('done', 'toast.link_stopped');
    } catch (thrown) {
      this.notices.show(thrown, { tryAgain: () => void this.stop(link) });
    }
  }

  /** True when it is kept. */
  async note(link: SharedLink, note: string): Promise<boolean> {
    try {
      await this.backend.setLinkNote(link.id, note);
      return true;
    } catch (thrown) {
      this.notices.show(thrown);
      return false;
    }
  }

  async #search(): Promise<void> {
    if (this.searchText === this.#searched) return;
    const words = t('links.search.label');
    // What is shown stays until the answer is there.
    await this.#read();
    this.#sayCount(words);
  }

  async #switch(words: string): Promise<void> {
    this.#fresh();
    await this.#read();
    this.#sayCount(words);
  }

  #sayCount(tab: string): void {
    if (this.counts) this.announcer.say(t('links.announce.shown', { tab, count: count(this.count) }));
  }

  #fresh(): void {
    this.#turn += 1;
    this.counts = null;
    this.refused = null;
    this.rows = this.#windows();
    this.#toTop();
  }

  #toTop(): void {
    this.hand = 0;
    this.handId = null;
  }

  /** The first rows of what is asked for now, and how many there are. */
  async #read(): Promise<void> {
    const turn = ++this.#turn;
    const other = this.searchText !== this.#searched;
    this.#searched = this.searchText;
    try {
      const rows = this.#windows();
      const window = await this.#asking()(0, PAGE);
      if (turn !== this.#turn) return;
      rows.keep(window);
      this.rows = rows;
      this.refused = null;
      if (other) this.#toTop();
      this.#take(window);
    } catch (thrown) {
      if (turn === this.#turn) this.refused = problemOf(thrown);
    }
  }

  #take(window: LinkWindow): void {
    const { total, working, ended, incomplete, problem } = window;
    this.revision = Math.max(this.revision, window.revision);
    this.canSeeEverybody = window.canSeeEverybody;
    this.counts = { total, working, ended, incomplete, problem };
    if (!this.everybody) this.working = working;
  }

  #asking(): (from: number, count: number) => Promise<LinkWindow> {
    const asked = { everybody: this.everybody, state: this.state, search: this.#searched.trim() };
    return (from, count) => this.backend.getLinks({ ...asked, from, count });
  }

  /** Windows of what is asked for now, whatever is asked for later. */
  #windows(): RowWindows<SharedLink> {
    const ask = this.#asking();
    const windows: RowWindows<SharedLink> = new RowWindows<SharedLink>(
      async (from, count) => {
        const window = await ask(from, count);
        if (windows === this.rows) this.#take(window);
        return window;
      },
      (thrown) => {
        if (windows === this.rows) this.refused = problemOf(thrown);
      },
    );
    return windows;
  }
}
