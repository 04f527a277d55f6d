/** The one line over all transfers, in words; the same in the bar and on the screen. */
import type { TransferLine } from '../../lib/backend/backend';
import { present } from '../../lib/errors/present';
import { speed, timeLeft } from '../../lib/i18n/formats';
import { t } from '../../lib/i18n/words.svelte';
import { directionOf } from '../../lib/stores/transfers.svelte';

export function lineTitle(line: TransferLine): string {
  const { total, finished, waiting, running, paused, held, needsYou, stopped, holdup } = line;
  const direction = directionOf(line);
  const left = waiting + running + paused + held;
  if (running > 0) {
    const current = Math.min(total, finished + stopped + needsYou + 1);
    return t('transfers.line.moving', { direction, current, total, needsYou });
  }
  if (held > 0 && holdup) {
    const why = holdup.code === 'offline' ? t('transfers.state.offline') : present(holdup).title;
    return t('transfers.line.held', { why, count: left, needsYou });
  }
  if (waiting + held > 0) return t('transfers.line.waiting', { count: waiting + held, needsYou });
  if (paused > 0) return t('transfers.line.paused', { count: paused, needsYou });
  if (needsYou > 0 && finished === 0) return t('transfers.line.needs_you', { count: needsYou, stopped });
  if (needsYou + stopped > 0)
    return t('transfers.line.part', { direction, finished, total, needsYou, stopped });
  return t('transfers.line.finished', { direction, count: finished });
}

export function lineDetail(line: TransferLine): string | null {
  if (line.running === 0) return line.held > 0 ? t('transfers.line.by_itself') : null;
  // Nothing a second is no speed: the store is busy with what it has.
  if (!line.bytesPerSecond) return null;
  const rate = speed(line.bytesPerSecond);
  return line.secondsLeft === null
    ? rate
    : t('transfers.line.detail', { speed: rate, left: timeLeft(line.secondsLeft) });
}
