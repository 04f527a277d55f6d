/** Short news at the corner, and the one problem in front of everything. */
import type { Action, Problem } from '../backend/backend';
import { problemOf } from '../errors/present';
import { t, type MessageKey, type Values } from '../i18n/words.svelte';
import type { TestIdName } from '../testids';
import type { Announcer } from './announcer.svelte';

export interface ToastAction {
  label: string;
  run: () => void;
  testid: TestIdName;
}
export interface Toast {
  id: number;
  kind: 'done' | 'news';
  key: MessageKey;
  values: Values;
  /** One thing more that has to be known. */
  also: MessageKey[];
  actions: ToastAction[];
}
export type Deeds = Partial<Record<Action, () => void>>;

const TOAST_TIME = 10_000;

export class Notices {
  toast = $state.raw<Toast | null>(null);
  trouble = $state.raw<{ problem: Problem; deeds: Deeds } | null>(null);
  #last = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly announcer: Announcer) {}

  tell(
    kind: Toast['kind'],
    key: MessageKey,
    values: Values = {},
    { also = [], actions = [] }: Partial<Pick<Toast, 'also' | 'actions'>> = {},
  ): void {
    this.toast = { id: ++this.#last, kind, key, values, also, actions };
    this.announcer.say([t(key, values), ...also.map((one) => t(one))].join(' '));
    this.letGo();
  }

  /** The pointer or the focus is on the news: it stays. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  letGo(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hush(), TOAST_TIME);
  }

  hush(): void {
    clearTimeout(this.#timer);
    this.toast = null;
  }

  /** Something the person asked for was refused. Stopping is not a problem. */
  show(thrown: unknown, deeds: Deeds = {}): void {
    const problem = problemOf(thrown);
    if (problem.code === 'cancelled') return;
    this.hush();
    this.trouble = { problem, deeds };
  }

  close(): void {
    this.trouble = null;
  }
}
