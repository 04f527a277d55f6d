// Notes, from now on: the time between two beats of the page's main thread, the way of a command there and back, the same for
// a window of rows, what an input takes to be drawn, and the time from Cancel until nothing moves. Each with what was being done.
const watch = { doing: '', gaps: [], trips: [], rows: [], inputs: [], cancelled: null };
window.watch = watch;
const note = (list, time) => list.push([watch.doing, time]);
const wait = (time) => new Promise((done) => setTimeout(done, time));

let last = performance.now();
const beat = () => {
  const now = performance.now();
  note(watch.gaps, now - last);
  last = now;
  setTimeout(beat, 4);
};
beat();

const ask = async (list, pause, command, parts) => {
  for (;;) {
    const asked = performance.now();
    await window.__TAURI_INTERNALS__.invoke(command, parts);
    note(list, performance.now() - asked);
    await wait(pause);
  }
};
void ask(watch.trips, 50, 'get_connection', {});
void ask(watch.rows, 500, 'get_transfer_rows', { req: { filter: 'all', from: 0, count: 100 } });

const drawn = (then) => requestAnimationFrame(() => setTimeout(then));
for (const kind of ['click', 'keydown', 'input']) {
  const heard = (event) => {
    const [from, doing] = [event.timeStamp, watch.doing];
    drawn(() => watch.inputs.push([`${doing}, ${kind}`, performance.now() - from]));
  };
  document.addEventListener(kind, heard, true);
}

const active = () => document.querySelector('[data-testid=transfers-filter][data-filter=active] .count');
const cancel = async (event) => {
  if (!event.target.closest('[data-testid=transfers-cancel]')) return;
  const from = event.timeStamp;
  while (active()?.textContent !== '0') await wait(4);
  drawn(() => (watch.cancelled = performance.now() - from));
};
document.addEventListener('click', (event) => void cancel(event), true);

watch.told = (name) => {
  const sorted = watch[name].toSorted((one, other) => other[1] - one[1]);
  const p99 = sorted[Math.floor(sorted.length / 100)]?.[1] ?? 0;
  return { count: sorted.length, p99, longest: sorted.slice(0, 8) };
};
