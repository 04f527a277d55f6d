/** A working backend in memory: the page in a plain browser and every UI test run on it. */
import type {
  Backend,
  BackendNews,
  CheckStep,
  Code,
  Connection,
  LinkTarget,
  Place,
  Settings,
  Start,
} from './backend';
import { check } from './fake/check';
import { shareOptions, type LastChoice } from './fake/ends';
import { linkSamples, type LinkSample } from './fake/link-samples';
import { FakeLinks, type LinkRules, type ToShare } from './fake/links';
import { FakeListings } from './fake/listings';
import { problem, refuse } from './fake/problems';
import { fillWith, type Sample } from './fake/samples';
import { FakeTransfers, type LocalFile } from './fake/transfers';
import { filesIn, folder, seeds, typeOf, type Folder } from './fake/tree';

export interface FakeOptions {
  now?: () => Date;
  /** Milliseconds of one unit of waiting; a request takes about one. */
  pace?: number;
  /** Places that are there at the start, by id. */
  places?: ('marketing' | 'practice')[];
  start?: Partial<Start>;
  /** Places that can't be opened: their keys are in a password store that is locked, or what `lockedBy` says. */
  locked?: string[];
  lockedBy?: Code;
  passwordStore?: 'open' | 'locked' | 'missing';
  /** The company sign-in of every place ends then. */
  signInEnds?: Date | null;
  /** What the native chooser gives, call by call; then nothing. */
  chooser?: LocalFile[][];
  /** So much was told since that no problem is remembered. */
  forgetsProblems?: boolean;
  /** Transfers that are there from the start. */
  transfers?: Sample;
  /** Links that are there from the start. */
  links?: LinkSample;
  /** What the place and the account allow of links; everything, unless said. */
  linkRules?: Partial<LinkRules>;
}

export interface FakeBackend extends Backend {
  /** The last text put on the clipboard. */
  readonly clipboard: string | null;
  /** What was asked of the mail program and of the system. */
  readonly asked: string[];
  filesOnClipboard: LocalFile[];
  /** Unlocks the password store. */
  unlock(): void;
  /** The folder that takes what is dropped on the window. */
  readonly dropsInto: number | null;
  news: BackendNews;
  readonly links: FakeLinks;
  upload(listing: number, files: LocalFile[]): number;
  /** What moves waits for this to be over; null: it is. */
  hold(code: Code | null): void;
  hoverDrop(count: number | null, totalBytes: number | null, into: string, allowed?: boolean): void;
}

const MB = 1_000_000;
const PLACES: Record<'marketing' | 'practice', Place> = {
  marketing: { id: 'marketing', name: 'Marketing', organisation: 'Acme GmbH', practice: false },
  practice: { id: 'practice', name: 'Practice', organisation: null, practice: true },
};
const SILENT: BackendNews = {
  placeChecked: () => undefined,
  listingChanged: () => undefined,
  transfersChanged: () => undefined,
  connectionChanged: () => undefined,
  dropHovered: () => undefined,
  dropLeft: () => undefined,
  dropLanded: () => undefined,
  linksChanged: () => undefined,
  linkProgress: () => undefined,
};

export const SAMPLE_CHOICES: LocalFile[][] = [
  [
    { name: 'Interview raw.mov', sizeBytes: 420 * MB },
    { name: 'Invitation.pdf', sizeBytes: 1.4 * MB },
    { name: 'Stand photos.zip', sizeBytes: 160 * MB },
  ],
  [
    { name: 'Contract Müller & Söhne (signed).pdf', sizeBytes: 418_000 },
    { name: 'Visitor list.csv', sizeBytes: 33_000 },
    { name: 'Minutes.docx', sizeBytes: 61_000 },
    { name: 'Locked draft.docx', sizeBytes: 50_000, trouble: 'fileUnreadable' },
  ],
];

