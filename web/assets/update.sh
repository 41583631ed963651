#!/bin/sh
# Fetches the fonts and icons of the screens again from npm, at exact versions,
# and lays them out as package assets expects them:
#
#   fonts/<hash>.woff2   one slice of Noto Sans SC, named by the hash of its bytes
#   fonts.css            the slices' @font-face rules with those names
#   icons/<name>.svg     the icons that icons.txt lists
#   licences/            the texts that come with them
#
# The results are committed, so that building needs neither npm nor a line.
# Run it after a change of icons.txt or of a version below.
set -eu

fonts=@fontsource-variable/noto-sans-sc@5.3.1
icons=lucide-static@1.62.0

cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unpack() { # package, folder
	mkdir -p "$work/$2"
	(cd "$work" && npm pack --silent "$1" >"$2.name")
	tar -xzf "$work/$(cat "$work/$2.name")" -C "$work/$2" --strip-components=1
}
unpack "$fonts" fonts
unpack "$icons" icons

rm -rf fonts icons licences
mkdir fonts icons licences
cp "$work/fonts/LICENSE" licences/noto-sans-sc.txt
cp "$work/icons/LICENSE" licences/lucide.txt

# Chinese text on a page needs a dozen of the hundred slices; unicode-range lets
# the browser fetch only those, and only where the system has no Noto CJK.
cp "$work/fonts/index.css" "$work/fonts.css"
for f in "$work"/fonts/files/*.woff2; do
	hash=$(sha256sum "$f" | cut -c1-16)
	cp "$f" "fonts/$hash.woff2"
	sed -i "s|\./files/$(basename "$f")|fonts/$hash.woff2|" "$work/fonts.css"
done
grep -v '^/\*' "$work/fonts.css" | tr -d '\n' | sed 's/  */ /g; s/}/}\n/g' >fonts.css

while read -r name; do
	cp "$work/icons/icons/$name.svg" "icons/$name.svg"
done <icons.txt
