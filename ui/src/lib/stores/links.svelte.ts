/** Making links: one at a time, with news about the end, and the share sheet where the end is chosen. */
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

export class Links {
  /** The file whose link is being made and tested. */
  making = $state.raw<LinkTarget | null>(null);
  /** The file in the share sheet. */
  sharing = $state.raw<{ target: LinkTarget; end: string | null } | null>(null);

  constructor(
    private readonly backend: Backend,
    private readonly notices: Notices,
  ) {}

  isMaking(target: LinkTarget): boolean {
    const { making } = this;
    if (!making || making.kind !== target.kind) return false;
    return making.kind === 'row' && target.kind === 'row'
      ? making.row === target.row && making.listing === target.listing
      : making.kind === 'transfer' && target.kind === 'transfer' && making.id === target.id;
  }

  share(target: LinkTarget, end: string | null = null): void {
    this.notices.hush();
    this.sharing = { target, end };
  }

  /** True when the link is on the clipboard. */
  async copy(target: LinkTarget, end: LinkEndChoice = { kind: 'default' }, open = false): Promise<boolean> {
    if (this.making) return false;
    this.making = target;
    try {
      const copied = await this.backend.copyLink(target, end, open);
      this.notices.tell(
        'done',
        WORDS[copied.endsBecause],
        { end: endFull(copied.endsAt) },
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
      });
      return false;
    } finally {
      this.making = null;
    }
  }
}
