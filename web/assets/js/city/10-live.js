// A page with [data-live] fetches itself again every so many seconds and takes over
// the parts that are marked and have changed. It leaves alone what somebody is
// selecting, keeps the focus where it was, rests while nobody looks, and says so
// when the server does not answer.

const live = document.querySelector('[data-live]');

async function freshPage() {
  const answer = await fetch(location.href, { cache: 'no-store' });
  if (answer.redirected) {
    location.assign(answer.url); // the session has ended
    return null;
  }
  if (!answer.ok) throw new Error(`answer ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

function takeOver(page) {
  const selection = document.getSelection();
  for (const old of document.querySelectorAll('[data-live-part]')) {
    const next = page.getElementById(old.id);
    const selecting = selection && !selection.isCollapsed && old.contains(selection.anchorNode);
    if (!next || selecting || old.innerHTML === next.innerHTML) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement.id : '';
    const left = old.scrollLeft;
    old.replaceChildren(...next.childNodes);
    old.scrollLeft = left;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

async function refresh() {
  if (document.hidden) return;
  const stale = document.querySelector('[data-stale]');
  try {
    const page = await freshPage();
    if (page) takeOver(page);
    if (stale) stale.hidden = true;
  } catch {
    if (stale) stale.hidden = false;
  }
}

if (live) {
  const every = Number(live.dataset.live) * 1000;
  const again = async () => {
    await refresh();
    setTimeout(again, every);
  };
  setTimeout(again, every);
  document.addEventListener('visibilitychange', refresh);
}
