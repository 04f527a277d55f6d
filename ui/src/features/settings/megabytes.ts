/** A speed as people type it: megabytes a second, with a point or a comma. */
import { language } from '../../lib/i18n/words.svelte';

const MEGABYTE = 1_000_000;
/** What the app keeps is between these, whatever it is told. */
export const SLOWEST = 0.1;
export const FASTEST = 1000;

/** Bytes a second; null: no number, or none that can be kept. */
export function bytesOf(typed: string): number | null {
  const text = typed.trim().replace(',', '.');
  if (!/^(\d+\.?\d*|\.\d+)$/.test(text)) return null;
  const megabytes = Number(text);
  return megabytes >= SLOWEST && megabytes <= FASTEST ? Math.round(megabytes * MEGABYTE) : null;
}

export function typedOf(bytesPerSecond: number): string {
  return String(Math.round(bytesPerSecond / (MEGABYTE / 100)) / 100);
}

export function limits(): { slowest: string; fastest: string } {
  const format = new Intl.NumberFormat(language.locale);
  return { slowest: format.format(SLOWEST), fastest: format.format(FASTEST) };
}
