/** Keys that work anywhere on the Files screen, as long as nothing lies in front of it. */
import type { LinkTarget } from '../../lib/backend/backend';
import type { AppStores } from '../../lib/stores/app.svelte';

interface Parts {
  search: () => void;
}

const MOVES = ['ArrowDown', 'ArrowUp', 'Home', 'End', 'PageDown', 'PageUp'];

/** The focus goes to the row in hand, or to the first thing to do where there are no rows. */
export function focusHome(): void {
  document.querySelector<HTMLElement>('[data-focus-home]')?.focus({ preventScroll: true });
}

export function shortcuts(app: AppStores, { search }: Parts): (event: KeyboardEvent) => void {
  const { folder, links } = app;

  function withChosen(deed: (target: LinkTarget) => void): void {
    const target = folder.toShare;
    if (target) deed(target);
  }

  return (event) => {
    if (event.defaultPrevented || document.querySelector('dialog[open], [role=menu]')) return;
    const typing = event.target instanceof HTMLInputElement;
    const command = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.toLowerCase();
    if (command && key === 'f') search();
    else if (command && key === 'u') app.upload();
    else if (command && key === 'd') void app.download();
    else if (command && key === 'l' && event.shiftKey) withChosen((target) => links.share(target));
    else if (command && key === 'l') withChosen((target) => void links.copy(target));
    else if (command && key === 'v' && !typing) void app.paste();
    else if ((key === 'backspace' && !typing) || (key === 'arrowup' && event.altKey)) void folder.goUp();
    else if (MOVES.includes(event.key) && event.target === document.body) focusHome();
    else if (key === 'escape' && app.notices.toast) app.notices.hush();
    else return;
    event.preventDefault();
  };
}
