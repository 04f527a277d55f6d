import { describe, expect, it } from 'vitest';
import { daysUntil, nearest, timesWith } from '../src/features/share/ends';

describe('the end of a link that is picked', () => {
  const now = new Date('2026-11-24T09:02:00Z');
  const days = daysUntil('2026-12-01T09:02:00Z', now);

  function dayOf(end: string) {
    const picked = nearest(days, end);
    if (!picked) throw new Error('there is no such day');
    return picked.day;
  }

  it('is shown as it is, also when it is on no quarter of an hour', () => {
    const end = '2026-11-27T09:06:02Z';
    const { times, chosen } = timesWith(dayOf(end), end);
    expect(chosen).toBe(end);
    const around = times.findIndex((time) => time.at === end);
    expect(times[around - 1]?.at).toBe('2026-11-27T09:00:00.000Z');
    expect(times[around + 1]?.at).toBe('2026-11-27T09:15:00.000Z');
  });

  it('is one of the quarters where it is one', () => {
    const day = dayOf('2026-11-27T09:15:00Z');
    const { times, chosen } = timesWith(day, '2026-11-27T09:15:00Z');
    expect(chosen).toBe('2026-11-27T09:15:00.000Z');
    expect(times).toBe(day.times);
  });
});
