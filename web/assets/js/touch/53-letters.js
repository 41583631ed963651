// Keys for letters and for Hangul, a few large ones at a time. Hangul is put together
// as on a two-set keyboard; after a consonant the vowels show, and after those the
// consonants.

const sheets = {
  abc: ['abcdefghijklmno', 'pqrstuvwxyz-.,/', '0123456789()+#@'],
  hangul: ['ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎㅆ', 'ㅏㅑㅓㅕㅗㅛㅜㅠㅡㅣㅐㅔㅒㅖㅢ', 'ㄲㄸㅃㅉㅘㅝㅚㅟㅙㅞ'],
};

// A word begins with a capital.
const atStart = (text) => text === '' || /[\s.]$/.test(text);

function showLetters() {
  const own = sheets[way()];
  if (!own) return;
  const up = way() === 'abc' && atStart(field().value);
  const keys = [...own[pen.sheet]].map((c) => (up ? c.toUpperCase() : c));
  writing().querySelector('[data-letters]').replaceChildren(...keys.map((c) => newKey(c, 'letter', c)));
  const next = own[(pen.sheet + 1) % own.length];
  writing().querySelector('[data-more-letters]').textContent = [...next].slice(0, 2).join('');
}

const initials = [...'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'];
const vowels = [...'ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ'];
const finals = ['', ...'ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ'];
const pairs = {
  ㅗㅏ: 'ㅘ', ㅗㅐ: 'ㅙ', ㅗㅣ: 'ㅚ', ㅜㅓ: 'ㅝ', ㅜㅔ: 'ㅞ', ㅜㅣ: 'ㅟ', ㅡㅣ: 'ㅢ', ㄱㅅ: 'ㄳ', ㄴㅈ: 'ㄵ', ㄴㅎ: 'ㄶ',
  ㄹㄱ: 'ㄺ', ㄹㅁ: 'ㄻ', ㄹㅂ: 'ㄼ', ㄹㅅ: 'ㄽ', ㄹㅌ: 'ㄾ', ㄹㅍ: 'ㄿ', ㄹㅎ: 'ㅀ', ㅂㅅ: 'ㅄ',
};
const syllable = (i, v, f) => String.fromCharCode(0xac00 + (i * 21 + v) * 28 + f);

// composed adds a letter to a text whose last syllable may still grow.
function composed(text, letter) {
  const head = text.slice(0, -1);
  const last = text.slice(-1);
  const code = last.charCodeAt(0) - 0xac00;
  const vowel = vowels.indexOf(letter);
  if (!(code >= 0 && code < 11172)) {
    const start = initials.indexOf(last);
    return vowel >= 0 && last && start >= 0 ? head + syllable(start, vowel, 0) : text + letter;
  }
  const [i, v, f] = [Math.floor(code / 588), Math.floor(code / 28) % 21, code % 28];
  if (vowel < 0) {
    const end = finals.indexOf(f ? pairs[finals[f] + letter] : letter);
    return end > 0 ? head + syllable(i, v, end) : text + letter;
  }
  if (f === 0) {
    const both = vowels.indexOf(pairs[vowels[v] + letter]);
    return both >= 0 ? head + syllable(i, both, 0) : text + letter;
  }
  // The end of a syllable, or the second half of it, begins the next one.
  const split = Object.keys(pairs).find((p) => pairs[p] === finals[f]) ?? finals[f];
  const [stays, goes] = split.length > 1 ? split : ['', split];
  return head + syllable(i, v, finals.indexOf(stays)) + syllable(initials.indexOf(goes), vowel, 0);
}

function pressLetter(letter) {
  const hangul = way() === 'hangul' && letter !== ' ';
  write(field(), hangul ? composed(field().value, letter) : field().value + letter);
  if (hangul) pen.sheet = vowels.includes(letter) ? 0 : 1;
  showLetters();
}

document.addEventListener('click', (e) => {
  const key = e.target.closest('button[type="button"]');
  if (!key || !writing()) return;
  if ('letter' in key.dataset) pressLetter(key.dataset.letter);
  else if ('moreLetters' in key.dataset) {
    pen.sheet = (pen.sheet + 1) % sheets[way()].length;
    showLetters();
  } else if (way() === 'abc') showLetters(); // undone or cleared: the next may be a capital
});
