/** The backend inside the app's own window: generated commands and events, unpacked. */
import { isTauri } from '@tauri-apps/api/core';
import { ProblemError, type Backend, type Problem } from './backend';
import { commands, events } from './bindings';

type Reply<T> = { status: 'ok'; data: T } | { status: 'error'; error: Problem };

async function unpack<T>(reply: Promise<Reply<T>>): Promise<T> {
  const answer = await reply;
  if (answer.status === 'error') throw new ProblemError(answer.error);
  return answer.data;
}

async function done(reply: Promise<Reply<null>>): Promise<void> {
  await unpack(reply);
}

export function insideTauri(): boolean {
  return isTauri();
}

export const tauriBackend: Backend = {
  async listen(news) {
    const stops = await Promise.all([
      events.placeChecked.listen((event) => news.placeChecked(event.payload.steps)),
      events.listingChanged.listen((event) => news.listingChanged(event.payload)),
      events.transfersChanged.listen((event) => news.transfersChanged(event.payload)),
      events.connectionChanged.listen((event) => news.connectionChanged(event.payload)),
      events.dropHovered.listen((event) => news.dropHovered(event.payload)),
      events.dropLeft.listen(() => news.dropLeft()),
      events.dropLanded.listen((event) => news.dropLanded(event.payload.count)),
      events.linksChanged.listen((event) => news.linksChanged(event.payload)),
      events.linkProgress.listen((event) => news.linkProgress(event.payload)),
    ]);
    return () => stops.forEach((stop) => stop());
  },

  getStart: () => unpack(commands.getStart()),
  getPlaceSetup: (place) => unpack(commands.getPlaceSetup({ place })),
  checkAndAddPlace: (place) => unpack(commands.checkAndAddPlace(place)),
  openPracticePlace: () => unpack(commands.openPracticePlace()),
  selectPlace: (place) => done(commands.selectPlace({ place })),

  openFolder: (place, target) => unpack(commands.openFolder({ place, target })),
  getRows: (listing, from, count) => unpack(commands.getRows({ listing, from, count })),
  searchFolder: (listing, text) => unpack(commands.searchFolder({ listing, text })),
  sortFolder: (listing, by, descending) => unpack(commands.sortFolder({ listing, by, descending })),
  refreshFolder: (listing) => unpack(commands.refreshFolder({ listing })),
  takeDrops: (listing) => done(commands.takeDrops({ listing })),

  chooseFilesToUpload: (listing) => unpack(commands.chooseFilesToUpload({ listing })),
  pasteFiles: (listing) => unpack(commands.pasteFiles({ listing })),
  downloadRows: (listing, rows) => unpack(commands.downloadRows({ listing, rows })),
  getTransfers: () => unpack(commands.getTransfers()),
  getTransferRows: (filter, from, count) => unpack(commands.getTransferRows({ filter, from, count })),
  openTransfer: (id, open) => unpack(commands.openTransfer({ id, open })),
  pauseTransfers: (ids) => done(commands.pauseTransfers({ ids })),
  resumeTransfers: (ids) => done(commands.resumeTransfers({ ids })),
  tryHeldNow: () => done(commands.tryHeldNow()),
  cancelTransfers: (ids) => done(commands.cancelTransfers({ ids })),
  retryTransfers: (ids) => done(commands.retryTransfers({ ids })),
  settleCause: (first, deed) => done(commands.settleCause({ first, deed })),
  decideConflicts: (which, choice) => done(commands.decideConflicts({ which, choice })),
  putOffConflicts: (through) => done(commands.putOffConflicts({ through })),
  clearTransfers: () => done(commands.clearTransfers()),
  showTransfer: (id) => done(commands.showTransfer({ id })),
  getConnection: () => unpack(commands.getConnection()),

  copyLink: (wish) => unpack(commands.copyLink(wish)),
  getShareOptions: (target) => unpack(commands.getShareOptions({ target })),
  cancelLinkMaking: () => done(commands.cancelLinkMaking()),
  undoLink: (id) => unpack(commands.undoLink({ id })),
  getLinks: (asked) => unpack(commands.getLinks(asked)),
  copyLinkAgain: (id, withText) => unpack(commands.copyLinkAgain({ id, withText })),
  renewLink: (id) => unpack(commands.renewLink({ id })),
  stopLink: (id) => unpack(commands.stopLink({ id })),
  setLinkNote: (id, note) => done(commands.setLinkNote({ id, note })),
  emailLink: async (id) => {
    await unpack(commands.emailLink({ id }));
  },
  getLinkQr: (id) => unpack(commands.getLinkQr({ id })),
  saveLinkQr: (id) => unpack(commands.saveLinkQr({ id })),

  getSettings: () => unpack(commands.getSettings()),
  replaceSettings: (settings) => unpack(commands.replaceSettings(settings)),

  copyProblemDetails: (problem) => done(commands.copyProblemDetails({ problem })),
  askIt: (problem) => done(commands.askIt({ problem })),
  askItForAccess: () => done(commands.askItForAccess()),
  openDateAndTimeSettings: () => done(commands.openDateAndTimeSettings()),
};
