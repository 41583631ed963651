#!/bin/sh
# Makes patterns.bin.gz and the samples of its test anew from npm's hanzi-writer-data
# (strokes, Arphic Public License) and @node-rs/jieba (how common words are, MIT), at
# exact versions. Needs npm and tar; the same packages give the same bytes.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unpack() { # package, folder
	mkdir "$work/$2"
	(cd "$work" && npm pack --silent "$1" >name)
	tar -xzf "$work/$(cat "$work/name")" -C "$work/$2" --strip-components=1
}
unpack hanzi-writer-data@2.0.1 strokes
unpack @node-rs/jieba@2.0.3 words

cd "$here"
cp "$work/strokes/ARPHICPL.TXT" kiosk/ink/ARPHICPL.TXT
go run ./kiosk/ink/inkgen -medians "$work/strokes" -words "$work/words/dict.txt" \
	-out kiosk/ink/patterns.bin.gz -samples kiosk/ink/testdata/samples.json.gz
