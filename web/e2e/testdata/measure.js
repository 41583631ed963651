// Measures what is on the screen: how big the targets are and where, how big the
// text is, what is cut off. Everything in px; the test knows the glass.
(async () => {
  const web = '"Noto Sans SC Variable"';
  await document.fonts.load(`16px ${web}`, '驿').catch(() => {}); // nobody may be there to send it
  await document.fonts.ready;
  const top = document.querySelector('dialog[open]')
    ?? [...document.querySelectorAll('[data-wait]')].find((el) => el.checkVisibility()) ?? document.body;

  const box = (r) => ({ x: r.x, y: r.y, w: r.width, h: r.height });
  const shown = (el) => el.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  // What is there for a voice only is one pixel big.
  const tiny = (el) => { const r = el.getBoundingClientRect(); return getComputedStyle(el).position === 'absolute' && r.width <= 2 && r.height <= 2; };
  const seen = (el) => {
    for (let p = el; p && p !== top; p = p.parentElement) if (tiny(p)) return false;
    return top.contains(el) && shown(el);
  };
  const name = (el) => {
    const data = [...el.attributes].filter((a) => a.name.startsWith('data-')).map((a) => `[${a.name}${a.value && a.value.length < 9 ? `=${a.value}` : ''}]`);
    const words = (el.innerText || el.value || el.getAttribute('aria-label') || '').trim().replace(/\s+/g, ' ').slice(0, 16);
    return `${el.localName}${el.className && typeof el.className === 'string' ? `.${el.className.trim().replace(/\s+/g, '.')}` : ''}${data.join('')} “${words}”`;
  };
  const inside = (a, b, by) => a.x >= b.x - by && a.y >= b.y - by && a.x + a.width <= b.x + b.width + by && a.y + a.height <= b.y + b.height + by;
  const apart = (a, b) => a.x >= b.x + b.width || b.x >= a.x + a.width || a.y >= b.y + b.height || b.y >= a.y + a.height;

  // A line is taller than its letters: a quarter above and below is air.
  const letters = (r) => ({ x: r.x, y: r.y + r.height / 4, width: r.width, height: r.height / 2 });

  const touchable = 'a[href], button, input:not([type=hidden]), select, textarea, summary, label:has(input), [role=button], [tabindex]:not([tabindex="-1"])';
  const targets = [...document.querySelectorAll(touchable)].filter((el) => seen(el) && !(el.matches('input') && el.closest('label')));
  const onTop = (el, r) => {
    const hit = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
    return hit !== null && el.contains(hit);
  };
  const kind = (el) => (el.matches('.key') ? 'key' : el.closest('.foot') ? 'bar' : '');

  // What clips an element: the nearest ancestors that hide what sticks out. Pages of
  // a text stand beside each other; those that are turned away are not looked at.
  const clips = (el) => {
    const found = [];
    for (let p = el; p && p !== document.documentElement; p = p.parentElement) {
      if (getComputedStyle(p).overflow !== 'visible') found.push(p);
    }
    return found;
  };
  const texts = [];
  const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !seen(el) || el.closest('svg')) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const rects = [...range.getClientRects()].filter((r) => r.width > 0 && r.height > 0);
    const walls = clips(el);
    const turned = el.closest('[data-pager-text]')?.getBoundingClientRect();
    const style = getComputedStyle(el);
    const dots = (style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none') && el.closest(mayEnd) !== null;
    const here = rects.filter((r) => !(turned && apart(r, turned)) && !(dots && walls.some((w) => !inside(letters(r), w.getBoundingClientRect(), 2))));
    if (here.length === 0) continue;
    const cut = here.some((r) => walls.some((w) => !inside(letters(r), w.getBoundingClientRect(), 2)));
    const size = parseFloat(style.fontSize);
    const owner = el.closest(touchable);
    const hidden = here.some((r) => targets.some((t) => t !== owner && !t.contains(el) && !el.contains(t) && !apart(letters(r), t.getBoundingClientRect())));
    texts.push({ name: name(el), size, cut, hidden, box: box(here[0]), outside: here.some((r) => r.x < -1 || r.y < -1 || r.right > innerWidth + 1 || r.bottom > innerHeight + 1) });
  }

  const root = document.documentElement;
  return {
    page: document.body.dataset.page ?? '',
    lang: root.lang,
    title: document.title,
    font: document.fonts.check(`16px ${web}`, '驿') && [...document.fonts].some((f) => f.status === 'loaded'),
    width: root.clientWidth,
    height: root.clientHeight,
    scrollWidth: Math.max(root.scrollWidth, document.body.scrollWidth),
    scrollHeight: Math.max(root.scrollHeight, document.body.scrollHeight),
    targets: targets.map((el) => {
      const r = el.getBoundingClientRect();
      return { name: name(el), kind: kind(el), box: box(r), covered: !onTop(el, r), size: el.matches('input, textarea') ? parseFloat(getComputedStyle(el).fontSize) : 0 };
    }),
    texts,
  };
})()
