/** Making links: one after the other, with news about file and end, the share sheet, and ways to hand a link over. */
import type { Backend, LinkCopied, LinkProgress, LinkTarget, LinkWish } from '../backend/backend';
import { endFull } from '../i18n/formats';
import { t, type MessageKey, type Values } from '../i18n/words.svelte';
import { TestId } from '../testids';
import type { Announcer } from './announcer.svelte';
import type { Notices, Toast } from './notices.svelte';

const WORDS: Record<LinkCopied['endsBecause'], MessageKey> = {
  chosen: 'toast.link_copied',
  place: 'toast.link_copied',
  signIn: 'toast.link_copied_sign_in',
  unknown: 'toast.link_copied_maybe',
};

/** What one click makes: the place's end, a download, a link that can be stopped. */
const ONE_CLICK: Omit<LinkWish, 'target'> = {
  end: { kind: 'default' },
  open: false,
  stoppable: true,
  note: '',
  withText: false,
  remember: false,
};

export type Wish = Partial<Omit<LinkWish, 'target'>>;
/** A link that is shown as a picture. */
export type Pictured = Pick<LinkCopied, 'id' | 'name' | 'files' | 'endsAt'>;

function isSame(one: LinkTarget, other: LinkTarget): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export class Links {
  /** What links are being made for and tested, or wait for that; the first is at work. */
  making = $state.raw<LinkTarget[]>([]);
  /** How far the private copy is that the first of them needs; null: none, or it is quick. */
  progress = $state.raw<LinkProgress | null>(null);
  /** What is in the share sheet. */
  sharing = $state.raw<{ target: LinkTarget; end: string | null } | null>(null);
  pictured = $state.raw<Pictured | null>(null);

  #before: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly backend: Backend,
    private readonly notices: Notices,
    private readonly announcer: Announcer,
  ) {}

  isMaking(target: LinkTarget): boolean {
    return this.making.some((one) => isSame(one, target));
  }

  /** A link to this row is being made, alone or with others. */
  isMakingRow(listing: number, row: number): boolean {
    return this.making.some(
      (one) =>
        (one.kind === 'row' && one.listing === listing && one.row === row) ||
        (one.kind === 'rows' && one.listing === listing && one.rows.includes(row)),
    );
  }

  share(target: LinkTarget, end: string | null = null): void {
    this.notices.hush();
    this.sharing = { target, end };
  }

  /** The link is on the clipboard; null: it is not, and why was said. */
  async copy(target: LinkTarget, wish: Wish = {}): Promise<LinkCopied | null> {
    if (this.isMaking(target)) return null;
    this.making = [...this.making, target];
    // The clipboard holds one link: the last one that was asked for is the one that stays.
    const made = this.#before.then(() => this.#make({ ...ONE_CLICK, ...wish, target }));
    this.#before = made;
    return made;
  }

  /** Nobody wants this link any more. */
  async stopMaking(target: LinkTarget): Promise<void> {
    const place = this.making.findIndex((one) => isSame(one, target));
    if (place > 0) this.making = this.making.filter((one) => !isSame(one, target));
    else if (place === 0) await this.#try(() => this.backend.cancelLinkMaking());
  }

  progressed(progress: LinkProgress): void {
    if (this.making.length === 0) return;
    if (!this.progress) this.announcer.say(t('share.announce.preparing'));
    this.progress = progress;
  }

  /** Copies a link that works already. */
  async copyAgain(id: string, withText = false): Promise<void> {
    try {
      this.#tell(await this.backend.copyLinkAgain(id, withText), []);
    } catch (thrown) {
      const again = () => void this.copyAgain(id, withText);
      this.notices.show(thrown, {
        newLink: () => void this.renew(id),
        tryAgain: again,
        tryNow: again,
        unlock: again,
      });
    }
  }

  /** A new link to the same as an earlier one, with the place's end. */
  async renew(id: string): Promise<void> {
    try {
      this.#told(await this.backend.renewLink(id));
    } catch (thrown) {
      const again = () => void this.renew(id);
      this.notices.show(thrown, { tryAgain: again, tryNow: again, unlock: again });
    }
  }

  showPicture(link: Pictured): void {
    this.pictured = { id: link.id, name: link.name, files: link.files, endsAt: link.endsAt };
  }

  /** The link is on the clipboard, and a mail waits for it. */
  async email(id: string): Promise<void> {
    if (await this.#try(() => this.backend.emailLink(id))) this.notices.tell('done', 'toast.link_mailed');
  }

  async #make(wish: LinkWish): Promise<LinkCopied | null> {
    const { target } = wish;
    if (!this.isMaking(target)) return null;
    try {
      const copied = await this.backend.copyLink(wish);
      this.#told(copied, wish.stoppable && !copied.stoppable);
      return copied;
    } catch (thrown) {
      const again = () => void this.copy(target, wish);
      this.notices.show(thrown, {
        useAllowedTime: () => this.share(target),
        tryAgain: again,
        tryNow: again,
        unlock: again,
      });
      return null;
    } finally {
      this.progress = null;
      this.making = this.making.filter((one) => !isSame(one, target));
    }
  }

  /** News of a link that was just made, with the ways back. */
  #told(copied: LinkCopied, cannotBeStopped = false): void {
    const change = () => this.share(copied.target, copied.endsAt);
    this.#tell(
      copied,
      [
        { label: t('toast.change'), run: change, testid: TestId.ToastAction },
        { label: t('toast.undo'), run: () => void this.#undo(copied), testid: TestId.ToastUndo },
      ],
      cannotBeStopped ? ['toast.link_direct'] : [],
    );
  }

  #tell(copied: LinkCopied, actions: Toast['actions'], also: MessageKey[] = []): void {
    const several = copied.target.kind === 'rows' && copied.target.rows.length > 1;
    const values: Values = {
      end: endFull(copied.endsAt),
      file: { bdi: copied.name },
      count: several ? copied.files : 1,
    };
    const mail: MessageKey[] = copied.longForMail ? ['toast.link_long'] : [];
    this.notices.tell('done', WORDS[copied.endsBecause], values, { actions, also: [...also, ...mail] });
  }

  async #undo(copied: LinkCopied): Promise<void> {
    this.notices.hush();
    try {
      const { stopped } = await this.backend.undoLink(copied.id);
      const end = endFull(copied.endsAt);
      this.notices.tell('done', stopped ? 'toast.link_stopped' : 'toast.link_undone', stopped ? {} : { end });
    } catch (thrown) {
      this.notices.show(thrown, { tryAgain: () => void this.#undo(copied) });
    }
  }

  async #try(deed: () => Promise<unknown>): Promise<boolean> {
    try {
      await deed();
      return true;
    } catch (thrown) {
      this.notices.show(thrown, { tryAgain: () => void this.#try(deed) });
      return false;
    }
  }
}
