/** Which ends a link may have, from now and the latest that can be kept. */
import type { EndChoice, ShareOptions } from '../backend';
import type { File } from './tree';

const HOUR = 3_600_000;
/** A link for this evening has to work for at least this long. */
const SHORTEST_EVENING = HOUR / 2;

function at(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour, 0, 0, 0);
}

export function shareOptions(
  target: File,
  type: Pick<ShareOptions, 'typeLabel' | 'typeGroup'>,
  now: Date,
  practice: boolean,
  signInEnds: Date | null,
): ShareOptions {
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
  const preferred =
    allowed.find((index) => choices[index]?.kind === 'friday') ?? allowed[allowed.length - 1] ?? 0;
  return {
    name: target.name,
    sizeBytes: target.sizeBytes,
    ...type,
    choices,
    preferred,
    latest: latest.toISOString(),
    latestBecause: latest === signInEnds ? 'signIn' : 'sevenDays',
    mayOpen: ['pdf', 'image', 'video', 'audio', 'text'].includes(type.typeGroup),
    practice,
  };
}
