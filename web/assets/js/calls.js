// The second screen: whose turn it is. It is told when a queue has moved, shows the new
// state, and flashes what was called, in words for screen readers, too.

(() => {
  const part = () => document.querySelector('[data-calls]');
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  let calls = null;
  let asking = false;

  const turns = () => new Set([...part().querySelectorAll('[data-turn]')].map((el) => el.dataset.turn));

  async function load(again) {
    if (asking) return;
    asking = true;
    try {
      const html = await (await fetch('/calls', { signal: AbortSignal.timeout(10000) })).text();
      const next = new DOMParser().parseFromString(html, 'text/html').querySelector('[data-calls]');
      if (next) {
        const before = turns();
        part().replaceWith(next);
        for (const el of next.querySelectorAll('[data-turn]:not(.idle)')) {
          if (again || !before.has(el.dataset.turn)) flash(el);
        }
      }
    } catch {
      document.body.classList.add('lost');
      setTimeout(load, 3000);
      return;
    } finally {
      asking = false;
    }
    document.body.classList.remove('lost');
  }

  function flash(el) {
    document.querySelector('[data-said]').textContent = el.textContent.replace(/\s+/g, ' ').trim();
    el.classList.add('fresh');
    if (!still.matches) el.classList.add('flash');
    setTimeout(() => el.classList.remove('fresh', 'flash'), 12000);
  }

  function listen() {
    const stream = new EventSource('/events');
    stream.addEventListener('status', (e) => {
      const now = JSON.parse(e.data);
      if (calls !== null && now.calls !== calls) load();
      else if (document.body.classList.contains('lost')) load();
      calls = now.calls;
    });
    stream.addEventListener('error', () => {
      document.body.classList.add('lost');
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
    });
  }
  listen();
  setInterval(load, 60000); // a new day empties the queues
})();
