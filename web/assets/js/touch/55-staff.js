// The staff's pages. A finger that rests for three seconds on the mark or the clock
// asks for them: nobody does that by chance, and nothing shows that it can be done.
// A part that is live is fetched anew every two seconds and at every move of the
// door, without keeping the session awake.

const restsFor = 3000;
const liveEvery = 2000;
const drift = 40; // px that a resting finger may move
const press = { timer: 0, x: 0, y: 0 };

function release() {
  clearTimeout(press.timer);
  document.documentElement.classList.remove('pressing');
}

document.addEventListener('pointerdown', (e) => {
  release();
  if (!e.isPrimary || !e.target.closest?.('.head :is(.brand, .clock)') || !document.querySelector('[data-staff-way]')) return;
  Object.assign(press, { x: e.clientX, y: e.clientY });
  document.documentElement.classList.add('pressing');
  press.timer = setTimeout(() => {
    release();
    go('/staff');
  }, restsFor);
});
document.addEventListener('pointermove', (e) => {
  if (Math.hypot(e.clientX - press.x, e.clientY - press.y) > drift) release();
});
for (const kind of ['pointerup', 'pointercancel', 'page']) document.addEventListener(kind, release);

async function refresh() {
  const part = document.querySelector('[data-live]');
  if (!part || going || dialog().open) return;
  let answer;
  try {
    answer = await fetch(location.pathname, { headers: { 'X-Live': '1' }, signal: AbortSignal.timeout(answerWithin) });
  } catch {
    return; // the stream of the booth's state tells when nobody answers
  }
  const page = await answer.text();
  if (document.querySelector('[data-live]') !== part) return; // turned to another page in between
  if (answer.redirected) {
    go('/'); // the session has ended
    return;
  }
  const fresh = new DOMParser().parseFromString(page, 'text/html').querySelector('[data-live]');
  if (!fresh || fresh.innerHTML === part.shown) return;
  if (fresh.dataset.live !== part.dataset.live) {
    go(location.pathname); // more than this part has changed
    return;
  }
  const first = part.shown === undefined && sameWords(fresh, part);
  part.shown = fresh.innerHTML;
  if (first) return;
  part.replaceChildren(...fresh.childNodes);
  layOut();
}

// A page that was just shown need not be drawn again: what script added to it is no news.
function sameWords(a, b) {
  const words = (el) => el.textContent.replace(/\s+/g, ' ').trim();
  return words(a) === words(b);
}

setInterval(refresh, liveEvery);
for (const kind of ['door', 'scan']) document.addEventListener(kind, refresh);
