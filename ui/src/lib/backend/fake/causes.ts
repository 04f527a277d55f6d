/** What many transfers of the fake need the person for: the same code and the same sentence. */
import type { Cause, Problem } from '../backend';
import type { Item } from './queue';

const MANY = 2;

const keyOf = ({ code, sentence }: Problem) => `${code} ${sentence}`;

/** A name that is taken is a question of its own. */
const causeOf = ({ transfer: { problem, conflict } }: Item) => (conflict || !problem ? null : keyOf(problem));

export function causesOf(items: Iterable<Item>): Cause[] {
  const found = new Map<string, Cause>();
  for (const item of items) {
    const { problem, id } = item.transfer;
    const key = causeOf(item);
    if (key === null || !problem) continue;
    const known = found.get(key);
    if (known) known.count += 1;
    else found.set(key, { first: id, count: 1, problem });
  }
  return [...found.values()]
    .filter(({ count }) => count >= MANY)
    .sort((one, other) => other.count - one.count);
}

export function withCauseOf(items: Iterable<Item>, first: number): number[] {
  const all = [...items];
  const cause = all.find(({ transfer }) => transfer.id === first);
  const key = cause ? causeOf(cause) : null;
  return key === null ? [] : all.filter((item) => causeOf(item) === key).map(({ transfer }) => transfer.id);
}
