// What is being entered goes to the program half a second after the last touch, so
// that a browser that dies takes nothing with it. The program holds it in memory, for
// the visit.

const keep = { after: 500, timer: 0 };

function keepDraft() {
  const form = document.querySelector('#form[action$="/form"]');
  if (!form || going) return;
  const body = new URLSearchParams(new FormData(form));
  body.set('go', 'keep');
  fetch(form.action, { method: 'POST', body, headers: { 'X-Live': '1' } }).catch(() => {});
}

for (const kind of ['input', 'click']) {
  document.addEventListener(kind, (e) => {
    if (!e.target.closest?.('#form')) return;
    clearTimeout(keep.timer);
    keep.timer = setTimeout(keepDraft, keep.after);
  });
}
for (const kind of ['submit', 'page']) document.addEventListener(kind, () => clearTimeout(keep.timer));
