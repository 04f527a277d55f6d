import { parse, TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CODES } from '../src/lib/backend/fake/problems';
import english from '../src/lib/i18n/messages/en.json';

const messages = Object.entries(english);
const page = messages.filter(([key]) => !key.startsWith('shell.'));

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === 'messages' || name === 'fake' ? [] : sources(path);
    return /\.(ts|svelte)$/.test(name) && name !== 'bindings.ts' ? [path] : [];
  });
}
const code = sources('src')
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

/** Words a person reads, without the names of arguments. */
function words(elements: MessageFormatElement[]): string {
  return elements
    .map((element) => {
      switch (element.type) {
        case TYPE.literal:
          return element.value;
        case TYPE.plural:
        case TYPE.select:
          return words(element.options.other?.value ?? []);
        case TYPE.tag:
          return words(element.children);
        default:
          return 'X';
      }
    })
    .join('');
}
const plain = (message: string) => words(parse(message));
const count = (text: string) => text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** Keys with a part that is known only when the page runs, as patterns. */
const patterns = [...code.matchAll(/[`"]([a-z_]+(?:\.(?:[\w]+|\$\{[^}]+\}|\{[^}]+\}))+)[`"]/gi)]
  .map((match) => match[1] ?? '')
  .filter((found) => found.includes('{'))
  .map(
    (found) =>
      new RegExp(
        `^${found
          .replace(/\$?\{[^}]+\}/g, '\u0000')
          .replace(/\./g, '\\.')
          .replaceAll('\u0000', '[^.]+')}$`,
      ),
  );

describe('the catalogue', () => {
  it('has no key that nothing uses', () => {
    const unused = page
      .map(([key]) => key)
      .filter(
        (key) =>
          !code.includes(`'${key}'`) && !code.includes(`"${key}"`) && !patterns.some((one) => one.test(key)),
      );
    expect(unused).toEqual([]);
  });

  it('has every key that is used by name', () => {
    const used = [
      ...code.matchAll(/\b(?:t|parts)\(\s*'([^']+)'/g),
      ...code.matchAll(/<Words\s+key="([^"{}]+)"/g),
    ];
    const missing = used.map((match) => match[1] ?? '').filter((key) => !Object.hasOwn(english, key));
    expect(used.length).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });

  it.each(CODES)('explains %s by a title and a sentence', (name) => {
    expect(Object.keys(english)).toEqual(
      expect.arrayContaining([`problem.${name}.title`, `problem.${name}.sentence`]),
    );
  });

  it('has only messages that can be read', () => {
    for (const [key, message] of messages) expect(() => parse(message), key).not.toThrow();
  });

  it('keeps keys as screen.part.meaning', () => {
    expect(messages.filter(([key]) => !/^[a-z_]+(\.[a-zA-Z_]+){1,3}$/.test(key))).toEqual([]);
  });

  it('gives the shell nothing but plain values to fill in', () => {
    for (const [key, message] of messages.filter(([name]) => name.startsWith('shell.'))) {
      const kinds = parse(message).map((element) => element.type);
      expect(
        kinds.filter((kind) => kind !== TYPE.literal && kind !== TYPE.argument),
        key,
      ).toEqual([]);
    }
  });
});

describe('the words', () => {
  it('of a title are at most six', () => {
    const long = messages.filter(
      ([key, message]) => /^problem\..*\.title$/.test(key) && count(plain(message)) > 6,
    );
    expect(long).toEqual([]);
  });

  it('of a sentence are at most twenty-five', () => {
    expect(page.filter(([, message]) => count(plain(message)) > 25)).toEqual([]);
  });

  it('of a title never frighten or blame', () => {
    const frightening = /\b(error|failed|invalid|illegal|bad|abort|kill|fatal|please|oops)\b/i;
    expect(
      messages.filter(([key, message]) => key.endsWith('.title') && frightening.test(plain(message))),
    ).toEqual([]);
  });

  it('are not those of the storage, outside the setup and the details', () => {
    const storage =
      /\b(buckets?|objects?|prefix(es)?|regions?|endpoints?|pre-?sign\w*|multipart|IAM|ACLs?|ETags?|checksums?|policy|policies|S3|AWS|HTTP|[45]\d\d)\b/i;
    const wrong = messages.filter(
      ([key, message]) => !/\b(setup|details)\b/.test(key) && storage.test(plain(message)),
    );
    expect(wrong).toEqual([]);
  });

  it('say password store, never keychain or keyring', () => {
    expect(messages.filter(([, message]) => /keychain|keyring/i.test(message))).toEqual([]);
  });
});
