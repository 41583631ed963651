// The keys on the glass: digits for a phone number, a PIN or a time, phrases for a text. They write
// into ordinary inputs, so that a keyboard does as well.

const groups = /^(1\d{2})(\d{0,4})(\d{0,4})(.*)$/;

// A mobile number stands in groups of 3, 4 and 4, as people read it out.
function grouped(text) {
  const digits = text.replace(/\D/g, '').slice(0, 20);
  const m = digits.match(groups);
  return m ? [m[1], m[2], m[3] + m[4]].filter(Boolean).join(' ') : digits;
}

// A time stands as year, month, day, hour and minute; a PIN is only its digits.
const shapes = {
  pin: (digits) => digits,
  time: (digits) => digits.replace(/^(\d{4})(\d{0,2})(\d{0,2})(\d{0,2})(\d{0,2})$/, '$1-$2-$3 $4:$5').replace(/[-: ]+$/, ''),
};

// A number may have a point; an asset tag stands as it is printed, 07-10-0126, where its
// booth has a number of two digits.
shapes.number = (text) => text;
shapes.asset = (text) => text.replace(/^(\d{2})(\d{1,2})(\d*)$/, '$1-$2-$3').replace(/-+$/, '');
const wanted = { number: /[^\d.]/g, asset: /[^\da-z]/gi };

const entry = () => document.querySelector('[data-phone], [data-digits]');

function shaped(input, text) {
  const shape = shapes[input.dataset.digits];
  return shape ? shape(bare(input, text).slice(0, Number(input.dataset.max))) : grouped(text);
}

const bare = (input, text) => text.replace(wanted[input.dataset.digits] ?? /\D/g, '');

function pressDigit(input, key) {
  if (key === 'clear') input.value = '';
  else if (key === 'delete') input.value = shaped(input, bare(input, input.value).slice(0, -1));
  else input.value = shaped(input, input.value + key);
}

// Words of Latin letters need a space between them; digits and Chinese do not.
function joined(text, phrase) {
  const space = /[A-Za-z.,!?]$/.test(text) && /^[A-Za-z0-9]/.test(phrase) || /\d$/.test(text) && /^[A-Za-z]/.test(phrase);
  return space ? `${text} ${phrase}` : text + phrase;
}

function write(area, text) {
  if (text.length > area.maxLength) return;
  (area.past ??= []).push(area.value);
  area.value = text;
  area.scrollTop = area.scrollHeight;
}

function undo(area) {
  area.value = area.past?.length ? area.past.pop() : [...area.value].slice(0, -1).join('');
}

document.addEventListener('click', (e) => {
  const button = e.target.closest('button[type="button"]');
  if (!button) return;
  const area = document.querySelector('[data-words]');
  if ('key' in button.dataset) pressDigit(entry(), button.dataset.key);
  else if ('phrase' in button.dataset) write(area, joined(area.value, button.dataset.phrase));
  else if ('clear' in button.dataset) dropDraft() || write(area, '');
  else if ('undo' in button.dataset) undoDraft() || undo(area);
});

document.addEventListener('input', (e) => {
  const input = e.target;
  const error = document.querySelector('.ask .error');
  if (error) error.style.visibility = 'hidden'; // it is being mended; nothing moves
  if (!input.matches('[data-phone], [data-digits]')) return;
  if (input.selectionStart === input.value.length) input.value = shaped(input, input.value);
});

document.addEventListener('page', () => {
  const input = entry();
  if (input) input.value = shaped(input, input.value);
});
