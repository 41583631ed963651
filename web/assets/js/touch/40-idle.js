// When nobody touches the screen it asks whether anybody is there, counts down, and
// wipes everything. The door opening and closing in between shortens the count: one
// contact cannot tell who went in or out, so it never wipes at once. On a fresh home
// page there is nothing to wipe: the screen rests until a touch, a scan or the door.

const idle = { touched: Date.now(), until: 0, opened: false, passed: false };

const setting = (name) => Number(document.body.dataset[name]);
const atRest = () => document.body.dataset.page === 'home' && !('prefs' in document.body.dataset);
const dialog = () => document.querySelector('[data-idle-dialog]');

function stay() {
  Object.assign(idle, { touched: Date.now(), until: 0, opened: false, passed: false });
  document.documentElement.classList.remove('rest');
  if (dialog().open) dialog().close();
}

function watch() {
  const now = Date.now();
  if (idle.until === 0) {
    if (now - idle.touched < setting('idle')) return;
    if (atRest()) {
      if (document.documentElement.classList.contains('rest')) return;
      document.documentElement.classList.add('rest');
      document.dispatchEvent(new Event('rest'));
      return;
    }
    idle.until = now + setting(idle.passed ? 'doorCountdown' : 'countdown');
    dialog().showModal();
  }
  dialog().querySelector('[data-idle-count]').textContent = Math.max(0, Math.ceil((idle.until - now) / 1000));
  if (now >= idle.until) wipe();
}

async function wipe() {
  idle.until = Infinity;
  document.querySelector('#main').replaceChildren();
  await ask('/end', { method: 'POST', body: '' });
  location.replace('/');
}

document.addEventListener('door', (e) => {
  if (e.detail === 'opened') {
    idle.opened = true;
    if (atRest()) stay();
  } else if (e.detail === 'closed' && idle.opened) {
    idle.passed = true;
    if (idle.until) idle.until = Math.min(idle.until, Date.now() + setting('doorCountdown'));
  }
});

// The booth learns of a touch at once and of the next half a minute later: a panel that
// it put out must light up, and one in use must stay lit.
const tellTouchEvery = 30000;
let toldTouch = -tellTouchEvery;

function tellTouch() {
  if (performance.now() - toldTouch < tellTouchEvery) return;
  toldTouch = performance.now();
  fetch('/alive?touched', { method: 'POST', keepalive: true }).catch(() => {});
}
for (const kind of ['pointerdown', 'keydown']) document.addEventListener(kind, tellTouch, true);

// The dialog closes on the whole tap: closed on its first half, the second would press
// what lies beneath.
for (const kind of ['pointerdown', 'keydown', 'input', 'click']) {
  document.addEventListener(kind, () => {
    if (idle.until !== Infinity && (kind === 'click' || !dialog().open)) stay();
  }, true);
}
for (const kind of ['page', 'scan']) { // somebody who holds a code out is there
  document.addEventListener(kind, () => { if (idle.until !== Infinity) stay(); });
}
document.addEventListener('cancel', (e) => e.preventDefault(), true);
setInterval(watch, 250);
