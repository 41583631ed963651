#!/bin/sh
# Draws font24.bin.gz anew from Noto Sans SC and Noto Sans KR (OFL-1.1), as npm
# carries them. Needs npm and tar; the same fonts give the same bytes.
set -eu
version=0.4.3
here=$(cd "$(dirname "$0")/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for font in sc kr; do
	(cd "$work" && npm pack --silent "@expo-google-fonts/noto-sans-$font@$version" >/dev/null)
	mkdir "$work/$font"
	tar -xzf "$work/expo-google-fonts-noto-sans-$font-$version.tgz" -C "$work/$font" --strip-components=1
done
cd "$here"
go run ./hardware/escpos/fontgen \
	-font "$work/sc/500Medium/NotoSansSC_500Medium.ttf" \
	-korean "$work/kr/500Medium/NotoSansKR_500Medium.ttf" \
	-out hardware/escpos/font24.bin.gz
