/** Transfers that are there from the start: one in each state, or very many. */
import type { Transfer } from '../backend';
import { problem } from './problems';
import type { FakeTransfers } from './transfers';
import { file, type Folder } from './tree';

const MB = 1_000_000;
const GB = 1000 * MB;

export type Sample = 'each' | 'many' | 'folders';

type Given = Pick<Transfer, 'name' | 'sizeBytes' | 'folder'> & Partial<Transfer>;
type Many = [count: number, given: Partial<Transfer>];

function each(at: (minutes: number) => string): Given[] {
  const film = { doneBytes: 1.1 * GB, bytesPerSecond: 42 * MB, secondsLeft: 17 };
  return [
    {
      name: 'Contract Müller & Söhne (signed).pdf',
      sizeBytes: 418_000,
      folder: 'Campaigns',
      conflict: {
        name: 'Contract Müller & Söhne (signed).pdf',
        folder: 'Campaigns',
        thereBytes: 412_000,
        thereChangedAt: at(110),
        yoursBytes: 418_000,
        yoursChangedAt: at(12),
        keepBothName: 'Contract Müller & Söhne (signed) (2).pdf',
        workingLinks: 2,
      },
    },
    {
      name: 'Locked draft.docx',
      sizeBytes: 50_000,
      folder: 'Campaigns',
      state: 'needsYou',
      problem: problem('fileUnreadable', { file: 'Locked draft.docx' }),
    },
    {
      name: 'Brand film – final cut.mp4',
      sizeBytes: 1.8 * GB,
      folder: 'Campaigns',
      state: 'uploading',
      ...film,
    },
    {
      name: 'Trade fair.zip',
      sizeBytes: 310 * MB,
      folder: 'Downloads',
      direction: 'download',
      state: 'downloading',
      doneBytes: 93 * MB,
    },
    {
      name: 'Photo selection.zip',
      sizeBytes: 286 * MB,
      folder: 'Campaigns',
      state: 'checking',
      doneBytes: 286 * MB,
    },
    {
      name: 'Interview raw.mov',
      sizeBytes: 7.8 * GB,
      folder: 'Campaigns',
      state: 'held',
      doneBytes: 3.2 * GB,
      problem: problem('offline'),
    },
    {
      name: 'Quarter figures Q3.xlsx',
      sizeBytes: 640_000,
      folder: 'Board papers',
      state: 'held',
      problem: problem('busy'),
    },
    {
      name: 'Wallpaper 4K.jpg',
      sizeBytes: 9.9 * MB,
      folder: 'Press kit',
      state: 'paused',
      doneBytes: 4 * MB,
    },
    { name: 'Press release EN.docx', sizeBytes: 88_000, folder: 'Press kit' },
    {
      name: 'عرض السعر 2026.pdf',
      sizeBytes: 750_000,
      folder: 'Press kit',
      state: 'skipped',
      finishedAt: at(90),
    },
    { name: 'Minutes.docx', sizeBytes: 61_000, folder: 'Press kit', state: 'stopped', finishedAt: at(40) },
    {
      name: 'Trade fair stand – plan.png',
      sizeBytes: 5.4 * MB,
      folder: 'Downloads',
      direction: 'download',
      state: 'downloaded',
      doneBytes: 5.4 * MB,
      finishedAt: at(20),
    },
    {
      name: 'Offer 2026-118.pdf',
      sizeBytes: 1.2 * MB,
      folder: 'Offers',
      state: 'uploaded',
      doneBytes: 1.2 * MB,
      finishedAt: at(12),
    },
  ];
}

function many(at: (minutes: number) => string, count: number): Given[] {
  return Array.from({ length: count }, (_, index) => {
    const sizeBytes = 20_000 + ((index * 7919) % 900_000);
    const name = `Scan ${String(index + 1).padStart(6, '0')}.pdf`;
    const done = { state: 'uploaded' as const, doneBytes: sizeBytes, finishedAt: at(5) };
    return { name, sizeBytes, folder: 'Campaigns', ...(index < count / 2 ? done : {}) };
  });
}

/** Folders that came with everything in them, in what order they are shown. */
function folders(transfers: FakeTransfers, at: (minutes: number) => string, folder: Folder): void {
  const add = (name: string, into: string, parts: Many[], direction: Transfer['direction'] = 'upload') => {
    const group = transfers.group(name, into, direction);
    let number = 0;
    for (const [count, given] of parts) {
      for (let index = 0; index < count; index += 1) {
        const own = `${name} ${String((number += 1)).padStart(3, '0')}.jpg`;
        const sizeBytes = 8.2 * MB;
        const done = given.state === 'uploaded' || given.state === 'downloaded' ? sizeBytes : 0;
        const why = given.state === 'needsYou' ? problem('fileUnreadable', { file: own }) : null;
        const common = { name: own, sizeBytes, doneBytes: done, folder: name, direction, problem: why };
        const transfer = { ...common, ...given };
        const stored = given.state === 'uploaded' ? file(own, sizeBytes, new Date(at(5))) : null;
        transfers.add(transfer, { stored, group, folder: direction === 'download' ? null : folder });
      }
    }
  };
  const uploaded: Partial<Transfer> = { state: 'uploaded', finishedAt: at(12) };
  const unreadable: Partial<Transfer> = { state: 'needsYou' };
  add('Contracts 2026', 'Offers', [
    [10, uploaded],
    [2, unreadable],
  ]);
  add('Interviews', 'Campaigns', [
    [3, uploaded],
    [1, unreadable],
    [9, {}],
  ]);
  add('Trade fair photos', 'Press kit', [
    [11, uploaded],
    [3, { state: 'uploading', doneBytes: 2 * MB }],
    [24, {}],
  ]);
  const waits: Partial<Transfer> = { state: 'held', doneBytes: 1 * MB, problem: problem('offline') };
  add('Archive', 'Everything since 2009', [
    [3, uploaded],
    [6, waits],
  ]);
  add('Drafts', 'Campaigns', [
    [1, uploaded],
    [6, { state: 'paused' }],
  ]);
  add('Scans', 'Board papers', [
    [2, uploaded],
    [1, { state: 'stopped', finishedAt: at(40) }],
  ]);
  add('Brochures', 'Downloads', [[1200, { state: 'downloaded', finishedAt: at(20) }]], 'download');
  add('Logos', 'Press kit', [[38, uploaded]]);
}

/** Only those that wait begin to move, and only with the next thing that happens. */
export function fillWith(transfers: FakeTransfers, sample: Sample, folder: Folder, now: Date): void {
  const at = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  if (sample === 'folders') return folders(transfers, at, folder);
  for (const given of sample === 'each' ? each(at) : many(at, 100_000)) {
    const stored = given.state === 'uploaded' ? file(given.name, given.sizeBytes, now) : null;
    transfers.add(given, { stored, folder: given.direction === 'download' ? null : folder });
  }
}
