// Reading aloud. What is marked ([data-say]) names its clips; those that the resident
// sees are played in the order of the page, each shown while it is said. It begins with
// a touch, never by itself, and ends with the page, with another touch on the button,
// and with the question whether anybody is there. While it speaks, somebody listens.

const reading = { audio: new Audio(), left: [], now: null, missing: false };

const marked = () => [...document.querySelectorAll('[data-say]')];
const readButton = () => document.querySelector('[data-read]');
const caption = () => document.querySelector('[data-caption]');
const loud = () => Number(document.body.dataset.volume) / 100;

// A text that is turned by page hides what lies beside it.
function inSight(el) {
  if (!el.checkVisibility()) return false;
  const sheet = el.closest('[data-pager-text]')?.getBoundingClientRect();
  const box = el.getBoundingClientRect();
  return !sheet || box.left >= sheet.left - 2 && box.right <= sheet.right + 2;
}

function showCaption(text) {
  caption().textContent = text;
  caption().hidden = !text;
}

function pointAt(el) {
  reading.now?.classList.remove('said');
  reading.now = el;
  el?.classList.add('said');
  showCaption(el?.matches('.unseen') ? el.textContent.trim() : ''); // what shows nothing is shown
}

function labelRead(on) {
  for (const words of readButton()?.querySelectorAll('[data-when-reading]') ?? []) words.hidden = words.dataset.whenReading !== (on ? 'yes' : 'no');
}

function hush() {
  reading.left = [];
  reading.audio.pause();
  reading.audio.removeAttribute('src');
  pointAt(null);
  labelRead(false);
}

function sayNext() {
  const next = reading.left.shift();
  if (!next) {
    const { missing } = reading;
    hush();
    if (missing) showCaption(caption().dataset.partly);
    return;
  }
  stay();
  if (next.el !== reading.now) pointAt(next.el);
  reading.audio.src = `/voice/${next.clip}.opus`;
  reading.audio.volume = loud();
  reading.audio.play().catch(() => {}); // its "error" goes on to the next
}

function readPage() {
  hush();
  const seen = marked().filter(inSight);
  reading.missing = seen.some((el) => !el.dataset.say);
  reading.left = seen.flatMap((el) => el.dataset.say.split(' ').filter(Boolean).map((clip) => ({ el, clip })));
  labelRead(true);
  sayNext();
}

for (const kind of ['ended', 'error']) reading.audio.addEventListener(kind, () => { if (reading.now) sayNext(); });

document.addEventListener('click', (e) => {
  if (e.target.closest('[data-pager-next], [data-pager-previous]')) hush();
  if (!e.target.closest('[data-read]')) return;
  if (reading.now) hush();
  else readPage();
});
document.addEventListener('page', () => {
  hush();
  const button = readButton();
  if (button) button.hidden = loud() === 0 || !marked().some((el) => el.dataset.say);
});
document.addEventListener('pointerdown', () => showCaption(''), true); // it lies over the page
// The question whether anybody is there waits in silence.
new MutationObserver(() => { if (dialog().open) hush(); }).observe(document.body, { subtree: true, attributeFilter: ['open'] });
