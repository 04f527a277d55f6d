/** The pseudo-language: English, accented, about 40 % longer and in brackets, with every argument kept. */
import { TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';

const PLAIN = 'aceinosuyzACEINOSUYZdglrtDGLRT';
const ACCENTED = 'áçéîñöšúýžÁÇÉÎÑÖŠÚÝŽďĝļŕţĎĜĻŔŢ';
const FILLING = 'əəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəəə';
const GROWTH = 0.4;

export function accent(text: string): string {
  return [...text].map((letter) => ACCENTED[PLAIN.indexOf(letter)] ?? letter).join('');
}

function lengthen(text: string): string {
  const letters = text.replace(/[^\p{L}\p{N}]/gu, '').length;
  if (letters === 0) return text;
  const end = text.length - text.trimEnd().length;
  const body = end === 0 ? text : text.slice(0, -end);
  return (
    accent(body) + FILLING.slice(0, Math.max(1, Math.round(text.length * GROWTH))) + text.slice(body.length)
  );
}

function walk(elements: MessageFormatElement[]): MessageFormatElement[] {
  return elements.map((element) => {
    switch (element.type) {
      case TYPE.literal:
        return { ...element, value: lengthen(element.value) };
      case TYPE.tag:
        return { ...element, children: walk(element.children) };
      case TYPE.select:
      case TYPE.plural:
        return {
          ...element,
          options: Object.fromEntries(
            Object.entries(element.options).map(([name, option]) => [
              name,
              { ...option, value: walk(option.value) },
            ]),
          ),
        };
      default:
        return element;
    }
  });
}

/** The elements of a message; a plain text is one of them. */
export function elementsOf(message: string | MessageFormatElement[]): MessageFormatElement[] {
  return typeof message === 'string' ? [{ type: TYPE.literal, value: message }] : message;
}

export function pseudo(message: MessageFormatElement[]): MessageFormatElement[] {
  return [{ type: TYPE.literal, value: '[' }, ...walk(message), { type: TYPE.literal, value: ']' }];
}
