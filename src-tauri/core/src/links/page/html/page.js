// Without it the page works as well; with it the end is in the reader's own time, and one button starts all downloads.
(() => {
  const find = (id) => document.getElementById(id);
  const [end, until, left, all, label, count, news] = ['end', 'until', 'left', 'all', 'label', 'count', 'news'].map(find);
  const links = [...document.querySelectorAll('li a')];
  const total = links.length.toLocaleString('en');
  const endsAt = Date.parse(end.dateTime);
  // Some browsers let the next download pass only after a moment.
  const PAUSE = 400;
  let run = 0;
  let timer;
  let isOver = false;

  function inOwnTime() {
    const date = new Date(endsAt);
    const offset = date.getTimezoneOffset() * 6e4;
    const isOther = new Date(endsAt - offset).toISOString().slice(0, 16) !== end.dateTime.slice(0, 16);
    const twelve = new Intl.DateTimeFormat([], { hour: 'numeric' }).resolvedOptions().hour12;
    const part = {};
    const options = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', minute: '2-digit' };
    const hours = twelve ? { hour: 'numeric', hourCycle: 'h12' } : { hour: '2-digit', hourCycle: 'h23' };
    new Intl.DateTimeFormat('en-US', { ...options, ...hours }).formatToParts(date).forEach((p) => { part[p.type] = p.value; });
    const { weekday, day, month, year, hour, minute, dayPeriod } = part;
    end.title = `For the sender: ${end.textContent}`;
    end.textContent = `${weekday} ${day} ${month} ${year}, ${hour}:${minute}${twelve ? ` ${dayPeriod}` : ''}${isOther ? ' your time' : ''}`;
  }

  // Rounded down: it never says more than is true.
  function rest(time) {
    for (const [unit, length] of [['day', 864e5], ['hour', 36e5], ['minute', 6e4]]) {
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
    news.textContent = 'Your browser may ask once whether this page may download several files.';
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
    count.textContent = '';
    news.textContent =
      started < links.length
        ? `Stopped. ${started.toLocaleString('en')} of ${total} downloads have started.`
        : `All ${total} downloads have started. If a file is missing, use its own Download button.`;
  }

  inOwnTime();
  all.hidden = links.length < 2;
  all.addEventListener('click', downloadAll);
  document.addEventListener('visibilitychange', tick);
  addEventListener('pageshow', tick);
  tick();
})();
