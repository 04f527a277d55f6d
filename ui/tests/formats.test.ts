import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  amount,
  changed,
  clock,
  daysBetween,
  endFull,
  endLong,
  endShort,
  linkChip,
  percent,
  size,
  speed,
  timeLeft,
} from '../src/lib/i18n/formats';
import { language } from '../src/lib/i18n/words.svelte';

// The tests run in Europe/Berlin (vite.config.ts), where clocks change on 29 March and 25 October 2026.
const now = new Date('2026-11-23T11:52:00+01:00');
const british = { locale: 'en-GB', hour12: null, pseudo: false };

beforeEach(() => language.use(british));
afterEach(() => language.use(british));

describe('sizes', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [412_000, '412 KB'],
    [999_700, '1 MB'],
    [1_200_000, '1.2 MB'],
    [286_000_000, '286 MB'],
    [1_800_000_000, '1.8 GB'],
    [10_200_000_000, '10.2 GB'],
    [5_000_000_000_000, '5 TB'],
  ])('of %d bytes is %s', (bytes, shown) => {
    expect(size(bytes)).toBe(shown);
  });

  it('of a part is in the unit of the whole', () => {
    expect(amount(1_700_000_000, 2_900_000_000)).toBe('1.7 of 2.9 GB');
    expect(amount(0, 0)).toBe('0 of 0 bytes');
  });

  it('become speeds, and shares are never rounded up to the end', () => {
    expect(speed(42_000_000)).toBe('42 MB/s');
    expect(percent(999, 1000)).toBe('99%');
    expect(percent(0, 0)).toBe('100%');
  });
});

describe('time left', () => {
  it.each([
    [3, 'a few seconds left'],
    [37, 'about 40 seconds left'],
    [59, 'about 50 seconds left'],
    [61, 'about 2 minutes left'],
    [170, 'about 3 minutes left'],
    [3600, 'about 1 hour left'],
    [3660, 'about 1 hour left'],
    [9000, 'about 3 hours left'],
  ])('of %d seconds is calm: %s', (seconds, shown) => {
    expect(timeLeft(seconds)).toBe(shown);
  });
});

describe('the end of a link', () => {
  it('is a weekday and a time within six days, then a date', () => {
    expect(endShort('2026-11-23T18:00:00+01:00', now)).toBe('Today 18:00');
    expect(endShort('2026-11-27T17:00:00+01:00', now)).toBe('Fri 17:00');
    expect(endShort('2026-11-29T17:00:00+01:00', now)).toBe('Sun 17:00');
    expect(endShort('2026-11-30T11:52:00+01:00', now)).toBe('Mon 30 Nov, 11:52');
  });

  it('leaves no doubt where it is said in full', () => {
    expect(endFull('2026-11-27T17:00:00+01:00')).toBe('Fri 27 Nov, 17:00');
    expect(endLong('2026-11-27T17:00:00+01:00', now)).toBe('Friday 27 November, 17:00');
    expect(endLong('2026-11-23T18:30:00+01:00', now)).toBe('Today, 18:30');
  });

  it('is never said later than it is', () => {
    expect(endShort('2026-11-27T16:59:59.999+01:00', now)).toBe('Fri 16:59');
    expect(linkChip('2026-11-23T15:30:00+01:00', now)).toBe('Link ends in 3 h');
    expect(linkChip('2026-11-27T17:00:00+01:00', now)).toBe('Link until Fri 17:00');
  });

  it('follows the clock of the person', () => {
    language.use({ locale: 'en-US', hour12: null, pseudo: false });
    expect(clock(new Date('2026-11-27T17:00:00+01:00')).replace(/\s/g, ' ')).toBe('5:00 PM');
    language.use({ locale: 'en-US', hour12: false, pseudo: false });
    expect(clock(new Date('2026-11-27T00:05:00+01:00'))).toBe('00:05');
    language.use({ locale: 'de-DE', hour12: null, pseudo: false });
    expect(clock(new Date('2026-11-27T17:00:00+01:00'))).toBe('17:00');
  });

  it('is right over the changes of the clock', () => {
    const saturday = new Date('2026-10-24T12:00:00+02:00');
    expect(endShort('2026-10-25T17:00:00+01:00', saturday)).toBe('Sun 17:00');
    expect(daysBetween(saturday, new Date('2026-10-26T00:00:00+01:00'))).toBe(2);
    expect(daysBetween(new Date('2026-03-28T23:59:00+01:00'), new Date('2026-03-29T23:59:00+02:00'))).toBe(1);
    // 24 hours and a half later, though the clock shows half an hour less.
    expect(linkChip('2026-10-25T11:30:00+01:00', saturday)).toBe('Link until Sun 11:30');
  });
});

describe('the day of a change', () => {
  it.each([
    ['2026-11-23T11:40:00+01:00', 'Today 11:40'],
    ['2026-11-22T23:59:00+01:00', 'Yesterday'],
    ['2026-11-20T10:00:00+01:00', '20 Nov'],
    ['2025-11-20T10:00:00+01:00', '20 Nov 2025'],
  ])('%s is %s', (at, shown) => {
    expect(changed(at, now)).toBe(shown);
  });
});
