/** One sample of every problem, with the action and the values the app would send. */
import english from '../../i18n/messages/en.json';
import { ProblemError, type Action, type Code, type Problem } from '../backend';

const ACTIONS: Record<Code, Action> = {
  listDenied: 'askIt',
  uploadDenied: 'chooseFolder',
  deleteDenied: 'askIt',
  readDenied: 'askIt',
  linkRefused: 'askIt',
  keyUnknown: 'enterKeys',
  secretWrong: 'enterSecret',
  clockWrong: 'openClockSettings',
  signInEnded: 'signIn',
  signInRefused: 'signIn',
  companySignIn: 'signIn',
  codeNeeded: 'enterCode',
  placeNotFound: 'checkSetup',
  wrongAddress: 'useRightAddress',
  fileGone: 'refresh',
  busy: 'tryAgain',
  storageTrouble: 'tryAgain',
  fileTooBig: 'removeFromList',
  archived: 'bringBack',
  archiveComing: 'tryAgain',
  encryptionDenied: 'askIt',
  nameTaken: 'keepBoth',
  uploadLost: 'tryAgain',
  damaged: 'tryAgain',
  storageFull: 'askIt',
  nameRefused: 'renameAndUpload',
  unreachable: 'tryAgain',
  offline: 'tryAgain',
  tooSlow: 'tryAgain',
  captivePortal: 'openSignInPage',
  tlsUntrusted: 'sendDetails',
  tlsUnsafe: 'sendDetails',
  proxySignIn: 'openProxySettings',
  passwordStoreLocked: 'unlock',
  passwordStoreMissing: 'useForSession',
  diskFull: 'chooseAnotherFolder',
  fileUnreadable: 'tryAgain',
  fileMissing: 'findFile',
  fileChanging: 'uploadAgain',
  notOrdinary: 'hide',
  unknown: 'tryAgain',
  noKeys: 'enterKeys',
  linkEndRefused: 'useAllowedTime',
  linkUnknown: 'refresh',
  linkOver: 'newLink',
  linkKeysGone: 'newLink',
  notStoppable: 'hide',
  stopUnproven: 'tryAgain',
  copyDenied: 'askIt',
  tooManyFiles: 'chooseFiles',
  recordDenied: 'askIt',
  linkTooLongForQr: 'hide',
  setupRefused: 'askIt',
  cancelled: 'none',
  placeUnknown: 'checkSetup',
  notPrivate: 'checkSetup',
  folderUnwritable: 'chooseAnotherFolder',
  ledgerUnreadable: 'tryAgain',
  practiceUnavailable: 'tryAgain',
  clipboardRefused: 'tryAgain',
  programMissing: 'none',
  placeNameTaken: 'none',
  detailsGone: 'none',
};

export const CODES = Object.keys(ACTIONS) as Code[];

const SAMPLE_VALUES: Record<string, string> = {
  folder: 'Board papers',
  file: 'Offer 2026-118.pdf',
  name: 'Offer 2026-118.pdf',
  place: 'Marketing',
  time: '18:30',
  minutes: '22',
  allowed: '7 days',
  size: '7.2 GB',
  max: '5 GB',
  why: 'it is too long',
  host: 'storage.acme.example',
  seconds: '20',
  free: '1.1 GB',
  disk: 'Data',
  date: '20 Nov',
};

function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

let lastProblem = 0;

export function problem(code: Code, own: Record<string, string> = {}): Problem {
  const values = { ...SAMPLE_VALUES, ...own };
  return {
    id: ++lastProblem,
    code,
    title: english[`problem.${code}.title`],
    sentence: fill(english[`problem.${code}.sentence`], values),
    values,
    action: ACTIONS[code],
    retry: 'afterPerson',
    detail: `${code} · ListObjectsV2 · HTTP 403\nSupport code 4TX9K2V7Q2ME\n23 Nov 2026, 11:52:08 · Satchel 0.1.0`,
  };
}

export function refuse(code: Code, own: Record<string, string> = {}): never {
  throw new ProblemError(problem(code, own));
}
