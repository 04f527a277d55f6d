/** The folders and files of the in-memory storage. */
import type { Code, Row, TypeGroup } from '../backend';
import { CODES } from './problems';

export interface Folder {
  id: number;
  kind: 'folder';
  name: string;
  entries: Entry[];
  /** What reading this folder meets; after `readable` entries, if given. */
  trouble?: { code: Code; readable: number };
}
export interface File {
  id: number;
  kind: 'file';
  name: string;
  sizeBytes: number;
  changedAt: string;
  linkEndsAt: string | null;
  linkCount: number;
  /** What making a link to this file meets. */
  trouble?: Code;
}
export type Entry = Folder | File;

const GROUPS: Record<string, [string, TypeGroup]> = {
  pdf: ['PDF', 'pdf'],
  doc: ['DOC', 'document'],
  docx: ['DOC', 'document'],
  odt: ['ODT', 'document'],
  xls: ['XLS', 'sheet'],
  xlsx: ['XLS', 'sheet'],
  csv: ['CSV', 'sheet'],
  pptx: ['PPT', 'slides'],
  png: ['PNG', 'image'],
  jpg: ['JPG', 'image'],
  mp4: ['MP4', 'video'],
  mov: ['MOV', 'video'],
  mp3: ['MP3', 'audio'],
  zip: ['ZIP', 'archive'],
  txt: ['TXT', 'text'],
  exe: ['EXE', 'program'],
};

let lastId = 0;

export function typeOf(name: string): { typeLabel: string; typeGroup: TypeGroup } {
  const ending = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
  const [typeLabel, typeGroup] = GROUPS[ending] ?? [ending.slice(0, 4).toUpperCase(), 'other'];
  return { typeLabel, typeGroup };
}

export function file(name: string, sizeBytes: number, changed: Date, more: Partial<File> = {}): File {
  return {
    id: ++lastId,
    kind: 'file',
    name,
    sizeBytes,
    changedAt: changed.toISOString(),
    linkEndsAt: null,
    linkCount: 0,
    ...more,
  };
}

export function folder(name: string, entries: Entry[] = [], trouble?: Folder['trouble']): Folder {
  return { id: ++lastId, kind: 'folder', name, entries, trouble };
}

export function toRow(entry: Entry): Row {
  const common = { id: entry.id, kind: entry.kind, name: entry.name };
  if (entry.kind === 'folder') {
    return {
      ...common,
      typeLabel: '',
      typeGroup: 'folder',
      sizeBytes: null,
      changedAt: null,
      linkEndsAt: null,
      linkCount: 0,
      program: false,
    };
  }
  const type = typeOf(entry.name);
  const { sizeBytes, changedAt, linkEndsAt, linkCount } = entry;
  return {
    ...common,
    ...type,
    sizeBytes,
    changedAt,
    linkEndsAt,
    linkCount,
    program: type.typeGroup === 'program',
  };
}

const MB = 1_000_000;

/** All files in these, through all folders. */
export function filesIn(entries: Entry[]): File[] {
  return entries.flatMap((entry) => (entry.kind === 'file' ? [entry] : filesIn(entry.entries)));
}

export function seeds(now: Date): { marketing: Folder; practice: Folder } {
  const ago = (days: number, hour = 11, minute = 40) => {
    const date = new Date(now);
    date.setDate(date.getDate() - days);
    date.setHours(hour, minute, 0, 0);
    return date < now ? date : new Date(now.getTime() - 60_000);
  };
  const ahead = (hours: number) => new Date(now.getTime() + hours * 3_600_000).toISOString();
  const friday = new Date(now);
  friday.setDate(friday.getDate() + ((5 - friday.getDay() + 7) % 7 || 7));
  friday.setHours(17, 0, 0, 0);

  const campaigns = folder('Campaigns', [
    folder('Autumn campaign', [
      file('Poster A1.pdf', 22 * MB, ago(40)),
      file('Jingle.mp3', 3.1 * MB, ago(41)),
    ]),
    folder('Price lists', [file('Prices 2026.xlsx', 96_000, ago(12))]),
    file('Brand film – final cut.mp4', 1_800 * MB, ago(0), {
      linkEndsAt: friday.toISOString(),
      linkCount: 1,
    }),
    file('Contract Müller & Söhne (signed).pdf', 412_000, ago(0, 10, 3)),
    file('Offer 2026-118.pdf', 1.2 * MB, ago(1), { linkEndsAt: ahead(3.4), linkCount: 1 }),
    file('Photo selection.zip', 286 * MB, ago(1), { linkEndsAt: ahead(60), linkCount: 2 }),
    file('Press release EN.docx', 88_000, ago(3)),
    file('Quarter figures Q3.xlsx', 640_000, ago(5)),
    file('Trade fair stand – plan.png', 5.4 * MB, ago(6)),
    file('Visitor list.csv', 31_000, ago(6)),
    file('Wallpaper 4K.jpg', 9.9 * MB, ago(8)),
    file('عرض السعر 2026.pdf', 750_000, ago(9)),
    file('Überblick 日本 🙂.txt', 0, ago(400)),
  ]);
  const marketing = folder('Marketing', [
    campaigns,
    folder('Board papers', [], { code: 'listDenied', readable: 0 }),
    folder('Everything since 2009', many(100_000, ago(2))),
    folder('Fair 2027'),
    folder('Half read', many(2400, ago(2)), { code: 'unreachable', readable: 1200 }),
    folder(
      'Things that go wrong',
      CODES.map((code) => file(`${code}.pdf`, 100_000, ago(1), { trouble: code })),
    ),
    folder('Press kit', [file('Logo.png', 240_000, ago(90)), file('Setup.exe', 12 * MB, ago(90))]),
    folder('Rushes', [file('Interview raw.mov', 7800 * MB, ago(4))]),
  ]);
  const practice = folder('Practice', [
    folder('Empty folder'),
    file('Read me first.txt', 640, ago(0)),
    file('Brochure.pdf', 310_000, ago(0)),
    file('Holiday picture.jpg', 2.4 * MB, ago(0)),
    file('Travel costs.xlsx', 18_000, ago(0)),
    file('Grüße aus Köln 🙂.txt', 120, ago(0)),
  ]);
  return { marketing, practice };
}

function many(count: number, changed: Date): File[] {
  const width = String(count).length;
  return Array.from({ length: count }, (_, index) =>
    file(`Scan ${String(index + 1).padStart(width, '0')}.pdf`, 20_000 + ((index * 7919) % 900_000), changed),
  );
}
