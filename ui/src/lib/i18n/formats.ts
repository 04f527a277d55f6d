/** Sizes, speeds, dates and ends as people say them. An end is never said later than it is. */
import { language, t } from './words.svelte';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NEAR_DAYS = 6;

type Unit = 'kb' | 'mb' | 'gb' | 'tb';
const UNITS: Unit[] = ['kb', 'mb', 'gb', 'tb'];

/** Made once for each locale and way of writing: making one takes longer than drawing a row. */
function kept<Options, Format>(make: new (locale: string, options: Options) => Format) {
  const made = new Map<string, Format>();
  return (options: Options): Format => {
    const key = `${language.locale} ${JSON.stringify(options)}`;
    let format = made.get(key);
    if (!format) made.set(key, (format = new make(language.locale, options)));
    return format;
  };
}
const numbers = kept<Intl.NumberFormatOptions, Intl.NumberFormat>(Intl.NumberFormat);
const dates = kept<Intl.DateTimeFormatOptions, Intl.DateTimeFormat>(Intl.DateTimeFormat);

function number(value: number, digits: number): string {
  return numbers({ maximumFractionDigits: digits }).format(value);
}

/** How many there are: "100,000". */
export function count(value: number): string {
  return number(value, 0);
}

/** The same in a badge, which has room for four letters: "100K". */
export function shortCount(value: number): string {
  return numbers(value < 1000 ? {} : { notation: 'compact', maximumFractionDigits: 0 }).format(value);
}

function digitsOf(value: number, unit: Unit): number {
  if (unit === 'kb') return 0;
  return value < 10 || (unit !== 'mb' && value < 100) ? 1 : 0;
}

/** The unit in which a size reads well: never "1,000 KB". */
function unitOf(bytes: number): { unit: Unit; scale: number } | null {
  if (bytes < 1000) return null;
  let scale = 1000;
  for (const unit of UNITS) {
    const shown = Number((bytes / scale).toFixed(digitsOf(bytes / scale, unit)));
    if (shown < 1000 || unit === 'tb') return { unit, scale };
    scale *= 1000;
  }
  return null;
}

export function size(bytes: number): string {
  const found = unitOf(bytes);
  if (!found) return t('format.size.bytes', { value: bytes });
  const value = bytes / found.scale;
  return t(`format.size.${found.unit}`, { value: number(value, digitsOf(value, found.unit)) });
}

/** "1.7 of 2.9 GB": both in the unit of the whole. */
export function amount(done: number, total: number): string {
  const found = unitOf(total);
  const shown = Math.min(done, total);
  if (!found) return t('format.amount.bytes', { done: number(shown, 0), total: number(total, 0) });
  const { unit, scale } = found;
  const digits = digitsOf(total / scale, unit);
  return t(`format.amount.${unit}`, {
    done: number(shown / scale, digits),
    total: number(total / scale, digits),
  });
}

export function speed(bytesPerSecond: number): string {
  return t('format.speed', { size: size(Math.round(bytesPerSecond)) });
}

export function percent(done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  return numbers({ style: 'percent', maximumFractionDigits: 0 }).format(Math.floor(share * 100) / 100);
}

/** Calm: steps of ten seconds, then whole minutes, then hours. */
export function timeLeft(seconds: number): string {
  if (seconds < 10) return t('format.left.moment');
  if (seconds < 60) return t('format.left.seconds', { seconds: Math.min(50, Math.ceil(seconds / 10) * 10) });
  if (seconds < 3600) return t('format.left.minutes', { minutes: Math.min(59, Math.ceil(seconds / 60)) });
  return t('format.left.hours', { hours: Math.round(seconds / 3600) });
}

function part(date: Date, options: Intl.DateTimeFormatOptions): string {
  return dates(options).format(date);
}