export function createFake(options: FakeOptions = {}): FakeBackend {
  const now = options.now ?? (() => new Date());
  const pace = options.pace ?? 100;
  const pause = (units: number) => new Promise<void>((resolve) => setTimeout(resolve, units * pace));
  const tree = seeds(now());
  const roots = new Map<string, Folder>([
    ['marketing', tree.marketing],
    ['practice', tree.practice],
  ]);
  const places = (options.places ?? ['marketing', 'practice']).map((id) => PLACES[id]);
  const chooser = [...(options.chooser ?? SAMPLE_CHOICES)];
  const locked = new Set(options.locked ?? []);
  let store = options.passwordStore ?? 'open';
  let current = places[0]?.id ?? null;

  const listings = new FakeListings(roots, pause, (listing) => fake.news.listingChanged(listing));
  const transfers = new FakeTransfers(
    pause,
    (snapshot) => fake.news.transfersChanged(snapshot),
    (changed) => listings.touched(changed),
    now,
  );
  if (options.transfers) fillWith(transfers, options.transfers, tree.marketing, now());
  let settings: Settings = {
    speed: { limited: false, bytesPerSecond: 5 * MB },
    tellBeforeEnd: false,
  };
  let connection: Connection = { online: true, problem: null };

  function toShare(target: LinkTarget): ToShare {
    if (target.kind === 'link') return links.whatOf(target.id);
    const ids = target.kind === 'row' ? [target.row] : target.kind === 'rows' ? target.rows : [];
    const entries =
      target.kind === 'transfer'
        ? [transfers.storedFile(target.id) ?? refuse('fileGone')]
        : ids.map((id) => listings.entryOf(target.listing, id));
    const [first = refuse('fileGone')] = entries;
    for (const one of filesIn(entries)) if (one.trouble) refuse(one.trouble, { file: one.name });
    const inFolder = target.kind === 'transfer' ? '' : listings.folderOf(target.listing).name;
    const files = filesIn(entries);
    if (target.kind !== 'rows')
      return { name: first.name, folder: inFolder, files, page: false, ...typeOf(first.name) };
    const name = entries.length === 1 ? first.name : `${files.length} files`;
    const typeGroup = entries.length === 1 ? ('folder' as const) : ('other' as const);
    return { name, folder: inFolder, files, page: true, typeLabel: String(files.length), typeGroup };
  }

  function isPractice(target: LinkTarget): boolean {
    const placed = target.kind === 'row' || target.kind === 'rows';
    return (placed ? listings.placeOf(target.listing) : current) === 'practice';
  }

  function addPlace(place: Place): Place {
    const known = places.findIndex((one) => one.id === place.id);
    if (known < 0) places.push(place);
    else places[known] = place;
    current = place.id;
    return place;
  }

  const latestEnd = () => {
    const inThreeDays = new Date(now().getTime() + 3 * 86_400_000);
    const signIn = options.signInEnds ?? null;
    return signIn && signIn < inThreeDays
      ? { end: signIn, because: 'signIn' as const }
      : { end: inThreeDays, because: 'chosen' as const };
  };

  const rules: LinkRules = {
    mayCopy: true,
    mayChooseStoppable: true,
    longForMail: false,
    ...options.linkRules,
  };
  const last: LastChoice = { lasts: null, open: false, stoppable: true };
  const links = new FakeLinks({
    now,
    pause,
    rules,
    news: () => fake.news,
    find: toShare,
    latest: latestEnd,
    touched: (files) => listings.holding(files).forEach((changed) => listings.touched(changed)),
    clipboard: {
      read: () => fake.clipboard,
      write: (text) => Object.assign(fake, { clipboard: text }),
    },
  });
  links.fill(linkSamples(options.links ?? 'none', () => filesIn(tree.marketing.entries), now()));

  const fake: FakeBackend = {
    links,
    clipboard: null,
    asked: [],
    filesOnClipboard: [],
    dropsInto: null,
    news: SILENT,
    upload: (listing, files) => transfers.start(listings.folderOf(listing), files),
    hold(code) {
      connection = { online: code !== 'offline', problem: code ? problem(code) : null };
      transfers.hold(code);
      fake.news.connectionChanged(connection);
    },
    unlock: () => locked.clear(),
    hoverDrop: (count, totalBytes, into, allowed = true) =>
      fake.news.dropHovered({ count, totalBytes, folder: into, allowed }),

    async listen(news) {
      fake.news = news;
      return () => (fake.news = SILENT);
    },

    async getStart() {
      await pause(0.5);
      const start: Start = {
        places: [...places],
        current,
        locale: 'en-GB',
        pseudo: false,
        hour12: null,
      };
      return { ...start, ...options.start };
    },
    async getPlaceSetup(id) {
      const found = places.find((one) => one.id === id) ?? refuse('placeUnknown', { place: id });
      return { bucket: `acme-${id}`, address: '', region: '', folder: '', name: found.name };
    },
    async checkAndAddPlace(place) {
      const wished = place.name || place.bucket;
      const other = places.some((one) => one.name === wished && one.id !== place.place);
      if (other) return refuse('placeNameTaken', { place: wished });
      const tell = (steps: CheckStep[]) => fake.news.placeChecked(steps);
      const { steps, passed } = await check(place, pause, tell);
      if (!passed) return { steps, place: null, folders: 0, files: 0, more: false };
      if (store !== 'open' && !place.sessionOnly) {
        const code = store === 'locked' ? 'passwordStoreLocked' : 'passwordStoreMissing';
        if (store === 'locked') store = 'open';
        return refuse(code);
      }
      const id = place.place ?? `place-${places.length + 1}`;
      const name = wished;
      locked.delete(id);
      const entries = place.bucket === 'empty' ? [] : tree.marketing.entries;
      const twelve = Array.from({ length: 12 - entries.length }, (_, index) =>
        folder(`Archive ${2014 + index}`),
      );
      const all = entries.length === 0 ? [] : [...entries, ...twelve];
      roots.set(id, folder(name, all));
      const added = addPlace({ id, name, organisation: null, practice: false });
      return { steps, place: added, folders: all.length, files: 0, more: false };
    },
    async openPracticePlace() {
      await pause(2);
      return addPlace(PLACES.practice);
    },
    async selectPlace(id) {
      await pause(0.2);
      current = places.some((place) => place.id === id) ? id : refuse('placeNotFound', { place: id });
    },

    async openFolder(place, target) {
      if (locked.has(place)) return refuse(options.lockedBy ?? 'passwordStoreLocked');
      return listings.open(place, target);
    },
    getRows: (listing, from, count) => listings.window(listing, from, count),
    searchFolder: (listing, text) => listings.search(listing, text),
    sortFolder: (listing, by, descending) => listings.sort(listing, by, descending),
    refreshFolder: (listing) => listings.refresh(listing),
    async takeDrops(listing) {
      Object.assign(fake, { dropsInto: listing });
    },

    async chooseFilesToUpload(listing) {
      await pause(1);
      const chosen = chooser.shift() ?? [];
      return chosen.length === 0 ? 0 : fake.upload(listing, chosen);
    },
    async pasteFiles(listing) {
      await pause(0.5);
      return fake.filesOnClipboard.length === 0 ? 0 : fake.upload(listing, fake.filesOnClipboard);
    },
    async downloadRows(listing, rows) {
      await pause(0.5);
      return transfers.download(rows.map((row) => listings.entryOf(listing, row)));
    },
    getTransfers: async () => transfers.snapshot(),
    getTransferRows: (filter, from, count) => transfers.rows(filter, from, count),
    openTransfer: async (id, open) => transfers.open(id, open),
    pauseTransfers: async (ids) => transfers.pause(ids),
    resumeTransfers: async (ids) => transfers.resume(ids),
    async tryHeldNow() {
      fake.asked.push('to try now');
      await pause(3);
    },
    cancelTransfers: async (ids) => transfers.cancel(ids),
    retryTransfers: async (ids) => transfers.retry(ids),
    settleCause: async (first, deed) => transfers.settleCause(first, deed),
    decideConflicts: async (which, choice) => transfers.decide(which, choice),
    putOffConflicts: async (through) => transfers.putOff(through),
    clearTransfers: async () => transfers.clear(),
    async showTransfer(id) {
      fake.asked.push(`folder of transfer ${id}`);
    },
    getConnection: async () => connection,

    async copyLink(wish) {
      const copied = await links.make(wish);
      if (wish.remember) {
        const lasts = new Date(copied.endsAt).getTime() - now().getTime();
        Object.assign(last, { lasts, open: wish.open, stoppable: wish.stoppable });
      }
      return copied;
    },
    async getShareOptions(target) {
      await pause(1);
      return shareOptions(toShare(target), {
        now: now(),
        practice: isPractice(target),
        signInEnds: options.signInEnds ?? null,
        mayChooseStoppable: rules.mayChooseStoppable,
        last,
      });
    },
    cancelLinkMaking: async () => links.cancel(),
    undoLink: (id) => links.undo(id),
    getLinks: (asked) => links.window(asked),
    copyLinkAgain: (id, withText) => links.copyAgain(id, withText),
    renewLink: (id) => links.renew(id),
    stopLink: async (id) => ({ name: await links.stop(id) }),
    setLinkNote: (id, note) => links.note(id, note),
    async emailLink(id) {
      fake.asked.push(`mail with ${await links.email(id)}`);
    },
    getLinkQr: (id) => links.qr(id),
    async saveLinkQr(id) {
      fake.asked.push(`picture of ${links.whatOf(id).name}`);
      return true;
    },

    async getSettings() {
      await pause(0.2);
      return settings;
    },
    async replaceSettings(wanted) {
      await pause(0.2);
      settings = wanted;
      return settings;
    },

    async copyProblemDetails(id) {
      if (options.forgetsProblems || id === 0) return refuse('detailsGone');
      Object.assign(fake, { clipboard: `details of problem ${id}` });
    },
    async askIt(id) {
      if (options.forgetsProblems || id === 0) return refuse('detailsGone');
      fake.asked.push(`mail about problem ${id}`);
    },
    async askItForAccess() {
      fake.asked.push('mail for access');
    },
    async openDateAndTimeSettings() {
      fake.asked.push('date and time settings');
    },
  };
  return fake;
}
