declare module '*.json?parsed' {
  import type { MessageFormatElement } from '@formatjs/icu-messageformat-parser';

  /** A plain text, or the elements of a message with arguments. */
  const messages: Record<string, string | MessageFormatElement[]>;
  export default messages;
}
