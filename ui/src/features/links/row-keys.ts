/** The keyboard of the links: moving, and the deeds of the row in hand. */
import type { AppStores } from '../../lib/stores/app.svelte';
import { clock } from '../../lib/stores/clock.svelte';
import { deedsOf } from './deeds';

interface Keys {
  app: AppStores;
  /** Rows of one page key. */
  page: () => number;
  /** The row in hand is another one now: show it. */
  moved: () => void;
  openMenu: () => void;
}

export function rowKeys({ app, page, moved, openMenu }: Keys): (event: KeyboardEvent) => void {
  const { sharedLinks: list } = app;

  function target(key: string): number | null {
    const places: Record<string, number> = {
      ArrowDown: list.hand + 1,
      ArrowUp: list.hand - 1,
      PageDown: list.hand + page(),
      PageUp: list.hand - page(),
      Home: 0,
      End: list.count - 1,
    };
    return places[key] ?? null;
  }

  function deedFor(event: KeyboardEvent): (() => void) | null {
    const link = list.handRow;
    if (!link) return null;
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) return openMenu;
    const deeds = deedsOf(app, link, clock.now);
    const command = event.ctrlKey || event.metaKey;
    const main = deeds.main?.run ?? null;
    if (command && event.key.toLowerCase() === 'l') return deeds.copyAgain ?? main;
    if (command || event.altKey || event.shiftKey) return null;
    if (event.key === 'Delete') return deeds.stop?.run ?? null;
    if (event.key === 'F2') return deeds.note;
    const onButton = (event.target as Element).closest('button') !== null;
    return event.key === 'Enter' && !onButton ? main : null;
  }

  return (event) => {
    const index = event.altKey ? null : target(event.key);
    const deed = index === null ? deedFor(event) : null;
    if (index !== null && list.count > 0) {
      list.take(index);
      moved();
    } else if (deed) deed();
    else return;
    event.preventDefault();
  };
}
