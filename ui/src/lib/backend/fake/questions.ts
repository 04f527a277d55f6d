/** The one question of the fake about names that are taken; a number goes through all that it names. */
import type { NameQuestion, NamesTaken } from '../backend';
import type { Item } from './queue';

export class Questions {
  #last = 0;
  #putOff = 0;
  #numbers = new Map<Item, number>();

  ask(needing: Iterable<Item>): NameQuestion | null {
    const asked = this.#asked(needing, Infinity);
    const first = asked[0]?.transfer;
    if (!first) return null;
    const taken = asked.map((item) => item.transfer);
    return {
      through: this.#last,
      count: asked.length,
      workingLinks: taken.reduce((sum, { conflict }) => sum + (conflict?.workingLinks ?? 0), 0),
      oneFolder: taken.every(({ conflict }) => conflict?.folder === first.conflict?.folder),
      oneDirection: taken.every(({ direction }) => direction === first.direction),
      first: { ...first },
    };
  }

  named(needing: Iterable<Item>, which: NamesTaken): Item[] {
    if (which.kind === 'question') return this.#asked(needing, which.through);
    return [...needing].filter(({ transfer }) => transfer.id === which.id && transfer.conflict !== null);
  }

  putOff(through: number): void {
    this.#putOff = Math.max(this.#putOff, through);
  }

  #asked(needing: Iterable<Item>, through: number): Item[] {
    const taken = [...needing].filter(({ transfer }) => transfer.conflict !== null);
    const known = this.#numbers;
    this.#numbers = new Map(taken.map((item) => [item, known.get(item) ?? this.#last + 1]));
    if (taken.some((item) => !known.has(item))) this.#last += 1;
    return taken.filter((item) => {
      const number = this.#numbers.get(item) ?? 0;
      return number > this.#putOff && number <= through;
    });
  }
}
