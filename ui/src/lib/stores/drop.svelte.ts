/** Files of the file manager that hover over the window; the app itself receives them. */
import type { DropHovered } from '../backend/backend';

export class Drop {
  hovering = $state.raw<DropHovered | null>(null);

  hovered(drop: DropHovered): void {
    this.hovering = drop;
  }

  gone(): void {
    this.hovering = null;
  }
}
