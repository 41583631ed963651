package main

import (
	"testing"

	"redstation/kiosk"
	"redstation/web/voice"
)

func TestSpoken(t *testing.T) {
	for _, tt := range []struct {
		lang       kiosk.Lang
		text, want string
	}{
		{"zh", "马上打120，别等。", "马上打幺 二 零 ，别等。"},
		{"zh", "打12333问。", "打幺 二 三 三 三 问。"},
		{"zh", "每分钟100到120下", "每分钟100到120下"},
		{"zh", "身份证的18位号码", "身份证的18位号码"},
		{"en", "call 12345 now", "call 1 2 3 4 5 now"},
		{"en", "100 to 120 times", "100 to 120 times"},
		{"en", "the app “掌上12333”", "the app   1 2 3 3 3 "},
		{"ko", "1분에 100~120번", "1분에 100~120번"},
		{"zh", "110 · 119 · 120", "幺 幺 零 , 幺 幺 九 , 幺 二 零 "},
		{"ko", "中", "中"}, // better read badly than not
	} {
		if got := spoken(voice.Text{Lang: tt.lang, Text: tt.text}); got != tt.want {
			t.Errorf("%s %q: got %q, want %q", tt.lang, tt.text, got, tt.want)
		}
	}
}
