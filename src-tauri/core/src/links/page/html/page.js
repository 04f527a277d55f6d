// Without it the page works as well; with it the end is in the reader's own time, and one button starts all downloads.
(() => {
  const find = (id) => document.getElementById(id);
  const ids = ['end', 'until', 'left', 'all', 'label', 'count', 'news'];
  const [end, until, left, all, label, count, news] = ids.map(find);
  const links = [...document.querySelectorAll('li a')];
  const total = links.length.toLocaleString('en');
  const endsAt = Date.parse(end.dateTime);
  // Some browsers let the next download pass only after a moment.
  const PAUSE = 400;
  const UNITS = Object.entries({ day: 864e5, hour: 36e5, minute: 6e4 });
  let run = 0;
  let timer;
  let isOver = false;

  function inOwnTime() {
    const date = new Date(endsAt);
    const offset = date.getTimezoneOffset() * 6e4;
    const isOther = new Date(endsAt - offset).toISOString().slice(0, 16) !== end.dateTime.slice(0, 16);
    const twelve = new Intl.DateTimeFormat([], { hour: 'numeric' }).resolvedOptions().hour12;
    const day = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', minute: '2-digit' };
    const hour = twelve ? { hour: 'numeric', hourCycle: 'h12' } : { hour: '2-digit', hourCycle: 'h23' };
    const parts = new Intl.DateTimeFormat('en-US', { ...day, ...hour }).formatToParts(date);
    const own = Object.fromEntries(parts.map((part) => [part.type, part.value]));
    end.title = `For the sender: ${end.textContent}`;
    end.textContent = `${own.weekday} ${own.day} ${own.month} ${own.year}, ${own.hour}:${own.minute}`;
    if (twelve) end.textContent += ` ${own.dayPeriod}`;
    if (isOther) end.textContent += ' your time';
  }

  // Rounded down: it never says more than is true.
  function rest(time) {
    for (const [unit, length] of UNITS) {
      const number = Math.floor(time / length);
      if (number > 1) return `(${number} ${unit}s left)`;
    }
    return '(ends in a moment)';
  }

  function over() {
    isOver = true;
    run = 0;
    document.body.className = 'over';
    links.forEach((link) => {
      link.removeAttribute('href');
      link.lastElementChild.textContent = 'Link ended';
    });
    until.textContent = 'ended on';
    left.textContent = count.textContent = '';
    all.disabled = true;
    label.textContent = 'Link ended';
    news.textContent = `This link ended on ${end.textContent}. Ask the sender for a new one.`;
  }

  // Again when the page comes back into sight: a computer that slept has missed its timers.
  function tick() {
    clearTimeout(timer);
    if (isOver) return;
    const time = endsAt - Date.now();
    if (time <= 0) return over();
    left.textContent = rest(time);
    timer = setTimeout(tick, Math.min(time, 3e4));
  }

  async function downloadAll() {
    if (run) {
      run = 0;
      return;
    }
    const own = (run = Date.now());
    label.textContent = 'Stop';
    all.className = 'on';
    news.textContent = 'Your browser may ask once. Allow it to download several files.';
    let started = 0;
    for (const link of links) {
      if (run !== own) break;
      started += 1;
      count.textContent = `Downloading ${started.toLocaleString('en')} of ${total}…`;
      link.click();
      await new Promise((done) => setTimeout(done, PAUSE));
    }
    // Over, or begun anew meanwhile.
    if (isOver || (run && run !== own)) return;
    run = 0;
    label.textContent = 'Download all';
    all.className = '';
    count.textContent = '';
    // Whether they arrive is between the browser and the person.
    news.textContent =
      started < links.length
        ? `Stopped after ${started.toLocaleString('en')} of ${total}.`
        : `Your browser now has all ${total} downloads. If a file is missing, use its own Download button.`;
  }

  inOwnTime();
  all.hidden = links.length < 2;
  all.addEventListener('click', downloadAll);
  document.addEventListener('visibilitychange', tick);
  addEventListener('pageshow', tick);
  tick();
})();
