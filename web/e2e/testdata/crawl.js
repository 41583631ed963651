// Walks over the whole screen as a resident could, and returns every page that can
// be come by: its name, its address, and for a page that answers a form the form's
// fields. Forms are filled in: with the first choice, with a few phrases, and once
// with as much text as an entry takes.
(async () => {
  const pages = [];
  const add = (name, how, more = {}) => pages.push({ name, url: how.url, fields: how.fields ?? null, status: 200, kind: '', ...more });
  const parse = async (answer) => ({
    url: new URL(answer.url).pathname, status: answer.status,
    doc: new DOMParser().parseFromString(await answer.text(), 'text/html'),
  });
  const ask = async ({ url, fields }) => parse(await (fields
    ? fetch(url, { method: 'POST', body: new URLSearchParams(fields) }) : fetch(url)));
  const links = (doc, start) => [...doc.querySelectorAll(`#main a[href^="${start}"], .foot-right a[href^="${start}"]`)].map((a) => a.getAttribute('href'));
  const fieldsOf = (form) => Object.fromEntries([...new FormData(form)].map(([k, v]) => [k, String(v)]));

  const question = (form) => {
    const digits = form.querySelector('[data-digits]');
    const kind = digits ? digits.dataset.digits : [...form.classList].find((c) => c.startsWith('kind-')).slice(5);
    const input = form.querySelector('input[type=radio]:not(:disabled), input[type=tel], [data-digits], textarea, [data-yes]');
    const phrases = [...form.querySelectorAll('[data-phrase]')].map((p) => p.dataset.phrase);
    const long = 'x'.repeat(Number(input.maxLength ?? 0) + 1);
    return {
      kind, name: input.name, last: [...form.querySelectorAll('input[type=radio]:not(:disabled)')].pop()?.value,
      answer: { choice: input.value, place: input.value, date: input.value, slot: input.value, slot_time: input.value, event: input.value, item: input.value, asset: '', number: form.matches(':has([data-key="."])') ? '5.6' : { 'a.systolic': '135', 'a.diastolic': '85' }[input.name] ?? '72', phone: '13843215678', consent: 'yes' }[kind] ?? phrases.slice(0, 3).join(''),
      wrong: { choice: 'none', phone: '123', number: '99999', asset: '12', item: 'none', text: long, detail: long, date: '2001-01-01' }[kind] ?? '',
      full: kind === 'text' || kind === 'detail' ? phrases.join('').repeat(200).slice(0, input.maxLength) : null,
    };
  };

  // walk goes through a form and returns what its check page would submit.
  const walk = async (service, fill) => {
    await fetch('/leave', { method: 'POST', body: '', redirect: 'manual' }); // else it goes on where the last walk stopped
    let how = { url: `/s/${service}/form` };
    let shown = how; // how the page is come by again: with another place than the one that is taken here
    for (let n = 0; n < 30; n++) {
      const at = await ask(how);
      const form = at.doc.querySelector('#form');
      if (form.matches('.check')) {
        add(`${service} check${fill ? ' full' : ''}`, how, { kind: fill ? 'full' : 'check' });
        return { url: form.querySelector('[formaction]').getAttribute('formaction'), fields: fieldsOf(form) };
      }
      const q = question(form);
      const url = form.getAttribute('action');
      const fields = { ...fieldsOf(form), go: 'next' };
      if (!fill) {
        add(`${service} ${q.name} ${q.kind}`, shown, { kind: q.kind });
        add(`${service} ${q.name} ${q.kind} wrong`, { url, fields: { ...fields, [q.name]: q.wrong } }, { status: 422, kind: `${q.kind} wrong` });
        if (q.kind === 'consent') {
          const refused = { url, fields: { ...fields, [q.name]: 'no' } };
          const { status } = await ask(refused);
          add(`${service} refused`, refused, { status, kind: `refused ${status}` });
        }
      }
      how = { url, fields: { ...fields, [q.name]: (fill && q.full) || q.answer } };
      shown = ['slot_time', 'event'].includes(q.kind) ? { url, fields: { ...fields, [q.name]: q.last } } : how;
    }
    throw new Error(`the form of ${service} does not end`);
  };

  const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
  const slip = async (name, how, kind) => {
    const at = await ask(how);
    if (!at.url.startsWith('/slip/')) throw new Error(`${name}: no slip but ${at.url}, ${at.status}`);
    add(name, { url: at.url }, { kind });
    return at.url;
  };

  // A slip that was printed as often as may be says so.
  const spend = async (url) => {
    const again = { url: `${url}/reprint`, fields: {} };
    for (let n = 0; n < 200; n++) {
      const { doc } = await ask({ url });
      if (doc.querySelector('[data-slip]').dataset.print === 'printing') await new Promise((wake) => setTimeout(wake, 100));
      else if (doc.querySelector('[data-reprint]')) await ask(again);
      else break;
    }
    add('reprints spent', again, { kind: 'error', status: (await ask(again)).status });
  };
  let spent = false;

  const home = await ask({ url: '/' });
  add('home', { url: '/' }, { kind: 'home' });
  const functions = links(home.doc, '/f/');
  if (functions.length !== 12) throw new Error(`home has ${functions.length} functions`);
  for (const f of functions) {
    const page = await ask({ url: f });
    add(`function ${f.slice(3)}`, { url: f }, { kind: 'function' });
    for (const s of links(page.doc, '/s/')) {
      const service = s.slice(3);
      const first = await ask({ url: s });
      add(service, { url: s }, { kind: `service ${first.doc.body.dataset.page}` });
      const ways = links(first.doc, `${s}/`).filter((w) => !w.endsWith('/form'));
      for (const w of ways) add(`${service} ${w.split('/').pop()}`, { url: w }, { kind: `way ${w.split('/').pop()}` });
      for (const at of [first, ...await Promise.all(ways.map((url) => ask({ url })))]) {
        for (const form of at.doc.querySelectorAll('form[action$="/ticket"], form[action$="/leaflet"]')) {
          const what = form.getAttribute('action').split('/').pop();
          const paper = await slip(`${service} ${what} slip`, { url: form.getAttribute('action'), fields: fieldsOf(form) }, `slip ${what}`);
          if (!spent) await spend(paper);
          spent = true;
        }
      }
      if (first.doc.querySelector(`a[href="${s}/form"]`)) {
        add(`${service} help`, { url: `/help/${service}` }, { kind: 'service help' });
        const { url, fields } = await walk(service, true);
        add(`${service} confirm`, { url, fields: { ...fields, helped: '1' } }, { kind: 'confirm' });
        add(`${service} leave`, { url: `${s}/form`, fields: { ...fields, go: 'home' } }, { kind: 'service leave' });
        await slip(`${service} request slip`, await walk(service, false), 'slip request');
      }
    }
  }

  add('sim', { url: '/sim' }, { kind: 'desk' });
  add('no such function', { url: '/f/99' }, { kind: 'error', status: 404 });
  add('no such page', { url: '/nothing' }, { kind: 'error', status: 404 });
  add('no such slip', { url: `/slip/${key()}` }, { kind: 'error', status: 404 });
  const form = pages.find((p) => p.kind === 'check');
  add('expired page', { url: form.url, fields: { ...form.fields, key: 'gone' } }, { kind: 'error', status: 422 });
  return pages;
})()
