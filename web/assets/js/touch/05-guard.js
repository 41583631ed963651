// Hands that tremble tap twice; a palm pinches; a long press opens menus. None of
// that may do anything here.

const again = { within: 500, near: 60, at: 0, x: 0, y: 0 };

// A second tap at the same place within half a second is the same tap: it must not
// press what has meanwhile come to lie under the finger. Keys for digits and words
// may be tapped quickly, unless the page has just changed.
document.addEventListener('click', (e) => {
  if (e.detail === 0 || e.target.matches('input')) return; // from a keyboard, or from a label
  const now = performance.now();
  const key = e.target.closest('.key');
  const same = Math.hypot(e.clientX - again.x, e.clientY - again.y) < again.near;
  if (now - again.at < again.within && same) {
    e.preventDefault();
    e.stopImmediatePropagation();
    return;
  }
  if (!key) Object.assign(again, { at: now, x: e.clientX, y: e.clientY });
}, true);

for (const kind of ['contextmenu', 'dragstart', 'gesturestart']) {
  document.addEventListener(kind, (e) => e.preventDefault());
}
document.addEventListener('selectstart', (e) => {
  if (!e.target.closest?.('input, textarea')) e.preventDefault();
});
document.addEventListener('touchmove', (e) => {
  if (e.touches.length > 1) e.preventDefault();
}, { passive: false });
