/** The links of the fake: made, copied again, renewed, stopped, and listed with those of colleagues. */
import type {
  BackendNews,
  LinkCopied,
  LinkQr,
  LinksAsked,
  LinkTarget,
  LinkUndone,
  LinkWindow,
  LinkWish,
  Problem,
  SharedLink,
} from '../backend';
import { refuse } from './problems';
import type { File } from './tree';

/** What a link is to open. */
export interface ToShare {
  name: string;
  folder: string;
  files: File[];
  /** A page with several files, or with all of a folder. */
  page: boolean;
  typeLabel: string;
  typeGroup: SharedLink['typeGroup'];
}

export interface FakeLink {
  shared: SharedLink;
  what: ToShare;
}

export interface LinkRules {
  /** The account may make private copies. */
  mayCopy: boolean;
  mayChooseStoppable: boolean;
  longForMail: boolean;
}

interface Around {
  now: () => Date;
  pause: (units: number) => Promise<void>;
  news: () => BackendNews;
  rules: LinkRules;
  find: (target: LinkTarget) => ToShare;
  latest: () => { end: Date; because: LinkCopied['endsBecause'] };
  /** Something about these files is drawn otherwise now. */
  touched: (files: File[]) => void;
  clipboard: { read: () => string | null; write: (text: string | null) => void };
}

const GB = 1_000_000_000;
/** Above this a private copy takes a while. */
const BIG = 5 * GB;
const COPY_STEPS = 10;

const addressOf = (link: FakeLink) => `https://storage.example/${encodeURIComponent(link.shared.name)}`;

export class FakeLinks {
  #links: FakeLink[] = [];
  #last = 0;
  #revision = 1;
  #cancelled = false;
  /** Why everybody's can't be read, or not all of them. */
  everybodyProblem: Problem | null = null;

  constructor(private readonly around: Around) {}

  fill(links: FakeLink[]): void {
    this.#links = links;
  }

  whatOf(id: string): ToShare {
    return this.#get(id).what;
  }

  async make(wish: LinkWish): Promise<LinkCopied> {
    const { pause, find, rules, latest } = this.around;
    this.#cancelled = false;
    await pause(3);
    const what = find(wish.target);
    const stoppable = (wish.stoppable || !rules.mayChooseStoppable) && rules.mayCopy;
    if (!rules.mayCopy && !rules.mayChooseStoppable) return refuse('copyDenied', { file: what.name });
    if (stoppable) await this.#copyPrivately(what);
    const { end, because } = latest();
    const chosen = wish.end.kind === 'at';
    const endsAt = wish.end.kind === 'at' ? wish.end.at : end.toISOString();
    const link = this.#add(what, { endsAt, stoppable, note: wish.note });
    this.#toClipboard(link, wish.withText);
    return this.#copied(link, chosen ? 'chosen' : because, wish.target);
  }

  cancel(): void {
    this.#cancelled = true;
  }

  async undo(id: string): Promise<LinkUndone> {
    await this.around.pause(1);
    const link = this.#get(id);
    const { clipboard } = this.around;
    if (clipboard.read()?.endsWith(addressOf(link)) === true) clipboard.write(null);
    const stopped = link.shared.stoppable;
    this.#count(link, -1);
    this.#links = this.#links.filter((one) => one !== link);
    this.#changed();
    return { stopped };
  }

