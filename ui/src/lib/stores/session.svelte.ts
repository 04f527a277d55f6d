/** Which places there are, which one is open, and which screen the window shows. */
import type { Backend, CheckStep, Place, Problem, Start } from '../backend/backend';
import { problemOf } from '../errors/present';
import { language } from '../i18n/words.svelte';

export type Screen =
  'loading' | 'welcome' | 'accessKey' | 'files' | 'links' | 'transfers' | 'settings' | 'startProblem';
const INSIDE: Screen[] = ['files', 'links', 'transfers', 'settings'];

export class Session {
  start = $state.raw<Start | null>(null);
  places = $state.raw<Place[]>([]);
  place = $state.raw<Place | null>(null);
  screen = $state<Screen>('loading');
  problem = $state.raw<Problem | null>(null);
  /** The place whose keys or setup are entered once more; null: a new one. */
  repairing = $state.raw<Place | null>(null);
  /** The steps of the check that runs or ran last. */
  steps = $state.raw<CheckStep[]>([]);

  constructor(private readonly backend: Backend) {}

  /** A place is open, and one of its screens is shown. */
  inside = $derived(INSIDE.includes(this.screen));

  async begin(): Promise<void> {
    this.screen = 'loading';
    try {
      const start = await this.backend.getStart();
      language.use(start);
      this.start = start;
      this.places = start.places;
      this.place = start.places.find((place) => place.id === start.current) ?? start.places[0] ?? null;
      this.screen = this.place ? 'files' : 'welcome';
    } catch (thrown) {
      this.problem = problemOf(thrown);
      this.screen = 'startProblem';
    }
  }

  checked(steps: CheckStep[]): void {
    this.steps = steps;
  }

  /** To the form for a new place, or for a known one that is to work again. */
  enterKeys(place: Place | null): void {
    this.repairing = place?.practice ? null : place;
    this.screen = 'accessKey';
  }

  /** A place was saved; a known one may be reached in another way now. Goes there only if nothing else is open. */
  saved(place: Place): void {
    const known = this.places.some((one) => one.id === place.id);
    this.places = known
      ? this.places.map((one) => (one.id === place.id ? place : one))
      : [...this.places, place];
    if (!this.place || this.place.id === place.id) this.place = place;
  }

  /** A place was added or opened by the app itself. */
  entered(place: Place): void {
    this.saved(place);
    this.place = this.places.find((one) => one.id === place.id) ?? place;
    this.screen = 'files';
  }

  async choose(id: string): Promise<void> {
    await this.backend.selectPlace(id);
    this.place = this.places.find((place) => place.id === id) ?? this.place;
    this.screen = 'files';
  }
}
