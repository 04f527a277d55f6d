import { parse, TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import { afterEach, describe, expect, it } from 'vitest';
import english from '../src/lib/i18n/messages/en.json';
import { accent, pseudo } from '../src/lib/i18n/pseudo';
import { language, t } from '../src/lib/i18n/words.svelte';

const messages = Object.entries(english).filter(([key]) => !key.startsWith('shell.'));

function literals(elements: MessageFormatElement[]): string {
  return elements
    .flatMap((element): string[] => {
      if (element.type === TYPE.literal) return [element.value];
      if (element.type === TYPE.tag) return [literals(element.children)];
      if (element.type === TYPE.plural)
        return Object.values(element.options).map((option) => literals(option.value));
      return [];
    })
    .join('');
}

function names(elements: MessageFormatElement[]): string[] {
  return elements.flatMap((element): string[] => {
    if (element.type === TYPE.plural) {
      return [element.value, ...Object.values(element.options).flatMap((option) => names(option.value))];
    }
    if (element.type === TYPE.tag) return [element.value, ...names(element.children)];
    return element.type === TYPE.literal || element.type === TYPE.pound ? [] : [element.value];
  });
}

describe('the pseudo-language', () => {
  afterEach(() => {
    language.pseudo = false;
  });

  it('keeps every argument of every message', () => {
    for (const [key, message] of messages) {
      expect(names(pseudo(parse(message))), key).toEqual(names(parse(message)));
    }
  });

  it('is about 40 % longer', () => {
    const before = messages.reduce((sum, [, message]) => sum + literals(parse(message)).length, 0);
    const after = messages.reduce((sum, [, message]) => sum + literals(pseudo(parse(message))).length - 2, 0);
    expect(after / before).toBeGreaterThan(1.35);
    expect(after / before).toBeLessThan(1.5);
  });

  it('puts every message in brackets and accents', () => {
    language.pseudo = true;
    const shown = t('files.incomplete.sentence', { count: 3 });
    expect(shown).toMatch(/^\[.*3.*\]$/);
    expect(shown).toContain(accent('This list is not complete'));
  });
});
