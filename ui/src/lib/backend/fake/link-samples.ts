/** Links that are there from the start: some of each kind, or very many. */
import type { SharedLink } from '../backend';
import type { FakeLink } from './links';
import { file, typeOf, type File } from './tree';

export type LinkSample = 'none' | 'few' | 'many';

const MB = 1_000_000;
const HOUR = 3_600_000;

type Given = Pick<SharedLink, 'name' | 'note'> &
  Partial<SharedLink> & {
    /** Hours from now, both. */
    made: number;
    ends: number;
  };

function working(toFriday: number): Given[] {
  return [
    { name: 'Brand film – final cut.mp4', note: 'Anna at the agency', made: -0.2, ends: toFriday },
    {
      name: 'Trade fair photos',
      note: 'Press',
      made: -2.4,
      ends: 166,
      files: 38,
      typeLabel: '38',
      typeGroup: 'other',
    },
    { name: 'Offer 2026-118.pdf', note: 'Müller & Söhne', made: -26, ends: 3.4 },
    { name: 'Price list 2027.xlsx', note: 'Shops', made: -27, ends: 117.2 },
    { name: 'Photo selection.zip', note: 'Print shop', made: -28, ends: 117.2, canCopyAgain: false },
    { name: 'Wallpaper 4K.jpg', note: 'Intranet', made: -74, ends: 92, file: 'changed' },
    {
      name: 'Visitor list.csv',
      note: 'Reception',
      made: -75,
      ends: 92,
      stoppable: false,
      file: 'gone',
      canCopyAgain: false,
    },
  ];
}

function ended(): Given[] {
  const names = [
    'Minutes.docx',
    'Poster A1.pdf',
    'Jingle.mp3',
    'عرض السعر 2025.pdf',
    'Logo.png',
    'Stand.zip',
  ];
  return Array.from({ length: 12 }, (_, index): Given => {
    const name = names[index % names.length] ?? 'Minutes.docx';
    const ends = -4 - index * 17;
    const over = { name, note: index % 3 === 0 ? 'Press' : '', made: ends - 72, ends, canCopyAgain: false };
    if (index % 4 === 1) return { ...over, ends: 40, state: 'stopped', made: -60 };
    return { ...over, file: index === 2 ? 'gone' : 'same' };
  });
}

const COLLEAGUES: Given[] = [
  { name: 'Budget 2027.xlsx', note: '', made: -3, ends: 60, who: 'Jonas Weber' },
  { name: 'Team photo.jpg', note: '', made: -30, ends: 20, who: 'Fatima El Amrani' },
  { name: 'Contract draft.pdf', note: '', made: -50, ends: 100, who: 'Jonas Weber', stoppable: false },
];

function many(): Given[] {
  return Array.from({ length: 10_000 }, (_, index) => ({
    name: `Scan ${String(index + 1).padStart(5, '0')}.pdf`,
    note: index % 7 === 0 ? `Customer ${index}` : '',
    made: -1 - index / 100,
    ends: 30 + (index % 120),
  }));
}

export function linkSamples(sample: LinkSample, stored: () => File[], now: Date): FakeLink[] {
  if (sample === 'none') return [];
  const files = new Map(stored().map((one) => [one.name, one]));
  const friday = new Date(
    now.getFullYear(),
    now.getMonth(),
    now.getDate() + ((12 - now.getDay()) % 7 || 7),
    17,
  );
  const toFriday = (friday.getTime() - now.getTime()) / HOUR;
  const given = [...(sample === 'many' ? many() : working(toFriday)), ...COLLEAGUES, ...ended()];
  const at = (hours: number) => new Date(now.getTime() + hours * HOUR).toISOString();
  return given.map(({ made, ends, ...own }, index): FakeLink => {
    const known = files.get(own.name);
    const what = known ?? file(own.name, 2 * MB, now);
    const type = { ...typeOf(own.name), ...own };
    const shared: SharedLink = {
      id: `link-${index + 1}`,
      folder: 'Campaigns',
      files: 1,
      madeAt: at(made),
      endsAt: at(ends),
      state: 'working',
      stoppedAt: own.state === 'stopped' ? at(made + 20) : null,
      stoppable: true,
      mine: own.who === undefined,
      who: '',
      canCopyAgain: own.who === undefined,
      sizeBytes: what.sizeBytes,
      file: 'same',
      ...type,
    };
    const { typeLabel, typeGroup } = shared;
    const page = shared.files > 1;
    return {
      shared,
      what: { name: shared.name, folder: shared.folder, files: [what], page, typeLabel, typeGroup },
    };
  });
}
