/**
 * What the page may ask of the app, and what it hears from it.
 * Every request that the app refuses is thrown as a `ProblemError`; nothing else passes this line untyped.
 */
import type {
  CauseDeed,
  CheckAndAddPlace,
  CheckStep,
  Connection,
  CopyLink,
  DecideConflicts,
  DropHovered,
  FolderTarget,
  GetLinks,
  GetTransferRows,
  LinkCopied,
  LinkProgress,
  LinkQr,
  LinksChanged,
  LinkStopped,
  LinkTarget,
  LinkUndone,
  LinkWindow,
  Listing,
  NamesTaken,
  Place,
  PlaceCheck,
  PlaceSetup,
  Problem,
  Row,
  Settings,
  ShareOptions,
  Start,
  Transfer,
  TransferRows,
  Transfers,
} from './bindings';

export type {
  Action,
  Cause,
  CauseDeed,
  CheckStep,
  Code,
  Conflict,
  Connection,
  DropHovered,
  EndChoice,
  FolderFiles,
  FolderTarget,
  LinkCopied,
  LinkEndChoice,
  LinkFilter,
  LinkProgress,
  LinkQr,
  LinksChanged,
  LinkStopped,
  LinkTarget,
  LinkUndone,
  LinkWindow,
  Listing,
  NameQuestion,
  NamesTaken,
  Place,
  PlaceCheck,
  PlaceSetup,
  Problem,
  Row,
  Settings,
  SharedLink,
  ShareOptions,
  Start,
  Transfer,
  TransferLine,
  TransferRows,
  Transfers,
} from './bindings';

export type NewPlace = CheckAndAddPlace;
/** A link that is wished for. */
export type LinkWish = CopyLink;
/** Which links, and which of them. */
export type LinksAsked = GetLinks;
export type CheckField = NonNullable<CheckStep['field']>;
export type SortBy = Listing['sortBy'];
export type TypeGroup = Row['typeGroup'];
export type TransferState = Transfer['state'];
export type TransferFilter = GetTransferRows['filter'];
export type ConflictChoice = DecideConflicts['choice'];
/** Rows of a list, as they were at a revision of it. */
export interface RowWindow<One = Row> {
  revision: number;
  from: number;
  rows: One[];
}

/** What the app tells without being asked. */
export interface BackendNews {
  placeChecked: (steps: CheckStep[]) => void;
  listingChanged: (listing: Listing) => void;
  transfersChanged: (transfers: Transfers) => void;
  connectionChanged: (connection: Connection) => void;
  dropHovered: (drop: DropHovered) => void;
  dropLeft: () => void;
  dropLanded: (count: number) => void;
  linksChanged: (links: LinksChanged) => void;
  linkProgress: (progress: LinkProgress) => void;
}

export interface Backend {
  /** Starts the news; resolves once nothing can be missed. */
  listen(news: BackendNews): Promise<() => void>;

  getStart(): Promise<Start>;
  /** How a saved place is reached, without its keys. */
  getPlaceSetup(place: string): Promise<PlaceSetup>;
  checkAndAddPlace(place: NewPlace): Promise<PlaceCheck>;
  openPracticePlace(): Promise<Place>;
  selectPlace(place: string): Promise<void>;

  openFolder(place: string, target: FolderTarget): Promise<Listing>;
  getRows(listing: number, from: number, count: number): Promise<RowWindow>;
  searchFolder(listing: number, text: string): Promise<Listing>;
  sortFolder(listing: number, by: SortBy, descending: boolean): Promise<Listing>;
  refreshFolder(listing: number): Promise<Listing>;
  /** Which folder takes what is dropped on the window; null: none. At the start none does. */
  takeDrops(listing: number | null): Promise<void>;

  chooseFilesToUpload(listing: number): Promise<number>;
  pasteFiles(listing: number): Promise<number>;
  /** Files, and folders with all that is in them; how many downloads were begun. */
  downloadRows(listing: number, rows: number[]): Promise<number>;
  getTransfers(): Promise<Transfers>;
  getTransferRows(filter: TransferFilter, from: number, count: number): Promise<TransferRows>;
  /** Shows the files of a folder below it, or hides them. */
  openTransfer(id: number, open: boolean): Promise<Transfers>;
  /** No ids: all; the same for resuming and cancelling. */
  pauseTransfers(ids: number[]): Promise<void>;
  resumeTransfers(ids: number[]): Promise<void>;
  /** Looks whether what is held can be reached; resolves when it can, or after a while. */
  tryHeldNow(): Promise<void>;
  cancelTransfers(ids: number[]): Promise<void>;
  retryTransfers(ids: number[]): Promise<void>;
  /** One thing about all that need the person for the same reason as this one. */
  settleCause(first: number, deed: CauseDeed): Promise<void>;
  /** For one name that is taken, or for exactly those that a question was about. */
  decideConflicts(which: NamesTaken, choice: ConflictChoice): Promise<void>;
  /** What a question was about is asked about no more, but one by one. */
  putOffConflicts(through: number): Promise<void>;
  clearTransfers(): Promise<void>;
  showTransfer(id: number): Promise<void>;
  getConnection(): Promise<Connection>;

  /** Makes a link, tests it, and puts it on the clipboard. The link itself never comes here. */
  copyLink(wish: LinkWish): Promise<LinkCopied>;
  getShareOptions(target: LinkTarget): Promise<ShareOptions>;
  /** Stops the private copy that is being made; `copyLink` is then refused as cancelled. */
  cancelLinkMaking(): Promise<void>;
  /** Takes a link back that was just made. */
  undoLink(id: string): Promise<LinkUndone>;
  getLinks(asked: LinksAsked): Promise<LinkWindow>;
  copyLinkAgain(id: string, withText: boolean): Promise<LinkCopied>;
  /** A new link to the same, with the place's end. */
  renewLink(id: string): Promise<LinkCopied>;
  /** Resolves once the link is proven to open nothing. */
  stopLink(id: string): Promise<LinkStopped>;
  setLinkNote(id: string, note: string): Promise<void>;
  emailLink(id: string): Promise<void>;
  getLinkQr(id: string): Promise<LinkQr>;
  /** False: the person thought better of it. */
  saveLinkQr(id: string): Promise<boolean>;

  getSettings(): Promise<Settings>;
  /** What they are now: what can't be kept is made to fit. */
  replaceSettings(settings: Settings): Promise<Settings>;

  copyProblemDetails(problem: number): Promise<void>;
  askIt(problem: number): Promise<void>;
  askItForAccess(): Promise<void>;
  openDateAndTimeSettings(): Promise<void>;
}

/** A refusal of the app, with everything the page needs to explain it. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
    this.name = 'ProblemError';
  }
}
