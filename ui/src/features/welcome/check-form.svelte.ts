/** The access key form: what was typed, what the check found, and where that belongs. The secret lives here only until the check has passed. */
import type { CheckField, NewPlace, PlaceCheck, Problem } from '../../lib/backend/backend';
import { present, problemOf, type ShownProblem } from '../../lib/errors/present';
import { t } from '../../lib/i18n/words.svelte';
import type { AppStores } from '../../lib/stores/app.svelte';

type Typed = Omit<NewPlace, 'sessionOnly' | 'place'>;
type Field = CheckField | 'name';
type NeededField = 'bucket' | 'keyId' | 'secretKey';

const EMPTY: Typed = { bucket: '', keyId: '', secretKey: '', address: '', region: '', folder: '', name: '' };
const NEEDED: NeededField[] = ['bucket', 'keyId', 'secretKey'];
const STORE_CODES: Problem['code'][] = ['passwordStoreLocked', 'passwordStoreMissing'];

export class CheckForm {
  typed = $state<Typed>({ ...EMPTY });
  running = $state(false);
  begun = $state(false);
  /** Trouble that belongs to a field. */
  troubles = $state.raw<Partial<Record<Field, string>>>({});
  /** Trouble that belongs to no field. */
  problem = $state.raw<Problem | null>(null);
  passed = $state.raw<PlaceCheck | null>(null);

  /** `place`: the saved place that is entered once more. */
  constructor(
    private readonly app: AppStores,
    private readonly place: string | null,
  ) {}

  shown = $derived<ShownProblem | null>(this.problem && present(this.problem));
  storeTrouble = $derived(this.problem !== null && STORE_CODES.includes(this.problem.code));
  /** The first field that needs the person. */
  fieldInTrouble = $derived(Object.keys(this.troubles)[0] as Field | undefined);

  /** A known place is entered from what is known of it; its keys are not. */
  async begin(): Promise<void> {
    if (this.place === null) return;
    try {
      const setup = await this.app.backend.getPlaceSetup(this.place);
      this.typed = { ...this.typed, ...setup };
    } catch (thrown) {
      this.app.notices.show(thrown);
    }
  }

  async submit(sessionOnly = false): Promise<void> {
    if (this.running) return;
    this.problem = null;
    const missing = NEEDED.filter((field) => this.typed[field].trim() === '');
    this.troubles = Object.fromEntries(missing.map((field) => [field, t('access_key.missing')]));
    if (missing.length > 0) return;
    this.running = true;
    this.begun = true;
    this.app.session.checked([]);
    this.app.announcer.say(t('access_key.announce.running'));
    try {
      this.#found(
        await this.app.backend.checkAndAddPlace({ ...this.#trimmed(), place: this.place, sessionOnly }),
      );
    } catch (thrown) {
      const problem = problemOf(thrown);
      const { title, sentence } = present(problem);
      this.app.announcer.say(title);
      if (problem.code === 'placeNameTaken') this.troubles = { name: sentence };
      else this.problem = problem;
    } finally {
      this.running = false;
    }
  }

  /** "Connected. 12 folders found." */
  connected = $derived.by((): string => {
    const { passed } = this;
    if (!passed) return '';
    const { folders, files, more } = passed;
    if (folders > 0) {
      return t(more ? 'access_key.connected.more_folders' : 'access_key.connected.folders', { folders });
    }
    if (files > 0)
      return t(more ? 'access_key.connected.more_files' : 'access_key.connected.files', { files });
    return t('access_key.connected.empty');
  });

  #trimmed(): Typed {
    const entries = Object.entries(this.typed).map(([field, text]) => [field, text.trim()]);
    return { ...EMPTY, ...Object.fromEntries(entries) };
  }

  #found(check: PlaceCheck): void {
    this.app.session.checked(check.steps);
    if (check.place) {
      this.passed = check;
      // It is saved, whether its files are looked at now or not.
      this.app.session.saved(check.place);
      this.typed.secretKey = '';
      this.app.announcer.say(this.connected);
      return;
    }
    const refused = check.steps.find((step) => step.state === 'refused' && step.problem);
    if (!refused?.problem) return;
    const { title, sentence } = present(refused.problem);
    this.app.announcer.say(title);
    if (refused.field) this.troubles = { [refused.field]: sentence };
    else this.problem = refused.problem;
  }
}
