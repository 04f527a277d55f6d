/** The keyboard of the transfers: moving, and the deeds of the row in hand. */
import type { AppStores } from '../../lib/stores/app.svelte';
import { deedsOf, type Deeds } from './deeds';

interface Keys {
  app: AppStores;
  /** Rows of one page key. */
  page: () => number;
  /** The row in hand is another one now: show it. */
  moved: () => void;
}

/** What Enter does: what helps first. */
const mainOf = (deeds: Deeds) =>
  deeds.decide ?? deeds.help?.run ?? deeds.tryNow ?? deeds.copyLink ?? deeds.show;

export function rowKeys({ app, page, moved }: Keys): (event: KeyboardEvent) => void {
  const { transferList: list } = app;

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
    const item = list.handRow;
    if (!item) return null;
    const deeds = deedsOf(app, item);
    const command = event.ctrlKey || event.metaKey;
    const onButton = (event.target as Element).closest('button') !== null;
    if (command && event.key.toLowerCase() === 'l') return deeds.copyLink;
    if (command || event.altKey || event.shiftKey) return null;
    if (event.key === 'Delete') return deeds.cancel;
    if (event.key === ' ' && !onButton) return deeds.pause ?? deeds.resume;
    return event.key === 'Enter' && !onButton ? mainOf(deeds) : null;
  }

  return (event) => {
    const index = event.altKey ? null : target(event.key);
    const deed = index === null ? deedFor(event) : null;
    if (index !== null && list.count > 0) {
      list.take(index);
      moved();
    } else if (deed) deed();
    // A page must not jump because a row has nothing to pause.
    else if (event.key !== ' ' || (event.target as Element).closest('button')) return;
    event.preventDefault();
  };
}
