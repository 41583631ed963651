#!/bin/sh
# Fetches the fonts and icons of the screens again from npm, at exact versions,
# and lays them out as package assets expects them:
#
#   fonts/<hash>.woff2   one slice of Noto Sans SC or KR, named by the hash of its bytes
#   fonts.css            the slices' @font-face rules with those names
#   icons/<name>.svg     the icons that icons.txt lists
#   licences/            the texts that come with them
#
# The results are committed, so that building needs neither npm nor a line.
# Run it after a change of icons.txt or of a version below.
set -eu

chinese=@fontsource-variable/noto-sans-sc@5.3.1
whole=@expo-google-fonts/noto-sans-sc@0.4.3
cutter=subset-font@2.9.0
korean=@fontsource-variable/noto-sans-kr@5.3.1
icons=lucide-static@1.62.0

cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unpack() { # package, folder
	mkdir -p "$work/$2"
	(cd "$work" && npm pack --silent "$1" >"$2.name")
	tar -xzf "$work/$(cat "$work/$2.name")" -C "$work/$2" --strip-components=1
}
unpack "$chinese" sc
unpack "$korean" kr
unpack "$icons" icons
unpack "$whole" whole
unpack hanzi-writer-data@2.0.1 strokes
(cd "$work" && npm install --silent --no-audit --no-fund --ignore-scripts "$cutter")

rm -rf fonts icons licences
mkdir fonts icons licences
cp "$work/sc/LICENSE" licences/noto-sans-sc.txt
cp "$work/kr/LICENSE" licences/noto-sans-kr.txt
cp "$work/icons/LICENSE" licences/lucide.txt

# Of Korean, the slices that hold one of the 2350 syllables of KS X 1001, which is what
# people write: Latin, digits and hanja come from the Chinese font.
cat >"$work/kept.js" <<'END'
const fs = require('fs');
const euc = new TextDecoder('euc-kr');
const syllables = [];
for (let a = 0xb0; a <= 0xc8; a++) for (let b = 0xa1; b <= 0xfe; b++) syllables.push(euc.decode(Uint8Array.of(a, b)).codePointAt(0));
const rules = fs.readFileSync(0, 'utf8').match(/@font-face \{[^}]*\}/g);
const ranges = (rule) => rule.match(/unicode-range: ([^;]*)/)[1].split(',').map((r) => r.trim().slice(2).split('-').map((x) => parseInt(x, 16)));
const holds = (rule) => ranges(rule).some(([from, to = from]) => syllables.some((c) => c >= from && c <= to));
process.stdout.write(rules.filter(holds).join('\n') + '\n');
END
node "$work/kept.js" <"$work/kr/index.css" >"$work/kr.css"
cp "$work/sc/index.css" "$work/sc.css"

# A page needs a dozen of the slices; unicode-range lets the browser fetch only
# those, and only where the system has no Noto CJK.
for lang in sc kr; do
	for f in "$work/$lang"/files/*.woff2; do
		grep -q "/$(basename "$f"))" "$work/$lang.css" || continue
		hash=$(sha256sum "$f" | cut -c1-16)
		cp "$f" "fonts/$hash.woff2"
		sed -i "s|\./files/$(basename "$f")|fonts/$hash.woff2|" "$work/$lang.css"
	done
done

# Characters that residents may write and that no slice has: those of handwriting, those
# of names (䶮), and what the font has beyond the basic plane (𬭎). They are cut from the
# whole font, a few hundred a slice.
cat >"$work/rare.js" <<'END'
const fs = require('fs');
const crypto = require('crypto');
const subset = require('subset-font');
const [, , whole, css, out, ...lists] = process.argv;
const had = new Set();
for (const m of fs.readFileSync(css, 'utf8').matchAll(/unicode-range: ([^;]*)/g)) {
  for (const r of m[1].split(',')) {
    const [from, to = from] = r.trim().slice(2).split('-').map((x) => parseInt(x, 16));
    for (let c = from; c <= to; c++) had.add(c);
  }
}
const font = fs.readFileSync(whole);
// has reads the font's table of characters (OpenType cmap, format 12).
const has = (() => {
  const tables = Array.from({ length: font.readUInt16BE(4) }, (_, i) => 12 + 16 * i);
  const cmap = font.readUInt32BE(tables.find((t) => font.toString('latin1', t, t + 4) === 'cmap') + 8);
  const at = Array.from({ length: font.readUInt16BE(cmap + 2) }, (_, i) => cmap + font.readUInt32BE(cmap + 8 + 8 * i)).find((t) => font.readUInt16BE(t) === 12);
  const ranges = Array.from({ length: font.readUInt32BE(at + 12) }, (_, i) => [0, 4].map((o) => font.readUInt32BE(at + 16 + 12 * i + o)));
  return (c) => ranges.some(([from, to]) => c >= from && c <= to);
})();
const wanted = new Set();
for (const list of lists) for (const c of fs.readFileSync(list, 'utf8')) wanted.add(c.codePointAt(0));
for (let c = 0x20000; c <= 0x323af; c++) wanted.add(c);
const rare = [...wanted].filter((c) => c >= 0x3400 && !had.has(c) && has(c)).sort((a, b) => a - b);
(async () => {
  const each = 320;
  for (let i = 0; i < rare.length; i += each) {
    const some = rare.slice(i, i + each);
    const cut = await subset(font, String.fromCodePoint(...some), { targetFormat: 'woff2' });
    const name = crypto.createHash('sha256').update(cut).digest('hex').slice(0, 16);
    fs.writeFileSync(`${out}/${name}.woff2`, cut);
    const range = some.map((c) => `U+${c.toString(16)}`).join(',');
    console.log(`@font-face { font-family: 'Noto Sans SC Variable'; font-style: normal; font-display: swap; font-weight: 100 900; src: url(fonts/${name}.woff2) format('woff2'); unicode-range: ${range};}`);
  }
})();
END
(cd "$work/strokes" && printf %s *.json >"$work/strokes.txt")
NODE_PATH="$work/node_modules" node "$work/rare.js" "$work"/whole/400Regular/*.ttf "$work/sc.css" fonts \
	"$work/strokes.txt" ../../kiosk/ink/inkgen/rare.txt ../../kiosk/pinyin/names.txt >"$work/rare.css"
cat "$work/sc.css" "$work/kr.css" "$work/rare.css" | grep -v '^/\*' | tr -d '\n' | sed 's/  */ /g; s/}/}\n/g' >fonts.css

while read -r name; do
	cp "$work/icons/icons/$name.svg" "icons/$name.svg"
done <icons.txt
