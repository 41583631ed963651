// Going from page to page without leaving the loaded one: links and forms are
// fetched and their answer takes the place of the page. So a program that dies
// under a resident's finger never shows a browser's error page: the page says that
// the system is coming back and asks again until there is an answer. Every form
// may be sent twice: its key makes the second find what the first did.

const parts = ['.head', '#main', '.foot', '[data-idle-dialog]', '[data-caption]', '[data-scan-note]', '[data-wait]'];
const retryEvery = 1000;
const answerWithin = 20000;
let going = false;

const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

function showWait(on) {
  const wait = document.querySelector('[data-wait]');
  if (wait) wait.hidden = !on;
}

async function ask(url, init) {
  for (;;) {
    try {
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(answerWithin) });
      const page = await answer.text();
      showWait(false);
      return { page, url: answer.url, moved: answer.redirected || !init.body };
    } catch {
      showWait(true);
      await sleep(retryEvery);
    }
  }
}

async function go(url, init = {}) {
  if (going) return;
  going = true;
  const answer = await ask(url, init);
  going = false;
  const next = new DOMParser().parseFromString(answer.page, 'text/html');
  if (!next.querySelector('#main') || next.body.dataset.build !== document.body.dataset.build) {
    location.replace(answer.moved ? answer.url : '/'); // another program answered: begin anew
    return;
  }
  if (answer.moved) history.replaceState(null, '', answer.url);
  show(next);
}

function show(next) {
  document.title = next.title;
  document.documentElement.lang = next.documentElement.lang;
  document.documentElement.className = `js ${next.documentElement.className}`;
  for (const name of document.body.getAttributeNames()) document.body.removeAttribute(name);
  for (const { name, value } of next.body.attributes) document.body.setAttribute(name, value);
  for (const part of parts) document.querySelector(part).replaceWith(next.querySelector(part));
  document.dispatchEvent(new Event('page'));
  const main = document.querySelector('#main');
  main.tabIndex = -1;
  main.focus({ preventScroll: true });
}

document.addEventListener('submit', (e) => {
  e.preventDefault();
  const by = e.submitter;
  const body = new URLSearchParams(new FormData(e.target, by));
  go(by?.getAttribute('formaction') || e.target.action, { method: 'POST', body });
});

document.addEventListener('click', (e) => {
  const link = e.target.closest('a[href^="/"]');
  if (!link || e.ctrlKey || e.metaKey || e.shiftKey || link.pathname === '/sim') return;
  e.preventDefault();
  go(link.href);
});
