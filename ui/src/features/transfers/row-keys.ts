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

/** What Enter does: what helps first; of a folder its files are where that is done. */
const mainOf = (deeds: Deeds) =>
  deeds.open ?? deeds.decide ?? deeds.help?.run ?? deeds.tryNow ?? deeds.copyLink ?? deeds.show;

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

  /** Into a folder and out of it, as in a tree: opened, then gone into; gone out of, then closed. */
  function stepFor({ key }: KeyboardEvent): (() => void) | number | null {
    const item = list.handRow;
    const isRtl = document.documentElement.dir === 'rtl';
    const inwards = key === (isRtl ? 'ArrowLeft' : 'ArrowRight');
    if (!item || (!inwards && key !== (isRtl ? 'ArrowRight' : 'ArrowLeft'))) return null;
    if (item.inFolder) return inwards ? null : list.folderOf(list.hand);
    if (!item.files) return null;
    if (item.files.isOpen !== inwards) return () => void list.toggle(item);
    return inwards ? list.hand + 1 : null;
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
    const step = event.altKey || event.ctrlKey || event.metaKey ? null : stepFor(event);
    const index = typeof step === 'number' ? step : event.altKey ? null : target(event.key);
    const deed = index !== null ? null : typeof step === 'function' ? step : deedFor(event);
    if (index !== null && list.count > 0) {
      list.take(index);
      moved();
    } else if (deed) deed();
    // A page must not jump because a row has nothing to pause.
    else if (event.key !== ' ' || (event.target as Element).closest('button')) return;
    event.preventDefault();
  };
}
