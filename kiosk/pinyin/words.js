// Writes what package pinyin embeds: the commoner words of jieba's list with their
// readings, the places and names of local.txt, and every way to read one character.
//
//   node words.js FOLDER_WITH_NODE_MODULES dict.txt local.txt names.txt >words.txt
//
// A line of the result is "syllables words": syllables joined by ', then a tab, then
// words, the commonest first. A word is followed by its level, a letter from a to z, of
// which a step is the same factor everywhere, and perhaps by marks: + a family name, * a
// given name or a character of one.
const fs = require('fs');
const [, , modules, dict, local, names] = process.argv;
const { pinyin } = require(`${modules}/pinyin-pro`);

const mostWords = 120000; // of more than one character
const levels = 26;
const mostCommon = 4e6; // a character that stands alone
const given = { name: 250, local: 3000, character: 20 }; // counts that words of ours have at least

const plain = (s) => s.replace(/ü/g, 'v').replace(/^lue$/, 'lve').replace(/^nue$/, 'nve');
const read = (word) => pinyin(word, { toneType: 'none', type: 'array', v: true }).map(plain);
const readings = (char) => [...new Set(pinyin(char, { toneType: 'none', type: 'array', v: true, multiple: true }).map(plain))];
const isChinese = (word) => /^[\p{Script=Han}]+$/u.test(word);
const lines = (file) => fs.readFileSync(file, 'utf8').split('\n').map((l) => l.replace(/#.*/, '').trim()).filter(Boolean);

const table = new Map(); // syllables -> Map(word -> { n, marks })
function add(syllables, word, n, mark = '') {
  if (syllables.length !== [...word].length || syllables.some((s) => !/^[a-z]+$/.test(s))) return;
  const key = syllables.join("'");
  if (!table.has(key)) table.set(key, new Map());
  const words = table.get(key);
  const entry = words.get(word) ?? { n: 0, marks: '' };
  entry.n = Math.max(entry.n, n);
  if (!entry.marks.includes(mark)) entry.marks += mark;
  words.set(word, entry);
}

// How often each character stands alone, and how often in words with which reading.
const alone = new Map();
const within = new Map(); // character -> Map(reading -> count)
const words = [];
function count(c, reading, n) {
  if (!within.has(c)) within.set(c, new Map());
  within.get(c).set(reading, (within.get(c).get(reading) ?? 0) + n);
}
for (const line of lines(dict)) {
  const [word, n] = line.split(' ');
  if (!isChinese(word)) continue;
  const chars = [...word];
  if (chars.length === 1) alone.set(word, Number(n));
  else if (chars.length <= 7) words.push({ word, n: Number(n), syllables: read(word) });
}
for (const { word, n, syllables } of words) [...word].forEach((c, i) => count(c, syllables[i], n));
words.sort((a, b) => b.n - a.n || (a.word < b.word ? -1 : 1));
for (const { word, n, syllables } of words.slice(0, mostWords)) add(syllables, word, n);

// Every character of the Unicode block that has a reading. What stands alone is shared
// between a character's readings as its words share them.
for (let code = 0x4e00; code <= 0x9fff; code++) if (isChinese(String.fromCodePoint(code))) count(String.fromCodePoint(code), '', 0);
for (const [c, byReading] of within) {
  const all = [...new Set([...readings(c), ...byReading.keys()])].filter(Boolean);
  const sum = all.reduce((n, r, i) => n + (byReading.get(r) ?? 0) + (i === 0 ? 1 : 0), 0);
  all.forEach((r, i) => {
    const n = (byReading.get(r) ?? 0) + (i === 0 ? 1 : 0);
    add([r], c, ((alone.get(c) ?? 0) * n) / sum + n / 6);
  });
}

// Lists of ours: "word" or "word reading reading …", one a line.
for (const line of lines(local)) {
  const [word, ...own] = line.split(/\s+/);
  add(own.length ? own : read(word), word, given.local);
}
let part = '';
for (const line of lines(names)) {
  const [word, ...own] = line.split(/\s+/);
  if (part === '[characters]' && !word.startsWith('[')) {
    for (const c of word) for (const r of readings(c).slice(0, 1)) add([r], c, 0, '*');
    continue;
  }
  if (word.startsWith('[')) {
    part = word;
    continue;
  }
  const syllables = own.length ? own : read(word);
  add(syllables, word, [...word].length > 1 ? given.name : given.character, part === '[family]' ? '+' : '*');
  if (part === '[given]') [...word].forEach((c, i) => add([syllables[i]], c, 0, '*'));
}

const level = (n) => String.fromCharCode(97 + Math.min(levels - 1, Math.round((Math.log1p(n) / Math.log1p(mostCommon)) * (levels - 1))));
const out = [...table.keys()].sort().map((key) => {
  const list = [...table.get(key)].sort((a, b) => b[1].n - a[1].n || (a[0] < b[0] ? -1 : 1));
  return `${key}\t${list.map(([w, { n, marks }]) => w + level(n) + marks).join('')}`;
});
process.stdout.write(`${out.join('\n')}\n`);
