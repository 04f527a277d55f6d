/** Whether the storage can be reached; said once when it goes and once when it is back. */
import type { Backend, Connection } from '../backend/backend';
import { present } from '../errors/present';
import { t } from '../i18n/words.svelte';
import type { Announcer } from './announcer.svelte';

/** What the banner says; null: nothing is in the way. */
function troubleOf({ online, problem }: Connection): { title: string; sentence: string } | null {
  if (problem) return present(problem);
  if (online) return null;
  return { title: t('problem.offline.title'), sentence: t('problem.offline.sentence') };
}

export class ConnectionView {
  now = $state.raw<Connection>({ online: true, problem: null });

  constructor(
    private readonly backend: Backend,
    private readonly announcer: Announcer,
    /** The storage can be reached again. */
    private readonly back: () => void,
  ) {}

  trouble = $derived(troubleOf(this.now));

  async begin(): Promise<void> {
    try {
      this.changed(await this.backend.getConnection());
    } catch {
      // The banner is for what is known; what cannot be asked is told by the folder itself.
    }
  }

  changed(connection: Connection): void {
    const before = troubleOf(this.now)?.title;
    const wasOffline = !this.now.online && (this.now.problem?.code ?? 'offline') === 'offline';
    const trouble = troubleOf(connection);
    this.now = connection;
    if (trouble?.title === before) return;
    if (trouble) {
      this.announcer.say(trouble.title);
      return;
    }
    this.announcer.say(t(wasOffline ? 'frame.connection.back' : 'transfers.announce.resumed'));
    this.back();
  }
}
