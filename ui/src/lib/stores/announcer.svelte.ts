/** What is read out to people who do not see the page; each thing once. */
export class Announcer {
  text = $state('');

  say(text: string): void {
    // The same words again are news only if the text changes.
    this.text = text === this.text ? `${text}\u00a0` : text;
  }
}
