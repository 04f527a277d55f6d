/** The stores of one window, wired to one backend; components far down find them in the context. */
import { getContext, setContext } from 'svelte';
import type { Action, Backend, Problem } from '../backend/backend';
import { actionLabel } from '../errors/present';
import { Announcer } from './announcer.svelte';
import { ConnectionView } from './connection.svelte';
import { Drop } from './drop.svelte';
import { Folder } from './folder.svelte';
import { Links } from './links.svelte';
import { Notices, type Deeds } from './notices.svelte';
import { Session } from './session.svelte';
import { SettingsView } from './settings.svelte';
import { SharedLinks } from './shared-links.svelte';
import { TransferList } from './transfer-list.svelte';
import { TransfersView } from './transfers.svelte';

const KEY = Symbol('app');
const MAILS: Action[] = ['askIt', 'sendDetails'];

export interface Offer {
  label: string;
  run: () => void;
  mail: boolean;
}

export class AppStores {
  readonly announcer = new Announcer();
  readonly notices = new Notices(this.announcer);
  readonly session: Session;
  readonly folder: Folder;
  readonly connection: ConnectionView;
  readonly transfers: TransfersView;
  readonly transferList: TransferList;
  readonly links: Links;
  readonly sharedLinks: SharedLinks;
  readonly settings: SettingsView;
  readonly drop: Drop;

  /** Ends the news, once they are heard. */
  #deaf: (() => void) | null = null;

  constructor(readonly backend: Backend) {
    this.session = new Session(backend);
    this.folder = new Folder(backend, this.announcer);
    this.drop = new Drop(backend);
    this.connection = new ConnectionView(backend, this.announcer, () => this.#lookAgain());
    this.transfers = new TransfersView(backend, this.announcer, this.notices, this.connection);
    this.transferList = new TransferList(backend, this.transfers, this.announcer, this.notices);
    this.links = new Links(backend, this.notices, this.announcer);
    this.sharedLinks = new SharedLinks(backend, this.announcer, this.notices);
    this.settings = new SettingsView(backend, this.notices);
  }

  /** Hears the app first, then asks: nothing is missed in between. */
  async begin(): Promise<void> {
    try {
      this.#deaf ??= await this.backend.listen({
        placeChecked: (steps) => this.session.checked(steps),
        listingChanged: (listing) => this.folder.changed(listing),
        transfersChanged: (transfers) => this.transfers.changed(transfers),
        connectionChanged: (connection) => this.connection.changed(connection),
        dropHovered: (drop) => this.drop.hovered(drop),
        dropLeft: () => this.drop.gone(),
        dropLanded: () => this.drop.gone(),
        linksChanged: (links) => this.sharedLinks.changed(links),
        linkProgress: (progress) => this.links.progressed(progress),
      });
    } catch (thrown) {
      this.notices.show(thrown);
    }
    await this.session.begin();
    if (this.session.place) await Promise.all([this.transfers.begin(), this.connection.begin()]);
  }

  /** The window is gone: nothing is heard any more. */
  end(): void {
    this.#deaf?.();
    this.#deaf = null;
  }

  /** What the page can do about a problem wherever it shows up; `own` are the deeds of that spot. */
  private deeds(problem: Problem, own: Deeds): Deeds {
    const mail = () => void this.#try(() => this.backend.askIt(problem.id), 'toast.mail_opened');
    const setup = () => {
      this.notices.close();
      const { places, place } = this.session;
      this.session.enterKeys(places.find((one) => one.name === problem.values.place) ?? place);
    };
    return {
      askIt: mail,
      sendDetails: mail,
      openClockSettings: () => void this.#try(() => this.backend.openDateAndTimeSettings()),
      enterKeys: setup,
      enterSecret: setup,
      checkSetup: setup,
      useRightAddress: setup,
      refresh: () => void this.folder.refresh(),
      chooseFiles: () => this.notices.close(),
      pauseAll: () => void this.transfers.pause([]),
      ...own,
    };
  }

  /** The one next action of a problem, if the page can do it. */
  offer(problem: Problem, own: Deeds = {}): Offer | null {
    const run = this.deeds(problem, own)[problem.action];
    const label = actionLabel(problem.action);
    return run && label ? { label, run, mail: MAILS.includes(problem.action) } : null;
  }

  /** True when the details are on the clipboard. */
  async copyDetails(problem: Problem): Promise<boolean> {
    try {
      await this.backend.copyProblemDetails(problem.id);
      return true;
    } catch {
      return false;
    }
  }

  askForAccess(): void {
    void this.#try(() => this.backend.askItForAccess(), 'toast.mail_opened');
  }

  upload(): void {
    const { listing } = this.folder;
    if (listing) void this.#try(() => this.backend.chooseFilesToUpload(listing.id));
  }

  /** Saves what is selected, or else the row in hand, into Downloads. */
  async download(): Promise<void> {
    const { listing, toTake } = this.folder;
    if (!listing || toTake.length === 0) return;
    const count = await this.#try(() => this.backend.downloadRows(listing.id, toTake));
    if (count === 0) this.notices.tell('news', 'files.download.none');
  }

  async paste(): Promise<void> {
    const { listing } = this.folder;
    if (!listing) return;
    const count = await this.#try(() => this.backend.pasteFiles(listing.id));
    if (count === 0) this.notices.tell('news', 'files.paste.none');
  }

  /** A folder that could not be read is read again once the storage is there. */
  #lookAgain(): void {
    if (this.folder.problem) void this.folder.refresh();
  }

  async #try<T>(deed: () => Promise<T>, news?: 'toast.mail_opened'): Promise<T | undefined> {
    try {
      const result = await deed();
      if (news) this.notices.tell('done', news);
      return result;
    } catch (thrown) {
      this.notices.show(thrown);
      return undefined;
    }
  }
}

export function provideApp(app: AppStores): AppStores {
  return setContext(KEY, app);
}

export function useApp(): AppStores {
  return getContext<AppStores>(KEY);
}
