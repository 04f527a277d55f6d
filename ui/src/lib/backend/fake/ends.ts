/** Which ends a link may have, from now and the latest that can be kept. */
import type { EndChoice, ShareOptions } from '../backend';
import type { ToShare } from './links';

const HOUR = 3_600_000;
/** A link for this evening has to work for at least this long. */
const SHORTEST_EVENING = HOUR / 2;

function at(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour, 0, 0, 0);
}

/** What the sheet starts with: the choices of the last time. */
export interface LastChoice {
  /** How long a link was to work, in milliseconds; null: none was made yet. */
  lasts: number | null;
  open: boolean;
  stoppable: boolean;
}

export interface Sharing {
  now: Date;
  practice: boolean;
  signInEnds: Date | null;
  mayChooseStoppable: boolean;
  last: LastChoice;
}

export function shareOptions(what: ToShare, sharing: Sharing): ShareOptions {
  const { now, practice, signInEnds, mayChooseStoppable, last } = sharing;
  const { typeLabel, typeGroup } = what;
  const sevenDays = new Date(now.getTime() + 168 * HOUR);
  const latest = signInEnds && signInEnds < sevenDays ? signInEnds : sevenDays;
  const toFriday = (5 - now.getDay() + 7) % 7;
  const toMonday = (8 - now.getDay()) % 7 || 7;
  const wanted: [EndChoice['kind'], Date][] = [
    ['todayEvening', at(now, 0, 18)],
    ['tomorrow', at(now, 1, 18)],
    ['friday', at(now, toFriday < 2 ? toFriday + 7 : toFriday, 17)],
    ['nextWeek', new Date(Math.min(at(now, toMonday, 17).getTime(), sevenDays.getTime()))],
  ];
  const soonest = now.getTime() + SHORTEST_EVENING;
  const choices = wanted
    .filter(([, end]) => end.getTime() >= soonest)
    .map(([kind, end]): EndChoice => ({ kind, at: end.toISOString(), allowed: end <= latest }));
  if (!choices.some((choice) => choice.allowed)) {
    if (choices[0]?.kind === 'todayEvening') choices.shift();
    choices.unshift({ kind: 'todayEvening', at: latest.toISOString(), allowed: true });
  }
  const allowed = choices.flatMap((choice, index) => (choice.allowed ? [index] : []));
  const friday = allowed.find((index) => choices[index]?.kind === 'friday');
  const asBefore = allowed.findLast(
    (index) => last.lasts !== null && Date.parse(choices[index]?.at ?? '') - now.getTime() <= last.lasts,
  );
  const folderOnly = typeGroup === 'folder';
  return {
    name: what.name,
    sizeBytes: folderOnly ? 0 : what.files.reduce((sum, file) => sum + file.sizeBytes, 0),
    typeLabel,
    typeGroup,
    files: folderOnly ? 0 : what.files.length,
    choices,
    preferred: asBefore ?? friday ?? allowed[allowed.length - 1] ?? 0,
    latest: latest.toISOString(),
    latestBecause: latest === signInEnds ? 'signIn' : 'sevenDays',
    mayOpen: ['pdf', 'image', 'video', 'audio', 'text'].includes(typeGroup),
    practice,
    mayChooseStoppable,
    stoppable: last.stoppable || !mayChooseStoppable,
    open: last.open,
  };
}
