// The demo's device page: shows the devices and the papers as they are, twice a
// second, without being asked.

(async () => {
  const part = document.querySelector('[data-sim-state]');
  const load = async (url, init) => {
    const html = await (await fetch(url, init)).text();
    if (html !== part.shown) {
      part.shown = html;
      const next = new DOMParser().parseFromString(html, 'text/html');
      part.replaceChildren(...next.body.childNodes);
    }
  };
  part.addEventListener('submit', async (e) => {
    e.preventDefault();
    const body = new URLSearchParams(new FormData(e.target, e.submitter));
    await fetch('/sim/press', { method: 'POST', body, redirect: 'manual' }).catch(() => {});
    await load('/sim/papers').catch(() => {});
  });
  for (;;) {
    await load('/sim/papers').catch(() => {});
    await new Promise((wake) => setTimeout(wake, 500));
  }
})();
