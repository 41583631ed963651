// A code was scanned. A page that waits for one ([data-awaits-scan]) is told by the
// program, or asks it under the address that stands there; on any other, a line says for some seconds, or until the screen is touched,
// that the code has no use here.

const scanNote = { shown: 5000, timer: 0 };

function showScanNote(on) {
  clearTimeout(scanNote.timer);
  document.querySelector('[data-scan-note]').hidden = !on;
  if (on) scanNote.timer = setTimeout(showScanNote, scanNote.shown, false);
}

// Where a form has a button for a scan, the code goes with what is on the page.
document.addEventListener('scan', () => {
  const button = document.querySelector('[data-scan-go]');
  if (button) button.form.requestSubmit(button);
});
document.addEventListener('scan', () => {
  const waits = document.querySelector('[data-awaits-scan]');
  showScanNote(!waits);
  if (waits?.dataset.awaitsScan) go(waits.dataset.awaitsScan, { method: 'POST', body: new URLSearchParams() });
});
document.addEventListener('pointerdown', () => showScanNote(false), true);

// In a demo the scanner may be a keyboard that nobody grabs. Keys that follow each
// other faster than people type, ended by Enter outside of any field, are its code:
// it goes to the program, and neither into the page nor into an address.
const wedge = { gap: 60, shortest: 6, longest: 512, text: '', at: 0 };

document.addEventListener('keydown', (e) => {
  if (!('wedge' in document.body.dataset) || e.target.closest?.('input, textarea, select')) return;
  const late = e.timeStamp - wedge.at > wedge.gap;
  if (e.key === 'Shift') return;
  wedge.at = e.timeStamp;
  if (late) wedge.text = '';
  if (e.key === 'Enter') {
    const text = wedge.text;
    wedge.text = '';
    if ([...text].length < wedge.shortest) return;
    e.preventDefault(); // it must not press the button that has the focus
    fetch('/scan', { method: 'POST', body: new URLSearchParams({ text }) }).catch(() => {});
  } else if ([...e.key].length === 1 && !e.ctrlKey && !e.altKey && !e.metaKey && wedge.text.length < wedge.longest) {
    if (wedge.text) e.preventDefault(); // nor a space in the code
    wedge.text += e.key;
  } else {
    wedge.text = '';
  }
}, true);
