// What the booth says by itself: time, line, printer, door, scanner. One stream a page; the
// browser comes back by itself when it breaks. A stream that breaks or falls silent
// makes the page ask whether the program still lives.

const quietFor = 12000;
const aliveEvery = 15000;
const status = { last: null, at: Date.now(), probing: false };

function listen() {
  const stream = new EventSource('/events');
  stream.addEventListener('status', (e) => {
    status.at = Date.now();
    showWait(false);
    tell(JSON.parse(e.data));
  });
  stream.addEventListener('error', () => {
    probe();
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  });
  addEventListener('pagehide', () => stream.close(), { once: true });
}

function tell(now) {
  const before = status.last;
  status.last = now;
  setClock(now.now);
  if (showStatus()) layOut(); // a banner takes room
  document.dispatchEvent(new Event('status'));
  if (before && now.doors !== before.doors) document.dispatchEvent(new CustomEvent('door', { detail: now.door }));
  if (before && now.scans !== before.scans) document.dispatchEvent(new Event('scan'));
  if (document.body.dataset.page === 'call' && now.help !== ('help' in document.body.dataset)) go(location.pathname);
  if (before && now.pack !== before.pack && atRest()) go('/'); // the city offers something else
}

// toggle and only return whether anything came or went.
function toggle(el, on) {
  const changed = el.hidden === on;
  el.hidden = !on;
  return changed;
}

function only(attribute, value) {
  return [...document.querySelectorAll(`[${attribute}]`)]
    .map((el) => toggle(el, el.getAttribute(attribute) === value)).some(Boolean);
}

function showStatus() {
  const now = status.last;
  if (!now) return false;
  document.body.dataset.line = now.line;
  let changed = only('data-when-line', now.line);
  for (const el of document.querySelectorAll('[data-behind]')) {
    el.textContent = el.textContent.replace(/\d+/, now.behind);
    if (toggle(el, now.behind > 0)) changed = true;
  }
  const slip = document.querySelector('[data-slip]');
  if (!slip || slip.dataset.slip !== now.slip) return changed;
  slip.dataset.print = now.print;
  if (only('data-when-print', now.print)) changed = true;
  const picture = `/slip/${now.slip}/picture.png?${now.again}`; // a new paper may bear a new code
  const img = slip.querySelector('[data-slip-picture]');
  if (img && img.getAttribute('src') !== picture) img.src = picture;
  const reprint = document.querySelector('[data-again]');
  if (reprint) reprint.hidden = now.print !== 'done' && now.print !== 'failed';
  return changed;
}

// probe shows the waiting page until the program answers again.
async function probe() {
  if (status.probing) return;
  status.probing = true;
  for (;;) {
    try {
      await fetch('/healthz', { signal: AbortSignal.timeout(3000) });
      break;
    } catch {
      showWait(true);
      await sleep(retryEvery);
    }
  }
  status.probing = false;
  status.at = Date.now();
  if (!going) showWait(false);
}

// A slip without a picture (its body was in memory only) shows none.
function hidePicture(img) {
  img.closest('.slip').classList.add('no-picture');
}
document.addEventListener('error', (e) => {
  if (e.target.matches?.('[data-slip-picture]')) hidePicture(e.target);
}, true);
document.addEventListener('page', () => {
  showStatus();
  showClock();
  const img = document.querySelector('[data-slip-picture]');
  if (img?.complete && img.naturalWidth === 0) hidePicture(img);
});

setInterval(() => { if (Date.now() - status.at > quietFor) probe(); }, 2000);

// A page that lives says so, at once and then steadily: redstation kiosk-browser
// starts a browser anew whose page has fallen silent.
function sayAlive() {
  fetch('/alive', { method: 'POST' }).catch(() => {});
}
sayAlive();
setInterval(sayAlive, aliveEvery);
