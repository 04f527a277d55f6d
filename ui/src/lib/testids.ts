/** Every name by which a test finds a thing on the page. Meanings of the attributes beside them: see each comment. */
export const TestId = {
  /** Whole page; `data-screen` = loading | welcome | accessKey | files | links | transfers | settings | startProblem */
  App: 'app',
  /** Polite announcements for screen readers */
  LiveRegion: 'live-region',

  // Welcome
  Welcome: 'welcome',
  WelcomeAccessKey: 'welcome-access-key',
  WelcomePractice: 'welcome-practice',
  WelcomeNothing: 'welcome-nothing',
  WelcomeBack: 'welcome-back',

  // Access key form
  AccessKey: 'access-key',
  AccessKeyBack: 'access-key-back',
  AccessKeyMore: 'access-key-more',
  AccessKeySubmit: 'access-key-submit',
  AccessKeyConnected: 'access-key-connected',
  AccessKeyOpen: 'access-key-open',
  FieldBucket: 'field-bucket',
  FieldKeyId: 'field-key-id',
  FieldSecretKey: 'field-secret-key',
  FieldAddress: 'field-address',
  FieldRegion: 'field-region',
  FieldFolder: 'field-folder',
  FieldName: 'field-name',
  /** The trouble at its field; `data-field` = bucket | keyId | secretKey | address | region | folder */
  FieldTrouble: 'field-trouble',
  CheckSteps: 'check-steps',
  /** `data-step`, `data-state` as in the contract */
  CheckStep: 'check-step',
  StoreTrouble: 'store-trouble',
  StoreUnlock: 'store-unlock',
  StoreSession: 'store-session',

  // Frame of the main window
  PlaceSwitcher: 'place-switcher',
  PlaceMenu: 'place-menu',
  /** `data-place` = id */
  PlaceItem: 'place-item',
  PlaceAdd: 'place-add',
  NavFiles: 'nav-files',
  NavLinks: 'nav-links',
  /** How many work */
  NavLinksCount: 'nav-links-count',
  NavTransfers: 'nav-transfers',
  NavTransfersShare: 'nav-transfers-share',
  NavSettings: 'nav-settings',
  /** What keeps the storage out of reach; goes by itself */
  ConnectionBanner: 'connection-banner',
  ConnectionTryNow: 'connection-try-now',
  /** `data-state` = connected | looking | trouble */
  Connection: 'connection',

  // Files
  Files: 'files',
  Breadcrumb: 'breadcrumb',
  /** Crumbs above this folder; `data-index` */
  Crumb: 'crumb',
  CrumbCurrent: 'crumb-current',
  Search: 'search',
  SearchClear: 'search-clear',
  Upload: 'upload',
  Download: 'download',
  /** `data-listing`, `data-revision`, `data-count`, `data-loading`, `data-complete` */
  FileList: 'file-list',
  SortName: 'sort-name',
  SortSize: 'sort-size',
  SortChanged: 'sort-changed',
  /** `data-name`, `data-kind` = folder | file, `data-row` = id, `data-index`, `aria-selected` */
  Row: 'row',
  RowName: 'row-name',
  RowSize: 'row-size',
  RowChanged: 'row-changed',
  RowLink: 'row-link',
  RowCopyLink: 'row-copy-link',
  RowSkeleton: 'row-skeleton',
  PracticeBanner: 'practice-banner',
  IncompleteBanner: 'incomplete-banner',
  IncompleteRetry: 'incomplete-retry',
  EmptyFolder: 'empty-folder',
  EmptyChoose: 'empty-choose',
  EmptySearch: 'empty-search',
  ContextMenu: 'context-menu',
  MenuOpen: 'menu-open',
  MenuCopyLink: 'menu-copy-link',
  MenuShare: 'menu-share',
  MenuDownload: 'menu-download',
  /** `data-allowed` = true | false */
  DropOverlay: 'drop-overlay',
  DropTitle: 'drop-title',
  DropDetail: 'drop-detail',

  // Transfers: the bar at the bottom
  TransfersBar: 'transfers-bar',
  TransfersTitle: 'transfers-title',
  TransfersDetail: 'transfers-detail',
  TransfersProgress: 'transfers-progress',
  TransfersAmount: 'transfers-amount',
  TransfersToggle: 'transfers-toggle',
  TransfersOpen: 'transfers-open',
  TransfersCancel: 'transfers-cancel',
  TransfersClear: 'transfers-clear',
  TransfersList: 'transfers-list',
  TransfersShowAll: 'transfers-show-all',

  // Transfers: the screen; its line and buttons have the names of the bar's, which is not shown beside it
  Transfers: 'transfers',
  TransfersPause: 'transfers-pause',
  TransfersResume: 'transfers-resume',
  TransfersFilters: 'transfers-filters',
  /** `data-filter` = all | active | needsYou | finished, `aria-pressed` */
  TransfersFilter: 'transfers-filter',
  /** `data-filter`, `data-count`, `data-revision` */
  TransferRows: 'transfer-rows',
  TransferSkeleton: 'transfer-skeleton',
  EmptyTransfers: 'empty-transfers',
  EmptyTransfersChoose: 'empty-transfers-choose',
  EmptyFilter: 'empty-filter',

  // One transfer, in the bar's list and on the screen
  /** `data-id`, `data-name`, `data-state` as in the contract, `data-files` of a folder, `data-index` on the screen */
  Transfer: 'transfer',
  /** Of a folder; `aria-expanded` */
  TransferOpen: 'transfer-open',
  TransferState: 'transfer-state',
  TransferUnder: 'transfer-under',
  TransferProgress: 'transfer-progress',
  TransferCopyLink: 'transfer-copy-link',
  TransferShow: 'transfer-show',
  TransferTryNow: 'transfer-try-now',
  TransferPause: 'transfer-pause',
  TransferResume: 'transfer-resume',
  TransferCancel: 'transfer-cancel',
  TransferAction: 'transfer-action',
  TransferDecide: 'transfer-decide',
  /** What many need the person for, told once; `data-code`, `data-count` */
  TransferCause: 'transfer-cause',
  TransferCauseRetry: 'transfer-cause-retry',
  TransferCauseAction: 'transfer-cause-action',
  NameTaken: 'name-taken',
  NameTakenKeepBoth: 'name-taken-keep-both',
  NameTakenReplace: 'name-taken-replace',
  NameTakenSkip: 'name-taken-skip',
  NameTakenAll: 'name-taken-all',
  NameTakenCancel: 'name-taken-cancel',
  NameTakenConfirm: 'name-taken-confirm',
  /** What Replace means, with the links that will open the new file */
  NameTakenReplaceSentence: 'name-taken-replace-sentence',

  // Share sheet
  Share: 'share',
  ShareTitle: 'share-title',
  /** The chosen end in words; `data-at` = its time */
  ShareEnd: 'share-end',
  /** One radio button of the ends; `data-kind`, `data-at` */
  ShareChoice: 'share-choice',
  SharePick: 'share-pick',
  SharePickDay: 'share-pick-day',
  SharePickTime: 'share-pick-time',
  ShareLatest: 'share-latest',
  ShareStoppable: 'share-stoppable',
  ShareDownload: 'share-download',
  ShareNote: 'share-note',
  ShareQr: 'share-qr',
  ShareEmail: 'share-email',
  /** The private copy that takes a while, in the sheet or beside the news */
  ShareProgress: 'share-progress',
  ShareStop: 'share-stop',
  SharePromise: 'share-promise',
  ShareCancel: 'share-cancel',
  ShareCopy: 'share-copy',
  ShareCopyMore: 'share-copy-more',
  ShareCopyMenu: 'share-copy-menu',
  ShareCopyPlain: 'share-copy-plain',
  ShareCopyWithText: 'share-copy-with-text',

  // A link as a picture
  Qr: 'qr',
  QrPicture: 'qr-picture',
  /** In the place of the picture; `data-code` */
  QrProblem: 'qr-problem',
  QrSave: 'qr-save',
  QrClose: 'qr-close',

  // Shared links
  Links: 'links',
  /** `data-value` = working | ended, `aria-pressed` */
  LinksTab: 'links-tab',
  /** `data-value` = mine | everybody, `aria-pressed` */
  LinksScope: 'links-scope',
  LinksSearch: 'links-search',
  LinksSearchClear: 'links-search-clear',
  /** `data-count`, `data-revision`, `data-state`, `data-everybody` */
  LinkRows: 'link-rows',
  /** `data-id`, `data-name`, `data-state` = working | ended | stopped, `data-index` */
  Link: 'link',
  LinkSkeleton: 'link-skeleton',
  LinkStatus: 'link-status',
  LinkNote: 'link-note',
  LinkShared: 'link-shared',
  /** `data-file` = changed | gone */
  LinkFile: 'link-file',
  LinkCopyAgain: 'link-copy-again',
  LinkRenew: 'link-renew',
  LinkShareAgain: 'link-share-again',
  LinkStop: 'link-stop',
  /** Only where there is no room for the buttons */
  LinkMore: 'link-more',
  LinkMenu: 'link-menu',
  LinkMenuWithText: 'link-menu-with-text',
  LinkMenuQr: 'link-menu-qr',
  LinkMenuEmail: 'link-menu-email',
  LinkMenuNote: 'link-menu-note',
  LinksIncomplete: 'links-incomplete',
  LinksIncompleteRetry: 'links-incomplete-retry',
  EmptyLinks: 'empty-links',
  EmptyLinksAct: 'empty-links-act',
  LinkStopQuestion: 'link-stop-question',
  LinkStopCancel: 'link-stop-cancel',
  LinkStopConfirm: 'link-stop-confirm',
  LinkNoteDialog: 'link-note-dialog',
  LinkNoteField: 'link-note-field',
  LinkNoteCancel: 'link-note-cancel',
  LinkNoteSave: 'link-note-save',

  // Settings
  Settings: 'settings',
  SettingsSpeedFree: 'settings-speed-free',
  SettingsSpeedLimited: 'settings-speed-limited',
  SettingsSpeed: 'settings-speed',
  /** What is obeyed now; `data-limited` = true | false */
  SettingsSpeedNow: 'settings-speed-now',
  SettingsTellBeforeEnd: 'settings-tell-before-end',

  // Short news and problems
  /** `data-kind` = done | news */
  Toast: 'toast',
  ToastText: 'toast-text',
  ToastAction: 'toast-action',
  ToastUndo: 'toast-undo',
  ToastClose: 'toast-close',
  /** A problem, as a panel in the folder or as a dialog; `data-code` */
  Problem: 'problem',
  ProblemTitle: 'problem-title',
  ProblemSentence: 'problem-sentence',
  ProblemAction: 'problem-action',
  ProblemBack: 'problem-back',
  ProblemClose: 'problem-close',
  ProblemDetails: 'problem-details',
  ProblemDetailText: 'problem-detail-text',
  ProblemCopy: 'problem-copy',
} as const;

export type TestIdName = (typeof TestId)[keyof typeof TestId];
