/** Every word on the page comes from here: the catalogue, in the language of the person. */
import type { MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import { IntlMessageFormat } from 'intl-messageformat';
import type keys from './messages/en.json';
import english from './messages/en.json?parsed';
import { elementsOf, pseudo } from './pseudo';

/** The keys of the page; those under `shell.` belong to the app itself. */
export type MessageKey = Exclude<keyof typeof keys, `shell.${string}`>;
/** A name made by people, which may run in the other direction; shown in its own `<bdi>`. */
export interface Name {
  bdi: string;
}
export type Value = string | number | Name;
export type Values = Record<string, Value>;
export type Part = { text: string; as: 'plain' | 'strong' | 'name' };

const ENGLISH_WITHOUT_COUNTRY = 'en-GB';

class Language {
  /** Locale of the words and of the dates between them. */
  locale = $state(ENGLISH_WITHOUT_COUNTRY);
  /** null: as the locale has it */
  hour12 = $state<boolean | null>(null);
  pseudo = $state(false);

  use(choice: { locale: string; hour12: boolean | null; pseudo: boolean }): void {
    this.hour12 = choice.hour12 ?? (hasTwelveHours(choice.locale) ? true : null);
    this.locale = choice.locale.startsWith('en-') ? choice.locale : ENGLISH_WITHOUT_COUNTRY;
    this.pseudo = choice.pseudo;
    document.documentElement.lang = this.pseudo ? 'en-XA' : this.locale;
    document.documentElement.dir = 'ltr';
  }
}

function hasTwelveHours(locale: string): boolean {
  if (!locale.includes('-')) return false;
  try {
    return new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions().hour12 ?? false;
  } catch {
    return false;
  }
}

export const language = new Language();

const formats = new Map<string, IntlMessageFormat>();

function message(key: MessageKey): IntlMessageFormat {
  const name = `${language.locale} ${language.pseudo} ${key}`;
  let format = formats.get(name);
  if (!format) {
    const plain = elementsOf(english[key] ?? key);
    const source: MessageFormatElement[] = language.pseudo ? pseudo(plain) : plain;
    format = new IntlMessageFormat(source, language.locale);
    formats.set(name, format);
  }
  return format;
}

/** The message as one string: for names of controls and announcements. Throws when a value is missing. */
export function t(key: MessageKey, values: Values = {}): string {
  return parts(key, values)
    .map((part) => part.text)
    .join('');
}

/** The message as parts, for the page: names apart, so that each can be isolated. */
export function parts(key: MessageKey, values: Values = {}): Part[] {
  const strong = (chunks: unknown[]): Part[] => collect(chunks).map((part) => ({ ...part, as: 'strong' }));
  const whole = message(key).format<Part[] | Name>({ ...values, strong });
  return collect(Array.isArray(whole) ? whole : [whole]);
}

function collect(chunks: unknown[]): Part[] {
  return chunks.flat().map((chunk): Part => {
    if (typeof chunk === 'object' && chunk !== null) {
      if ('bdi' in chunk) return { text: String(chunk.bdi), as: 'name' };
      if ('text' in chunk) return chunk as Part;
    }
    return { text: String(chunk), as: 'plain' };
  });
}

export function isKey(key: string): key is MessageKey {
  return Object.hasOwn(english, key);
}
