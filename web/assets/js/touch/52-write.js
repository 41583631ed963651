// Writing without a keyboard: a pad for a finger, the nine keys of a phone for pinyin,
// and keys for letters and Hangul (53-letters.js). What was drawn or pressed goes to the
// program, which says what it may mean; a tap on one of the candidates writes it. Strokes
// not yet taken are all that is kept here.

const pen = { strokes: [], typed: '', found: [], from: 0, turn: 0, sheet: 0 };
const waitsFor = 3000;

const writing = () => document.querySelector('.question.writes [data-writing]');
const way = () => writing()?.dataset.way;
const field = () => document.querySelector('[data-words]');

function pending() {
  if (way() === 'draw') return pen.strokes.length > 0;
  return way() === 'pinyin' && pen.typed !== '';
}

// where says to the program what stands before: a name begins with its family name.
function where() {
  if (!('person' in writing().dataset)) return '';
  return field().value ? 'given' : 'name';
}

async function lookUp() {
  const turn = ++pen.turn;
  writing().dataset.asked = turn;
  label();
  if (!pending()) {
    showFound([]);
    return;
  }
  const drawn = way() === 'draw';
  const body = drawn ? { strokes: pen.strokes } : { typed: pen.typed };
  let found = [];
  let reading = '';
  try {
    const answer = await fetch(drawn ? '/ink' : '/pinyin', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...body, where: where() }),
      signal: AbortSignal.timeout(waitsFor),
    });
    if (answer.ok) ({ found, reading = '' } = await answer.json());
  } catch {
    // nobody answers just now: the next stroke asks again
  }
  if (turn === pen.turn && writing()) showFound(found, reading);
}

function showFound(found, reading = '') {
  writing().querySelector('[data-typed]').textContent = reading;
  writing().dataset.told = pen.turn;
  Object.assign(pen, { found, from: 0 });
  turnFound(0);
}

// turnFound shows as many candidates as there is room for; the last key turns the page.
function turnFound(by) {
  const list = writing().querySelector('[data-found]');
  const room = cells(list);
  const most = pen.found.length > room ? room - 1 : room;
  pen.from += by * most;
  if (pen.from >= pen.found.length) pen.from = 0;
  const keys = pen.found.slice(pen.from, pen.from + most).map(({ text }, i) => {
    const key = newKey(text, 'take', pen.from + i);
    if ([...text].length > 2) key.classList.add('wide');
    return key;
  });
  if (pen.found.length > room) keys.push(newKey(list.dataset.more, 'moreFound', ''));
  list.replaceChildren(...keys);
}

const cells = (el) => {
  const style = getComputedStyle(el);
  return Number(style.getPropertyValue('--rows')) * Number(style.getPropertyValue('--cols'));
};

function newKey(text, name, value) {
  const key = document.createElement('button');
  Object.assign(key, { type: 'button', className: 'key', textContent: text });
  key.dataset[name] = value;
  return key;
}

function take(i) {
  const { text, used } = pen.found[i];
  write(field(), field().value + text);
  pen.typed = pen.typed.slice(used);
  wipePad();
  lookUp();
}

function wipePad() {
  pen.strokes = [];
  writing().querySelector('[data-pad] svg').replaceChildren();
}

// undoDraft and dropDraft take back what is not written yet; without that they return
// false, and the text itself is meant.
function undoDraft() {
  if (!pending()) return false;
  if (way() === 'draw') {
    pen.strokes.pop();
    writing().querySelector('[data-pad] svg').lastChild?.remove();
  } else {
    pen.typed = pen.typed.slice(0, -1);
  }
  lookUp();
  return true;
}

function dropDraft() {
  if (!pending()) return false;
  pen.typed = '';
  wipePad();
  lookUp();
  return true;
}

// label says on the keys for undoing what they would undo.
function label() {
  const now = pending() ? way() : 'usual';
  for (const key of document.querySelectorAll('[data-words-tools] [data-draw]')) key.textContent = key.dataset[now];
  const panel = writing();
  if (!panel) return;
  panel.classList.toggle('busy', pending());
}

function goWay(to) {
  pen.typed = '';
  wipePad();
  writing().dataset.way = to;
  for (const key of writing().querySelectorAll('[data-to-way]')) key.setAttribute('aria-pressed', String(key.dataset.toWay === to));
  pen.sheet = 0;
  showLetters();
  lookUp();
}

function openWriting(key) {
  const open = document.querySelector('.question').classList.toggle('writes');
  key.textContent = open ? key.dataset.open : key.dataset.usual;
  if (open) goWay(way());
  else label();
  layOut();
}

// The pad. Points are whole px from its corner. A stroke must not be taken for a wipe:
// the browser would swallow the tap that follows it.
document.addEventListener('touchstart', (e) => {
  if (e.target.closest?.('[data-pad]')) e.preventDefault();
}, { passive: false });
document.addEventListener('pointerdown', (e) => {
  const pad = e.target.closest?.('[data-pad]');
  if (!pad || !e.isPrimary) return;
  pad.setPointerCapture(e.pointerId);
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
  pad.querySelector('svg').append(line);
  Object.assign(pen, { line, points: [], corner: pad.getBoundingClientRect() });
  follow(e);
});

function follow(e) {
  if (!pen.line) return;
  for (const p of e.getCoalescedEvents?.().concat(e) ?? [e]) {
    pen.points.push(Math.round(p.clientX - pen.corner.x), Math.round(p.clientY - pen.corner.y));
  }
  pen.line.setAttribute('points', pen.points.join(' '));
}
document.addEventListener('pointermove', follow);

function lift(e) {
  if (!pen.line || !e.isPrimary) return;
  pen.strokes.push(pen.points);
  pen.line = null;
  lookUp();
}
document.addEventListener('pointerup', lift);
document.addEventListener('pointercancel', lift);

document.addEventListener('click', (e) => {
  const key = e.target.closest('button[type="button"]');
  if (!key) return;
  const { take: taken, type, toWay } = key.dataset;
  if (taken) take(Number(taken));
  else if (type) {
    pen.typed += type;
    lookUp();
  } else if (toWay) goWay(toWay);
  else if ('moreFound' in key.dataset) turnFound(1);
  else if ('writes' in key.dataset) openWriting(key);
});

// A new page begins with an empty pad.
document.addEventListener('page', () => {
  Object.assign(pen, { strokes: [], typed: '', found: [], line: null });
  if (writing()) goWay(way());
});
