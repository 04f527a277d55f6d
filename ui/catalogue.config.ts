/** Reads the messages at build time, so that the page carries no message parser. */
import { parse } from '@formatjs/icu-messageformat-parser';
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const QUERY = '?parsed';

export function catalogue(): Plugin {
  return {
    name: 'satchel-catalogue',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith(`.json${QUERY}`)) return null;
      const file = id.slice(0, -QUERY.length);
      this.addWatchFile(file);
      const messages = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
      // The words of the shell are read by the app itself, not by the page.
      const shown = Object.entries(messages).filter(([key]) => !key.startsWith('shell.'));
      const parsed = shown.map(([key, message]) => {
        // A message without an argument stays the text it is.
        const elements = parse(message);
        const [only] = elements;
        const plain = elements.length === 1 && only !== undefined && only.type === 0 ? only.value : null;
        return [key, plain ?? elements];
      });
      return { code: `export default ${JSON.stringify(Object.fromEntries(parsed))}`, moduleType: 'js' };
    },
  };
}
