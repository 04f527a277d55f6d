/** One transfer in words: its state with a shape and a colour, and what is known about it. */
import ArrowDown from '@lucide/svelte/icons/arrow-down';
import ArrowUp from '@lucide/svelte/icons/arrow-up';
import Check from '@lucide/svelte/icons/check';
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import Clock from '@lucide/svelte/icons/clock';
import Hourglass from '@lucide/svelte/icons/hourglass';
import Pause from '@lucide/svelte/icons/pause';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import SkipForward from '@lucide/svelte/icons/skip-forward';
import Square from '@lucide/svelte/icons/square';
import WifiOff from '@lucide/svelte/icons/wifi-off';
import type { Component } from 'svelte';
import type { FolderFiles, Transfer, TransferState } from '../../lib/backend/backend';
import { present } from '../../lib/errors/present';
import { amount, count, moment, percent, size, speed, timeLeft } from '../../lib/i18n/formats';
import { t, type MessageKey, type Values } from '../../lib/i18n/words.svelte';

type Tone = 'ok' | 'warn' | 'bad' | 'off';

export interface ShownState {
  words: string;
  icon: Component;
  /** null: it moves, and needs no colour. */
  tone: Tone | null;
}

const LOOKS: Record<TransferState, [Component, Tone | null]> = {
  needsYou: [CircleAlert, 'bad'],
  uploading: [ArrowUp, null],
  downloading: [ArrowDown, null],
  checking: [ShieldCheck, null],
  held: [Hourglass, 'warn'],
  paused: [Pause, 'off'],
  waiting: [Clock, 'off'],
  uploaded: [Check, 'ok'],
  downloaded: [Check, 'ok'],
  stopped: [Square, 'off'],
  skipped: [SkipForward, 'off'],
};
const WITH_BAR: TransferState[] = ['uploading', 'downloading', 'checking', 'held', 'paused', 'waiting'];

/** States of a folder that say how many of its files are there. */
const COUNTED = ['uploading', 'downloading', 'paused', 'stopped'] as const;
const isCounted = (state: TransferState) => COUNTED.find((counted) => counted === state);

const howMany = ({ finished, total }: FolderFiles): Values => ({
  finished: count(finished),
  total,
  count: count(total),
});

export function stateOf(item: Transfer): ShownState {
  const { state, problem, files } = item;
  const [icon, tone] = LOOKS[state];
  if (state === 'held' && problem?.code === 'offline') {
    return { words: t('transfers.state.offline'), icon: WifiOff, tone };
  }
  // The banner says at length what this waits for.
  if (state === 'held' && problem?.code === 'unreachable') {
    return { words: t('transfers.state.unreachable'), icon, tone };
  }
  if (state === 'held' && problem) return { words: present(problem).title, icon, tone };
  const counted = files && isCounted(state);
  if (counted) return { words: t(`transfers.folder.${counted}`, howMany(files)), icon, tone };
  if (files && state === 'needsYou') {
    return { words: t('transfers.folder.needs_you', { count: files.needsYou }), icon, tone };
  }
  const words = t(`transfers.state.${state}`, { percent: percent(item.doneBytes, item.sizeBytes) });
  return { words, icon, tone };
}

/** The line under the name; what is told once for many is not said again. */
export function underOf(
  item: Transfer,
  told: boolean,
): { key: MessageKey; values: Values } | { text: string } {
  const { state, problem, files, doneBytes, sizeBytes, bytesPerSecond, secondsLeft } = item;
  if (item.conflict) return { text: t('transfers.item.name_taken') };
  const done = amount(doneBytes, sizeBytes);
  if (state === 'held') {
    // What is safe stays on one line.
    const safe = done.replaceAll(' ', '\u00a0');
    return {
      text: doneBytes > 0 ? t('transfers.item.held_safe', { amount: safe }) : t('transfers.item.held'),
    };
  }
  if (problem && !told) return { text: present(problem).sentence };
  if (files && state === 'needsYou') {
    return { key: 'transfers.folder.files', values: { ...howMany(files), folder: { bdi: item.folder } } };
  }
  const values = {
    size: !files && doneBytes > 0 && doneBytes < sizeBytes && state !== 'checking' ? done : size(sizeBytes),
    folder: { bdi: item.folder },
  };
  if (item.finishedAt) {
    const time = moment(item.finishedAt);
    return { key: 'transfers.item.finished', values: { ...values, size: size(sizeBytes), time } };
  }
  if (!bytesPerSecond || state === 'checking') return { key: 'transfers.item.to', values };
  const moving = { amount: done, folder: values.folder, speed: speed(bytesPerSecond) };
  if (secondsLeft === null) return { key: 'transfers.item.moving', values: moving };
  return { key: 'transfers.item.moving_left', values: { ...moving, left: timeLeft(secondsLeft) } };
}

/** How far it is, 0 to 1; null where a bar would say nothing. */
export function shareOf({ state, doneBytes, sizeBytes, canPause, files }: Transfer): number | null {
  const goesOn = files !== null && state === 'needsYou' && (canPause || files.canResume);
  if (!WITH_BAR.includes(state) && !goesOn) return null;
  if (state === 'checking' || sizeBytes === 0) return state === 'waiting' ? 0 : 1;
  return doneBytes / sizeBytes;
}
