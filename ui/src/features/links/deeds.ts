/** What can be done about one link; buttons, keys and the menu take it from here. */
import type { SharedLink } from '../../lib/backend/backend';
import { t } from '../../lib/i18n/words.svelte';
import type { AppStores } from '../../lib/stores/app.svelte';
import { TestId, type TestIdName } from '../../lib/testids';
import { works } from './status';

/** A deed, or why it can't be done. */
export interface Deed {
  label: string;
  testid: TestIdName;
  run: () => void;
  off: string | null;
}

export interface LinkDeeds {
  /** The first button: what is most likely wanted. */
  main: Deed | null;
  stop: Deed | null;
  /** The link as it is, on the clipboard once more. */
  copyAgain: (() => void) | null;
  copyWithText: (() => void) | null;
  /** Another link to the same. */
  renew: Deed | null;
  picture: (() => void) | null;
  email: (() => void) | null;
  note: (() => void) | null;
}

/** A link that ends sooner is better renewed than handed out once more. */
const SOON = 6 * 3_600_000;

export function deedsOf(app: AppStores, link: SharedLink, now: Date): LinkDeeds {
  const { links, sharedLinks: list } = app;
  const alive = works(link, now);
  const whileBusy = (deed: () => Promise<void>) => () => void list.whileBusy(link.id, deed);
  const deed = (label: string, testid: TestIdName, run: () => void, off: string | null = null): Deed => ({
    label,
    testid,
    run: off ? () => app.notices.tell('news', 'links.cannot_stop') : run,
    off,
  });

  const ofMine = alive && link.mine;
  const copies = alive && link.canCopyAgain;
  const copyAgain = copies ? whileBusy(() => links.copyAgain(link.id)) : null;
  const renew = ofMine
    ? deed(
        copies ? t('links.renew') : t('links.new_link'),
        TestId.LinkRenew,
        whileBusy(() => links.renew(link.id)),
      )
    : null;
  const soon = new Date(link.endsAt).getTime() - now.getTime() < SOON;
  const again = copyAgain && deed(t('links.copy_again'), TestId.LinkCopyAgain, copyAgain);
  const shareAgain: Deed | null =
    !alive && link.mine
      ? {
          label: t('links.share_again'),
          testid: TestId.LinkShareAgain,
          run: () => links.share({ kind: 'link', id: link.id }),
          off: null,
        }
      : null;
  if (shareAgain && link.file === 'gone') {
    shareAgain.off = t('links.cannot_share');
    shareAgain.run = () => app.notices.tell('news', 'links.cannot_share');
  }
  return {
    main: shareAgain ?? (soon || !again ? (renew ?? again) : again),
    stop: alive
      ? deed(
          t('links.stop'),
          TestId.LinkStop,
          () => (list.stopping = link),
          link.stoppable ? null : t('links.cannot_stop'),
        )
      : null,
    copyAgain,
    copyWithText: copies ? whileBusy(() => links.copyAgain(link.id, true)) : null,
    renew,
    picture: copies ? () => links.showPicture(link) : null,
    email: copies ? whileBusy(() => links.email(link.id)) : null,
    note: link.mine ? () => (list.noting = link) : null,
  };
}
