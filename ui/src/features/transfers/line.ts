/** The one line over all uploads, in words. */
import type { TransferLine } from '../../lib/backend/backend';
import { speed, timeLeft } from '../../lib/i18n/formats';
import { t } from '../../lib/i18n/words.svelte';

export function lineTitle(line: TransferLine): string {
  const { total, finished, waiting, running, needsYou, stopped } = line;
  if (running > 0)
    return t('transfers.line.uploading', { current: Math.min(total, finished + stopped + 1), total });
  if (waiting > 0) return t('transfers.line.waiting', { count: waiting });
  if (needsYou > 0 && finished === 0) return t('transfers.line.needs_you', { count: needsYou });
  if (needsYou > 0) return t('transfers.line.uploaded_needs_you', { finished, total, count: needsYou });
  if (stopped > 0) return t('transfers.line.stopped', { finished, total, count: stopped });
  return t('transfers.line.uploaded', { count: finished });
}

export function lineDetail(line: TransferLine): string | null {
  if (line.running === 0 || line.bytesPerSecond === null) return null;
  const rate = speed(line.bytesPerSecond);
  return line.secondsLeft === null
    ? rate
    : t('transfers.line.detail', { speed: rate, left: timeLeft(line.secondsLeft) });
}
