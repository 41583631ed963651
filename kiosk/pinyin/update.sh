#!/bin/sh
# Makes words.txt.gz anew from the words of npm's @node-rs/jieba and the readings of
# pinyin-pro (both MIT), at exact versions, and from local.txt and names.txt. Needs npm,
# node and tar; the same packages give the same bytes.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unpack() { # package, folder
	mkdir -p "$work/node_modules/$2"
	(cd "$work" && npm pack --silent "$1" >name)
	tar -xzf "$work/$(cat "$work/name")" -C "$work/node_modules/$2" --strip-components=1
}
unpack @node-rs/jieba@2.0.3 jieba
unpack pinyin-pro@3.29.4 pinyin-pro

cp "$work/node_modules/jieba/LICENSE" jieba.MIT.txt
cp "$work/node_modules/pinyin-pro/LICENSE" pinyin-pro.MIT.txt
node words.js "$work/node_modules" "$work/node_modules/jieba/dict.txt" local.txt names.txt |
	gzip -9n >words.txt.gz
