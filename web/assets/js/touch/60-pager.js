// Long lists and texts are turned by page with big buttons; nothing scrolls. How
// much fits is the style sheet's word: --rows and --cols of a list, the height of a
// text. Where all fits, there are no buttons.

function setUp(paged) {
  const list = paged.querySelector('[data-pager]');
  const text = paged.querySelector('[data-pager-text]');
  paged.classList.remove('many');
  paged.page = Math.max(0, paged.page ?? firstPage(list));
  if (list) {
    const fits = room(list);
    if (list.children.length > fits) paged.classList.add('many');
    paged.pages = Math.ceil(list.children.length / room(list));
  } else if (text) {
    paged.classList.add('many'); // measure with the buttons there
    paged.pages = textPages(text);
    if (paged.pages === 1) paged.classList.remove('many');
  }
  turn(paged, 0);
}

// What is chosen already is on the first page that is shown.
function firstPage(list) {
  const chosen = list?.querySelector(':checked')?.closest('[data-pager] > *');
  return chosen ? Math.floor([...list.children].indexOf(chosen) / room(list)) : 0;
}

function room(list) {
  const style = getComputedStyle(list);
  return Number(style.getPropertyValue('--rows')) * Number(style.getPropertyValue('--cols'));
}

// step is how far a text moves for one page: the columns that stand side by side,
// and the gap to those that follow.
function step(text) {
  const columns = text.firstElementChild;
  return columns.clientWidth + parseFloat(getComputedStyle(columns).columnGap);
}

function textPages(text) {
  const columns = text.firstElementChild;
  const gap = parseFloat(getComputedStyle(columns).columnGap);
  return Math.max(1, Math.ceil((columns.scrollWidth + gap) / step(text) - 0.05));
}

function turn(paged, by) {
  paged.page = Math.min(Math.max(0, paged.page + by), paged.pages - 1);
  const { page, pages } = paged;
  const list = paged.querySelector('[data-pager]');
  const text = paged.querySelector('[data-pager-text]');
  if (list) {
    const fits = room(list);
    [...list.children].forEach((el, i) => { el.hidden = i < page * fits || i >= (page + 1) * fits; });
  } else if (text) {
    text.firstElementChild.style.transform = `translateX(${-page * step(text)}px)`;
  }
  const nav = paged.querySelector('[data-pager-nav]');
  nav.hidden = pages < 2;
  nav.querySelector('[data-pager-previous]').disabled = page === 0;
  nav.querySelector('[data-pager-next]').disabled = page === pages - 1;
  nav.querySelector('[data-pager-page]').textContent = `${page + 1} / ${pages}`;
  const words = nav.querySelector('[data-pager-words]');
  words.textContent = words.dataset.pagerWords.replace('##', pages).replace('#', page + 1);
}

function setUpAll() {
  document.querySelectorAll('.paged').forEach(setUp);
}

document.addEventListener('click', (e) => {
  const paged = e.target.closest('.paged');
  if (e.target.closest('[data-pager-next]')) turn(paged, 1);
  else if (e.target.closest('[data-pager-previous]')) turn(paged, -1);
  else return;
  fit(fit.step);
});
