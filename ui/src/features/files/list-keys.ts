/** The keyboard of the list: moving, selecting, opening, typing ahead. */
import type { Folder } from '../../lib/stores/folder.svelte';

interface Keys {
  folder: Folder;
  /** Rows of one page key. */
  page: () => number;
  /** The row in hand is another one now: show it. */
  moved: () => void;
  openMenu: () => void;
}

const TYPE_PAUSE = 900;

export function listKeys({ folder, page, moved, openMenu }: Keys): (event: KeyboardEvent) => void {
  let typed = '';
  let typedAt = 0;

  function target(key: string): number | null {
    const last = folder.count - 1;
    const places: Record<string, number> = {
      ArrowDown: Math.min(folder.hand + 1, last),
      ArrowUp: Math.max(folder.hand - 1, 0),
      PageDown: Math.min(folder.hand + page(), last),
      PageUp: Math.max(folder.hand - page(), 0),
      Home: 0,
      End: last,
    };
    return places[key] ?? null;
  }

  async function go(index: number, event: KeyboardEvent): Promise<void> {
    if (event.shiftKey) await folder.selectTo(index);
    else if (event.ctrlKey || event.metaKey) folder.take(index);
    else folder.selectOne(index);
    moved();
  }

  async function typeAhead(letter: string, at: number): Promise<void> {
    typed = at - typedAt > TYPE_PAUSE ? letter : typed + letter;
    typedAt = at;
    const index = await folder.typeAhead(typed);
    if (index === null) return;
    folder.selectOne(index);
    moved();
  }

  return (event) => {
    const onButton = (event.target as Element).closest('button') !== null;
    const command = event.ctrlKey || event.metaKey;
    const index = event.altKey ? null : target(event.key);
    if (folder.count === 0) return;
    if (index !== null) void go(index, event);
    else if (event.key === 'Enter' && !onButton) {
      if (folder.handRow) void folder.openRow(folder.handRow);
    } else if (event.key === ' ' && !onButton) folder.toggle(folder.hand);
    else if (event.key === 'a' && command) void folder.selectAll();
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) openMenu();
    else if (event.key === 'Escape' && folder.selected.size > 0) folder.selected.clear();
    else if (event.key === 'Escape' && folder.searchText !== '') folder.search('', true);
    else if (event.key.length === 1 && !command && !event.altKey && !onButton) {
      void typeAhead(event.key, event.timeStamp);
    } else return;
    event.preventDefault();
  };
}
