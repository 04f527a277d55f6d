/** Files of the file manager that hover over the window; the app itself receives them, and hears from here where they go. */
import type { Backend, DropHovered } from '../backend/backend';

export class Drop {
  hovering = $state.raw<DropHovered | null>(null);
  #into: number | null = null;
  #told: Promise<void> = Promise.resolve();

  constructor(private readonly backend: Backend) {}

  hovered(drop: DropHovered): void {
    this.hovering = drop;
  }

  gone(): void {
    this.hovering = null;
  }

  /** The folder on the screen takes the drops; null: there is none. One after the other, so that the last one counts. */
  into(listing: number | null): void {
    if (listing === this.#into) return;
    this.#into = listing;
    // A folder that the app has closed meanwhile takes nothing: it says so at the next deed in it.
    this.#told = this.#told.then(() => this.backend.takeDrops(listing)).catch(() => undefined);
  }
}
