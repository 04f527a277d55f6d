/** The fake in a plain browser: set up by the address (`?places=&pace=20&pseudo=1&transfers=each&links=few`), fed by real drags. */
import type { Code } from '../backend';
import { createFake, type FakeBackend, type FakeOptions } from '../fake';

type PlaceName = NonNullable<FakeOptions['places']>[number];

export function fakeInBrowser(window: Window): FakeBackend {
  const asked = new URLSearchParams(window.location.search);
  const options: FakeOptions = {
    pace: Number(asked.get('pace') ?? 60),
    start: { pseudo: asked.has('pseudo'), locale: asked.get('locale') ?? window.navigator.language },
    passwordStore: (asked.get('store') as FakeOptions['passwordStore']) ?? 'open',
  };
  const places = asked.get('places');
  if (places !== null) options.places = places.split(',').filter(Boolean) as PlaceName[];
  const transfers = asked.get('transfers');
  if (transfers === 'each' || transfers === 'many' || transfers === 'folders') options.transfers = transfers;
  options.links = (asked.get('links') as FakeOptions['links']) ?? 'few';
  const at = asked.get('now');
  if (at) {
    const shift = new Date(at).getTime() - Date.now();
    options.now = () => new Date(Date.now() + shift);
  }
  const rules = asked.get('rules')?.split(',') ?? [];
  options.linkRules = {
    mayCopy: !rules.includes('noCopies'),
    mayChooseStoppable: !rules.includes('alwaysStoppable'),
    longForMail: rules.includes('long'),
  };
  const signIn = asked.get('signInEnds');
  if (signIn) options.signInEnds = new Date(signIn);

  const fake = createFake(options);
  const hold = asked.get('hold');
  if (hold) fake.hold(hold as Code);
  let listing: number | null = null;
  const open = fake.openFolder;
  let here = '';
  fake.openFolder = async (place, target) => {
    const opened = await open(place, target);
    listing = opened.id;
    here = opened.crumbs[opened.crumbs.length - 1] ?? '';
    return opened;
  };

  window.addEventListener('dragover', (event) => {
    event.preventDefault();
    if (listing !== null) fake.hoverDrop(event.dataTransfer?.items.length ?? 1, null, here);
  });
  window.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) fake.news.dropLeft();
  });
  window.addEventListener('drop', (event) => {
    event.preventDefault();
    const files = [...(event.dataTransfer?.files ?? [])].map(({ name, size }) => ({ name, sizeBytes: size }));
    fake.news.dropLanded(files.length);
    if (listing !== null && files.length > 0) fake.upload(listing, files);
  });
  return fake;
}