  async copyAgain(id: string, withText: boolean): Promise<LinkCopied> {
    await this.around.pause(1);
    const link = this.#get(id);
    if (!this.#works(link)) return refuse('linkOver', { file: link.shared.name });
    if (!link.shared.canCopyAgain) return refuse('linkKeysGone', { file: link.shared.name });
    this.#toClipboard(link, withText);
    return this.#copied(link, 'chosen', { kind: 'link', id });
  }

  async renew(id: string): Promise<LinkCopied> {
    await this.around.pause(2);
    const { shared, what } = this.#get(id);
    const { end, because } = this.around.latest();
    const link = this.#add(what, { endsAt: end.toISOString(), stoppable: true, note: shared.note });
    this.#toClipboard(link, false);
    return this.#copied(link, because, { kind: 'link', id: link.shared.id });
  }

  async stop(id: string): Promise<string> {
    await this.around.pause(2);
    const link = this.#get(id);
    if (!link.shared.stoppable) return refuse('notStoppable', { file: link.shared.name });
    Object.assign(link.shared, { state: 'stopped', stoppedAt: this.around.now().toISOString() });
    this.#count(link, -1);
    this.#changed();
    return link.shared.name;
  }

  async note(id: string, note: string): Promise<void> {
    await this.around.pause(0.5);
    this.#get(id).shared.note = note;
    this.#changed();
  }

  async email(id: string): Promise<string> {
    await this.around.pause(1);
    const link = this.#get(id);
    this.#toClipboard(link, false);
    return link.shared.name;
  }

  /** Not a code that opens anything: modules that look like one. */
  async qr(id: string): Promise<LinkQr> {
    await this.around.pause(1);
    const { name } = this.#get(id).shared;
    const [modules, quiet] = [45, 4];
    const corner = (x: number, y: number) =>
      `M${x} ${y}h7v7h-7zM${x + 1} ${y + 1}v5h5v-5zM${x + 2} ${y + 2}h3v3h-3z`;
    let seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
    let path = corner(quiet, quiet) + corner(quiet + modules - 7, quiet) + corner(quiet, quiet + modules - 7);
    for (let y = 0; y < modules; y += 1) {
      for (let x = 0; x < modules; x += 1) {
        seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
        const inCorner = (x < 8 && y < 8) || (x > modules - 9 && y < 8) || (x < 8 && y > modules - 9);
        if (!inCorner && seed >>> 31 === 1) path += `M${x + quiet} ${y + quiet}h1v1h-1z`;
      }
    }
    return { size: modules + 2 * quiet, path };
  }

  async window(asked: LinksAsked): Promise<LinkWindow> {
    await this.around.pause(asked.everybody ? 2 : 0.3);
    const troubled = asked.everybody ? this.everybodyProblem : null;
    const seen = this.#links.filter(({ shared }) => shared.mine || (asked.everybody && troubled === null));
    const words = asked.search.trim().toLowerCase();
    const fits = ({ shared }: FakeLink) =>
      [shared.name, shared.note, shared.who].some((text) => text.toLowerCase().includes(words));
    const working = seen.filter((link) => this.#works(link));
    const ended = seen.filter((link) => !this.#works(link));
    const rows = (asked.state === 'working' ? working : ended).filter(fits);
    return {
      revision: this.#revision,
      from: asked.from,
      total: rows.length,
      working: working.length,
      ended: ended.length,
      rows: rows.slice(asked.from, asked.from + asked.count).map((link) => this.#shown(link)),
      incomplete: troubled !== null && rows.length > 0,
      problem: troubled,
      canSeeEverybody: true,
    };
  }

  #get(id: string): FakeLink {
    return this.#links.find((link) => link.shared.id === id) ?? refuse('linkUnknown');
  }

  #works({ shared }: FakeLink): boolean {
    return shared.state === 'working' && new Date(shared.endsAt) > this.around.now();
  }

  #shown(link: FakeLink): SharedLink {
    const { shared } = link;
    return shared.state === 'working' && !this.#works(link)
      ? { ...shared, state: 'ended', canCopyAgain: false }
      : { ...shared };
  }

  async #copyPrivately(what: ToShare): Promise<void> {
    const ofBytes = what.files.reduce((sum, file) => sum + file.sizeBytes, 0);
    if (ofBytes <= BIG) return;
    for (let step = 0; step < COPY_STEPS; step += 1) {
      if (this.#cancelled) refuse('cancelled');
      this.around.news().linkProgress({ bytes: Math.round((ofBytes * step) / COPY_STEPS), ofBytes });
      await this.around.pause(12);
    }
    if (this.#cancelled) refuse('cancelled');
  }

  #add(what: ToShare, own: Pick<SharedLink, 'endsAt' | 'stoppable' | 'note'>): FakeLink {
    const shared: SharedLink = {
      id: `made-${++this.#last}`,
      name: what.name,
      folder: what.folder,
      files: what.files.length,
      typeLabel: what.typeLabel,
      typeGroup: what.typeGroup,
      madeAt: this.around.now().toISOString(),
      state: 'working',
      stoppedAt: null,
      mine: true,
      who: '',
      canCopyAgain: true,
      sizeBytes: what.files.reduce((sum, file) => sum + file.sizeBytes, 0),
      file: 'same',
      ...own,
    };
    const link = { shared, what };
    this.#links = [link, ...this.#links];
    this.#count(link, 1);
    this.#changed();
    return link;
  }

  /** The rows of files say how many links open them. */
  #count({ shared, what }: FakeLink, sign: 1 | -1): void {
    if (what.page) return;
    for (const file of what.files) {
      file.linkCount = Math.max(0, file.linkCount + sign);
      file.linkEndsAt = file.linkCount === 0 ? null : sign === 1 ? shared.endsAt : file.linkEndsAt;
    }
    this.around.touched(what.files);
  }

  #toClipboard(link: FakeLink, withText: boolean): void {
    const { name, endsAt } = link.shared;
    const text = withText ? `${name}, until ${endsAt}\n` : '';
    this.around.clipboard.write(`${text}${addressOf(link)}`);
  }

  #copied(link: FakeLink, endsBecause: LinkCopied['endsBecause'], target: LinkTarget): LinkCopied {
    const { id, name, files, endsAt, stoppable } = link.shared;
    const { longForMail } = this.around.rules;
    return { id, name, files, endsAt, endsBecause, stoppable, longForMail, target };
  }

  #changed(): void {
    this.#revision += 1;
    const working = this.#links.filter((link) => link.shared.mine && this.#works(link)).length;
    this.around.news().linksChanged({ revision: this.#revision, working });
  }
}
