/** The person's settings as the app keeps them. */
import type { Backend, Settings } from '../backend/backend';
import type { Notices } from './notices.svelte';

export class SettingsView {
  /** null: not read yet. */
  now = $state.raw<Settings | null>(null);

  constructor(
    private readonly backend: Backend,
    private readonly notices: Notices,
  ) {}

  read(): Promise<void> {
    return this.#take(() => this.backend.getSettings());
  }

  /** They are obeyed at once. What can't be kept is told, and they stay as they were. */
  replace(settings: Settings): Promise<void> {
    return this.#take(() => this.backend.replaceSettings(settings));
  }

  async #take(ask: () => Promise<Settings>): Promise<void> {
    try {
      this.now = await ask();
    } catch (thrown) {
      this.notices.show(thrown);
    }
  }
}
