/** The menu of one link: everything its buttons offer, and what is wanted less often. */
import CircleStop from '@lucide/svelte/icons/circle-stop';
import FileText from '@lucide/svelte/icons/file-text';
import LinkIcon from '@lucide/svelte/icons/link';
import Mail from '@lucide/svelte/icons/mail';
import Pencil from '@lucide/svelte/icons/pencil';
import QrCode from '@lucide/svelte/icons/qr-code';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import Users from '@lucide/svelte/icons/users';
import type { MenuItem } from '../../lib/components/Menu.svelte';
import { t } from '../../lib/i18n/words.svelte';
import { TestId } from '../../lib/testids';
import type { LinkDeeds } from './deeds';

export function menuItems(deeds: LinkDeeds): MenuItem[] {
  const items: MenuItem[] = [];
  const add = (run: (() => void) | null | undefined, item: Omit<MenuItem, 'run'>) => {
    if (run) items.push({ ...item, run });
  };
  add(deeds.copyAgain, {
    label: t('links.copy_again'),
    icon: LinkIcon,
    shortcut: t('files.menu.copy_link_shortcut'),
    testid: TestId.LinkCopyAgain,
  });
  add(deeds.copyWithText, {
    label: t('share.copy_with_text'),
    icon: FileText,
    testid: TestId.LinkMenuWithText,
  });
  add(deeds.renew?.run, { label: deeds.renew?.label ?? '', icon: RefreshCw, testid: TestId.LinkRenew });
  if (deeds.main?.testid === TestId.LinkShareAgain) {
    const { run, off } = deeds.main;
    add(run, { label: t('links.menu.share_again'), icon: Users, off, testid: TestId.LinkShareAgain });
  }
  const apart = items.length > 0;
  add(deeds.picture, { label: t('links.menu.qr'), icon: QrCode, testid: TestId.LinkMenuQr, apart });
  add(deeds.email, { label: t('share.email'), icon: Mail, testid: TestId.LinkMenuEmail });
  add(deeds.note, {
    label: t('links.menu.note'),
    icon: Pencil,
    shortcut: t('links.menu.note_shortcut'),
    testid: TestId.LinkMenuNote,
    apart: apart && !deeds.picture,
  });
  add(deeds.stop?.run, {
    label: t('links.stop'),
    icon: CircleStop,
    shortcut: t('links.menu.stop_shortcut'),
    off: deeds.stop?.off ?? null,
    testid: TestId.LinkStop,
    apart: items.length > 0,
  });
  return items;
}