/** The clock cuts seconds off, so it never shows a minute that is not reached. */
export function clock(date: Date): string {
  const twelve = language.hour12;
  return part(date, {
    hour: twelve ? 'numeric' : '2-digit',
    minute: '2-digit',
    ...(twelve === null ? {} : twelve ? { hour12: true } : { hourCycle: 'h23' }),
  });
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** Whole calendar days from `now` to `date`; days of 23 and 25 hours count as one. */
export function daysBetween(now: Date, date: Date): number {
  return Math.round((midnight(date) - midnight(now)) / DAY);
}

const dayAndMonth = (date: Date, month: 'short' | 'long' = 'short') => part(date, { day: 'numeric', month });

/** When a file was changed: "Today 11:40", "Yesterday", "20 Nov", "20 Nov 2025". */
export function changed(at: string, now = new Date()): string {
  const date = new Date(at);
  const days = daysBetween(now, date);
  if (days === 0) return t('format.date.today', { time: clock(date) });
  if (days === -1) return t('format.date.yesterday');
  if (date.getFullYear() === now.getFullYear()) return dayAndMonth(date);
  return part(date, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** The short end on a row: "Fri 17:00" within six days, then "Mon 30 Nov, 17:00". */
export function endShort(at: string, now = new Date()): string {
  const date = new Date(at);
  const time = clock(date);
  const days = daysBetween(now, date);
  if (days === 0) return t('format.date.today', { time });
  if (days > 0 && days <= NEAR_DAYS) {
    return t('format.date.weekday_time', { weekday: part(date, { weekday: 'short' }), time });
  }
  return endFull(at);
}

/** The end that leaves no doubt: "Fri 27 Nov, 17:00". */
export function endFull(at: string): string {
  const date = new Date(at);
  return t('format.date.weekday_date_time', {
    weekday: part(date, { weekday: 'short' }),
    date: dayAndMonth(date),
    time: clock(date),
  });
}

/** The end in a sheet: "Today, 18:30", "Friday 27 November, 17:00". */
export function endLong(at: string, now = new Date()): string {
  const date = new Date(at);
  const time = clock(date);
  if (daysBetween(now, date) === 0) return t('format.date.today_comma', { time });
  return t('format.date.weekday_date_time', {
    weekday: part(date, { weekday: 'long' }),
    date: dayAndMonth(date, 'long'),
    time,
  });
}

/** The same in the middle of a sentence: "today 18:30". */
export function endInSentence(at: string, now = new Date()): string {
  const date = new Date(at);
  if (daysBetween(now, date) === 0) return t('format.date.today_in_sentence', { time: clock(date) });
  return endLong(at, now);
}

/** A day to choose: "Mon 30 Nov". */
export function dayLabel(at: string | Date): string {
  const date = new Date(at);
  return t('format.date.weekday_date', {
    weekday: part(date, { weekday: 'short' }),
    date: dayAndMonth(date),
  });
}

/** A moment in a sentence: "20 Nov, 17:00". */
export function moment(at: string, now = new Date()): string {
  const date = new Date(at);
  if (daysBetween(now, date) === 0) return clock(date);
  return t('format.date.date_time', { date: dayAndMonth(date), time: clock(date) });
}

/** Time until an end, under a day, rounded down. null: a day or more. */
export function until(at: string, now = new Date()): { hours: number; minutes: number } | null {
  const rest = new Date(at).getTime() - now.getTime();
  if (rest >= DAY) return null;
  const left = Math.max(0, rest);
  return { hours: Math.floor(left / HOUR), minutes: Math.floor(left / MINUTE) };
}

/** The words on the chip of a shared row. */
export function linkChip(at: string, now = new Date()): string {
  const rest = until(at, now);
  if (!rest) return t('files.link.until', { end: endShort(at, now) });
  if (rest.hours > 0) return t('files.link.ends_in_hours', { hours: rest.hours });
  if (rest.minutes > 0) return t('files.link.ends_in_minutes', { minutes: rest.minutes });
  return t('files.link.ends_now');
}
