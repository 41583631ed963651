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
cat "$work/sc.css" "$work/kr.css" | grep -v '^/\*' | tr -d '\n' | sed 's/  */ /g; s/}/}\n/g' >fonts.css

while read -r name; do
	cp "$work/icons/icons/$name.svg" "icons/$name.svg"
done <icons.txt
