/** The ends to choose from: the offered ones in words, and any quarter of an hour up to the latest. */
import type { EndChoice } from '../../lib/backend/backend';
import { clock, dayLabel, daysBetween, endShort } from '../../lib/i18n/formats';
import { t } from '../../lib/i18n/words.svelte';

const QUARTER = 15 * 60_000;
const SOONEST = 5 * 60_000;

export function choiceLabel(choice: EndChoice, now: Date): string {
  switch (choice.kind) {
    case 'tomorrow':
      return t('share.choice.tomorrow');
    case 'todayEvening':
    case 'friday':
      return endShort(choice.at, now);
    case 'threeDays':
    case 'nextWeek':
    case 'week':
      return dayLabel(choice.at);
  }
}

export interface Day {
  value: string;
  label: string;
  times: { at: string; label: string }[];
}

function dayValue(date: Date): string {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
}

/** Every day with a quarter of an hour that a link can end at. Clock changes are left to the calendar. */
export function daysUntil(latest: string, now: Date): Day[] {
  const end = new Date(latest).getTime();
  const days = new Map<string, Day>();
  const first = Math.ceil((now.getTime() + SOONEST) / QUARTER) * QUARTER;
  for (let at = first; at <= end; at += QUARTER) {
    const date = new Date(at);
    const value = dayValue(date);
    const today = daysBetween(now, date) === 0;
    const day = days.get(value) ?? {
      value,
      label: today ? t('share.pick.today') : dayLabel(date),
      times: [],
    };
    day.times.push({ at: date.toISOString(), label: clock(date) });
    days.set(value, day);
  }
  return [...days.values()];
}

/** The day of an end, and its last time that is not later. */
export function nearest(days: Day[], at: string): { day: Day; at: string } | null {
  const wanted = new Date(at).getTime();
  const notLater = (day: Day) => day.times.filter((time) => new Date(time.at).getTime() <= wanted);
  for (const day of [...days].reverse()) {
    const time = notLater(day).at(-1);
    if (time) return { day, at: time.at };
  }
  const first = days[0];
  return first?.times[0] ? { day: first, at: first.times[0].at } : null;
}

/** The times of a day, with an end among them that is on no quarter of an hour: what is chosen can be seen. */
export function timesWith(day: Day, end: string): { times: Day['times']; chosen: string } {
  const wanted = new Date(end).getTime();
  const known = day.times.find((time) => new Date(time.at).getTime() === wanted);
  if (known) return { times: day.times, chosen: known.at };
  const exact = { at: end, label: clock(new Date(end)) };
  const times = [...day.times, exact].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return { times, chosen: end };
}
