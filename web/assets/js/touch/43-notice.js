// What the city has to say. An emergency lies over every page of the residents until
// it was read in this visit; the booth remembers that. Home at rest shows the time and
// what is new, until a touch.

const board = { urgent: '', attract: '', turn: 0 };
const turnEvery = 8000;

const resting = () => document.documentElement.classList.contains('rest') && atRest();
const forStaff = () => /^(staff|setup|sim)/.test(document.body.dataset.page);
const overlay = () => document.querySelector('[data-attract]');

// fragment returns an element, null where there is nothing to show, or undefined where
// nobody answered.
async function fragment(url, init) {
  try {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(answerWithin) });
    if (!answer.ok) return undefined;
    return new DOMParser().parseFromString(await answer.text(), 'text/html').body.firstElementChild;
  } catch {
    return undefined;
  }
}

function showUrgent(next) {
  const old = document.querySelector('[data-urgent]');
  if (old && next && old.outerHTML === next.outerHTML) return;
  old?.remove();
  if (!next) return;
  document.body.append(next);
  next.showModal();
  if (dialog().open) { // the question whether anybody is there stays on top
    dialog().close();
    dialog().showModal();
  }
}

async function lookUrgent() {
  const want = !forStaff() && status.last?.urgent
    ? `${status.last.urgent} ${status.last.notices} ${document.documentElement.lang}` : '';
  if (want === board.urgent) return;
  board.urgent = want;
  const next = want ? await fragment('/notice') : null;
  if (board.urgent !== want) return; // a later look answers
  if (next === undefined) board.urgent = '?'; // the next beat asks again
  else showUrgent(next);
}

document.addEventListener('click', async (e) => {
  const button = e.target.closest('[data-urgent-read]');
  if (!button) return;
  const body = new URLSearchParams({ notice: button.closest('[data-urgent]').dataset.urgent });
  const next = await fragment('/notice', { method: 'POST', body });
  if (next !== undefined) showUrgent(next);
});

async function lookAttract() {
  if (!resting()) return;
  const want = `${status.last?.notices} ${status.last?.pack} ${Math.floor((Date.now() + clock.ahead) / 60000)}`;
  if (want === board.attract) return;
  board.attract = want;
  const next = await fragment('/attract');
  if (!next || !resting() || board.attract !== want) return;
  overlay()?.remove();
  document.body.append(next);
  takeTurn(0);
  showClock();
}

function takeTurn(by) {
  const all = [...document.querySelectorAll('[data-attract] [data-turn]')];
  if (all.length === 0) return;
  board.turn = (board.turn + by) % all.length;
  all.forEach((el, i) => { el.hidden = i !== board.turn; });
}

function leaveAttract() {
  overlay()?.remove();
  board.attract = '';
}

// The whole tap takes the overlay away: after its first half, the second would press
// what lies beneath.
document.addEventListener('click', (e) => {
  if (!overlay() || e.target.closest('dialog')) return;
  leaveAttract();
  e.preventDefault();
  e.stopImmediatePropagation();
}, true);
document.addEventListener('keydown', leaveAttract, true);
for (const kind of ['pointerup', 'pointercancel']) { // a tap that slipped
  document.addEventListener(kind, () => setTimeout(() => { if (!resting()) leaveAttract(); }, 400), true);
}

document.addEventListener('rest', async () => {
  await fragment('/end', { method: 'POST', body: '' }); // whoever comes next has read nothing
  board.urgent = '';
  lookUrgent();
  lookAttract();
});
for (const kind of ['page', 'door', 'scan']) {
  document.addEventListener(kind, () => {
    if (!resting()) leaveAttract();
    lookUrgent();
  });
}
document.addEventListener('status', () => {
  lookUrgent();
  lookAttract();
});
setInterval(() => takeTurn(1), turnEvery);
