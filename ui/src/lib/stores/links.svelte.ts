/** Making links: one after the other, with news about file and end, and the share sheet where the end is chosen. */
import type { Backend, LinkCopied, LinkEndChoice, LinkTarget } from '../backend/backend';
import { endFull } from '../i18n/formats';
import { t, type MessageKey } from '../i18n/words.svelte';
import type { Notices } from './notices.svelte';

const WORDS: Record<LinkCopied['endsBecause'], MessageKey> = {
  chosen: 'toast.link_copied',
  place: 'toast.link_copied',
  signIn: 'toast.link_copied_sign_in',
  unknown: 'toast.link_copied_maybe',
};

function isSame(one: LinkTarget, other: LinkTarget): boolean {
  return one.kind === 'row'
    ? other.kind === 'row' && one.row === other.row && one.listing === other.listing
    : other.kind === 'transfer' && one.id === other.id;
}

export class Links {
  /** The files whose links are being made and tested, or wait for that. */
  making = $state.raw<LinkTarget[]>([]);
  /** The file in the share sheet. */
  sharing = $state.raw<{ target: LinkTarget; end: string | null } | null>(null);

  #before: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly backend: Backend,
    private readonly notices: Notices,
  ) {}

  isMaking(target: LinkTarget): boolean {
    return this.making.some((one) => isSame(one, target));
  }

  share(target: LinkTarget, end: string | null = null): void {
    this.notices.hush();
    this.sharing = { target, end };
  }

  /** True when the link is on the clipboard. */
  async copy(target: LinkTarget, end: LinkEndChoice = { kind: 'default' }, open = false): Promise<boolean> {
    if (this.isMaking(target)) return false;
    this.making = [...this.making, target];
    // The clipboard holds one link: the last one that was asked for is the one that stays.
    const made = this.#before.then(() => this.#make(target, end, open));
    this.#before = made;
    return made;
  }

  async #make(target: LinkTarget, end: LinkEndChoice, open: boolean): Promise<boolean> {
    try {
      const copied = await this.backend.copyLink(target, end, open);
      this.notices.tell(
        'done',
        WORDS[copied.endsBecause],
        { file: { bdi: copied.name }, end: endFull(copied.endsAt) },
        {
          label: t('toast.change'),
          run: () => this.share(copied.target, copied.endsAt),
        },
      );
      return true;
    } catch (thrown) {
      this.notices.show(thrown, {
        useAllowedTime: () => this.share(target),
        tryAgain: () => void this.copy(target, end, open),
        tryNow: () => void this.copy(target, end, open),
        unlock: () => void this.copy(target, end, open),
      });
      return false;
    } finally {
      this.making = this.making.filter((one) => !isSame(one, target));
    }
  }
}
