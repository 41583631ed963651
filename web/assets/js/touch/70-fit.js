// A content pack may hold longer words than any style sheet foresees, and a panel
// may be small. Nothing may be cut off and nothing scrolls: where a page does not
// fit, its type is made a little smaller, never below 5 mm, and what only helps
// (hints, summaries, small icons) steps back. What is touched keeps its size.

const blocks = '#main, #main > :not(.unseen), .question > *, .check > *, .slip > *, .opened > *, .take > *, .call > *, .setup > *, .gauge > *, .gauge-keys > *, .join > *, .device-state > *, .terms, .ask, .pager-nav';
const touched = '.tile, .staff-tile, .option, .row, .row-words, .row-value, .key, .equal, .words, .paged';
const ordinary = [[1], [0.97], [1, 'tight'], [0.97, 'tight'], [0.97, 'tight', 'tighter']];
const enlarged = [[1.3], [1.2], [1.3, 'tight'], [1.2, 'tight'], [1.1, 'tight'], [1.1, 'tight', 'tighter'],
  [1, 'tight', 'tighter'], [0.97, 'tight', 'tighter']];
const footScales = [1.3, 1.2, 1.1, 1, 0.9, 0.8];

const over = (el, slack) => el.clientHeight > 0 &&
  (el.scrollHeight > el.clientHeight + slack || el.scrollWidth > el.clientWidth + 2);

function overflows() {
  const main = document.querySelector('#main');
  const floor = main.getBoundingClientRect().bottom - parseFloat(getComputedStyle(main).paddingBottom) + 1;
  // Glyphs are taller than a tight line: a fifth of a line over is not cut off.
  const slack = parseFloat(getComputedStyle(main).fontSize) * 0.2;
  return [...document.querySelectorAll(blocks)].some((el) => over(el, slack) || el !== main && el.getBoundingClientRect().bottom > floor) ||
    [...document.querySelectorAll(touched)].some((el) => over(el, 2));
}

// from is where to begin: a page that was turned never grows again.
function fit(from = 0) {
  const root = document.documentElement;
  const steps = root.classList.contains('large') ? enlarged : ordinary;
  for (let i = from; i < steps.length; i++) {
    const [scale, ...classes] = steps[i];
    root.classList.remove('tight', 'tighter');
    root.classList.add(...classes);
    root.style.setProperty('--f', `calc(${scale} * var(--u))`);
    fit.step = i;
    if (!overflows()) return;
  }
}

// Where the bar is too narrow for all of its buttons, the one that reads aloud goes onto
// the sheet of preferences, which is one touch away, and then a low panel's clock goes.
function yieldRoom(foot) {
  const read = foot.querySelector('.foot-prefs > [data-read]:not([hidden])');
  const { classList } = document.body;
  if (read) {
    read.popoverTargetElement = document.querySelector('#look');
    read.popoverTargetAction = 'hide';
    document.querySelector('.look-buttons').prepend(read);
  } else if (classList.contains('spare')) {
    return false;
  } else {
    classList.add('spare');
  }
  return true;
}

function fitFoot() {
  const foot = document.querySelector('.foot');
  const again = foot.querySelector('[data-again][hidden]'); // comes when the paper is out
  again?.toggleAttribute('hidden', false);
  const most = document.documentElement.classList.contains('large') ? 1.3 : 1;
  for (const scale of footScales.filter((s) => s <= most)) {
    foot.style.setProperty('--f', `calc(${scale} * var(--u))`);
    if (foot.scrollWidth <= foot.clientWidth) break;
  }
  const narrow = foot.scrollWidth > foot.clientWidth && yieldRoom(foot);
  again?.toggleAttribute('hidden', true);
  if (narrow) fitFoot();
}

function layOut() {
  fitFoot();
  setUpAll();
  fit();
  setUpAll();
}

document.addEventListener('page', layOut);
addEventListener('resize', layOut);
document.fonts?.ready.then(layOut);
