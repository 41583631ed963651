// The keys for what stands on a receipt: its number, and its code in groups of four.
// What looks alike on paper is the same to the program, so the code's keys lack I, L, O
// and U. A low panel has room for one layer of keys at a time.

const paperShapes = {
  code: (text) => (text.toUpperCase().replace(/[^0-9A-Z]/g, '').slice(0, 16).match(/.{1,4}/g) ?? []).join(' '),
  number: (text) => text.toUpperCase().replace(/[^0-9A-Z-]/g, '').slice(0, 24),
};

const paperEntry = () => document.querySelector('[data-paper]');

function shapePaper(input, text) {
  input.value = paperShapes[input.dataset.paper](text);
}

// one shows one layer where there is room for one only, and all where there is for all.
function showLayers(at = 0) {
  const keys = document.querySelector('[data-paper-keys]');
  if (!keys) return;
  const layers = [...keys.querySelectorAll('[data-layer]')];
  const alone = getComputedStyle(keys).getPropertyValue('--layers').trim() === '1';
  keys.dataset.at = at %= layers.length;
  layers.forEach((el, i) => { el.hidden = alone && i !== at; });
  const button = document.querySelector('[data-paper-key="layer"]');
  button.hidden = !alone;
  button.querySelectorAll('[data-layer-name]').forEach((el, i) => { el.hidden = i !== (at + 1) % layers.length; });
}

document.addEventListener('click', (e) => {
  const key = e.target.closest('[data-paper-key]')?.dataset.paperKey;
  const input = paperEntry();
  if (!key || !input) return;
  if (key === 'layer') showLayers(Number(document.querySelector('[data-paper-keys]').dataset.at) + 1);
  else if (key === 'delete') shapePaper(input, input.value.trimEnd().slice(0, -1));
  else shapePaper(input, input.value + key);
});

document.addEventListener('input', (e) => {
  if (e.target.matches('[data-paper]') && e.target.selectionStart === e.target.value.length) shapePaper(e.target, e.target.value);
});

document.addEventListener('page', () => {
  const input = paperEntry();
  if (!input) return;
  shapePaper(input, input.value);
  showLayers();
});
addEventListener('resize', () => showLayers());
