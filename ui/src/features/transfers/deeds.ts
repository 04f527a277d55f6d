/** What can be done about one transfer; buttons and keys take it from here. */
import type { Action, Transfer } from '../../lib/backend/backend';
import { t } from '../../lib/i18n/words.svelte';
import type { AppStores } from '../../lib/stores/app.svelte';

export interface Deeds {
  /** The one thing that helps what needs the person. */
  help: { label: string; run: () => void } | null;
  decide: (() => void) | null;
  /** Looks at once for what waits for its place. */
  tryNow: (() => void) | null;
  copyLink: (() => void) | null;
  show: (() => void) | null;
  pause: (() => void) | null;
  resume: (() => void) | null;
  cancel: (() => void) | null;
  /** Shows the files of a folder, or hides them. */
  open: (() => void) | null;
}

const ARRIVED: Transfer['state'][] = ['uploaded', 'downloaded'];
const OVER: Transfer['state'][] = ['uploaded', 'downloaded', 'stopped', 'skipped'];

function helpFor(app: AppStores, item: Transfer): Deeds['help'] {
  const again = () => void app.transfers.retry([item.id]);
  const tryAgain = { label: t('common.try_again'), run: again };
  if (item.files) return item.files.canRetry ? tryAgain : null;
  if (item.state === 'stopped') return tryAgain;
  if (item.state !== 'needsYou' || !item.problem || item.conflict) return null;
  const drop = () => void app.transfers.cancel([item.id]);
  const own: Partial<Record<Action, () => void>> = {
    tryAgain: again,
    tryNow: again,
    uploadAgain: again,
    findFile: undefined,
    removeFromList: drop,
    hide: drop,
  };
  // What somebody else has to do first can be tried when it is done.
  return app.offer(item.problem, own) ?? (item.problem.retry === 'never' ? null : tryAgain);
}

export function deedsOf(app: AppStores, item: Transfer): Deeds {
  const { transfers, transferList, links } = app;
  const ids = [item.id];
  const { files } = item;
  const open = files ? () => void transferList.toggle(item) : null;
  return {
    help: helpFor(app, item),
    // Each name of a folder is decided about in its own row.
    decide: item.conflict ? () => transfers.reopen(item) : files?.namesTaken && !files.isOpen ? open : null,
    tryNow: item.state === 'held' ? () => void transfers.tryNow() : null,
    copyLink: item.canCopyLink ? () => void links.copy({ kind: 'transfer', id: item.id }) : null,
    show: item.canShowInFolder && ARRIVED.includes(item.state) ? () => void transfers.show(item.id) : null,
    pause: item.canPause && item.state !== 'paused' ? () => void transfers.pause(ids) : null,
    resume:
      item.state === 'paused' || (files?.canResume && !item.canPause)
        ? () => void transfers.resume(ids)
        : null,
    cancel: OVER.includes(item.state) ? null : () => void transfers.cancel(ids),
    open,
  };
}
