/** What stands beside the one sentence over all transfers; the same in the bar and on the screen. */
import type { TransferLine } from '../../lib/backend/backend';
import { speed, timeLeft } from '../../lib/i18n/formats';
import { t } from '../../lib/i18n/words.svelte';

export function lineDetail(line: TransferLine): string | null {
  if (line.running === 0) return line.held > 0 ? t('transfers.line.by_itself') : null;
  // Nothing a second is no speed: the store is busy with what it has.
  if (!line.bytesPerSecond) return null;
  const rate = speed(line.bytesPerSecond);
  return line.secondsLeft === null
    ? rate
    : t('transfers.line.detail', { speed: rate, left: timeLeft(line.secondsLeft) });
}
