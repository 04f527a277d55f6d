/** How the fake words its transfers; the app does it in Rust, once for window, tray and command line. */
import type { Problem, TransferLine } from '../backend';

const number = new Intl.NumberFormat('en');
const files = (count: number) => `${number.format(count)} ${count === 1 ? 'file' : 'files'}`;

function deedOf({ downloads, total }: Counts): [underWay: string, finished: string] {
  if (downloads === 0) return ['Uploading', 'uploaded'];
  return downloads === total ? ['Downloading', 'downloaded'] : ['Transferring', 'done'];
}

type Counts = Omit<TransferLine, 'sentence' | 'holdup'>;

function stateOf(line: Counts, holdup: Problem | null): string {
  const { total, finished, running, waiting, held, paused, needsYou, stopped } = line;
  const [underWay, done] = deedOf(line);
  const left = files(running + waiting + held + paused);
  if (running === 0 && held > 0) {
    return `${holdup?.code === 'offline' ? 'Waiting for the internet' : (holdup?.title ?? 'Waiting')}: ${left} left`;
  }
  if (running + waiting > 0) {
    const current = Math.min(finished + needsYou + stopped + 1, total);
    return total === 1
      ? `${underWay} 1 file`
      : `${underWay} ${number.format(current)} of ${number.format(total)}`;
  }
  if (paused > 0) return `Paused: ${left} left`;
  if (finished === total) return `${files(total)} ${done}`;
  if (finished === 0 && total === needsYou) return '';
  return `${number.format(finished)} of ${number.format(total)} ${done}`;
}

export function sentence(line: Counts, holdup: Problem | null): string {
  const { total, needsYou, stopped } = line;
  if (total === 0) return '';
  const needs = needsYou === 1 ? '1 needs you' : `${number.format(needsYou)} need you`;
  const parts = [
    stateOf(line, holdup),
    needsYou > 0 ? needs : '',
    stopped > 0 ? `${number.format(stopped)} stopped` : '',
  ];
  return parts.filter(Boolean).join(', ');
}
