package escpos_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

func lineOf(l kiosk.Line) kiosk.Receipt { return kiosk.Receipt{Lines: []kiosk.Line{l}} }

func TestLinesBreakAsAReaderExpects(t *testing.T) {
	const ten = "一二三四五六七八九十"
	for _, tt := range []struct{ name, text, want string }{
		{"full lines", ten + "一二三四五六七八", ten + "一二三四五六\n七八\n"},
		{"no character stands alone at the end", ten + "一二三四五六七。", ten + "一二三四五\n六七。\n"},
		{"no comma begins a line", ten + "一二三四五六，七八", ten + "一二三四五\n六，七八\n"},
		{"no run of closing signs begins a line", ten + "一二三四五》。”六", ten + "一二三四\n五》。”六\n"},
		{"no opening bracket ends a line", ten + "一二三四五（六）", ten + "一二三四五\n（六）\n"},
		{"words stay whole", "请在每日开放时间内到站 between nine and five", "请在每日开放时间内到站 between\nnine and five\n"},
		{"a word follows Chinese on the next line", ten + "一二三四redstation", ten + "一二三四\nredstation\n"},
		{"a word longer than the paper is cut", strings.Repeat("x", 40), strings.Repeat("x", 32) + "\nxxxxxxxx\n"},
		{"signs without end are cut", strings.Repeat("。", 20), strings.Repeat("。", 16) + "\n" + strings.Repeat("。", 4) + "\n"},
		{"points of a list hang", "· 一二三四五六七八九十一二三四五六", "· 一二三四五六七八九十一二三四\n   五六\n"},
		{"own line breaks stay", "甲\r\n乙\n丙\r丁", "甲\n乙\n丙\n丁\n"},
		{"the yen sign is one that GBK has", "¥12.50", "￥12.50\n"},
		{"accents are composed and joiners left out", "caf\u0065\u0301\u200b", "café\n"},
		{"tabs are spaces", "a\tb\u00a0c", "a b c\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, pr := printed(t, lineOf(kiosk.Line{Text: tt.text}), escpos.Paper58())
			if pr.Text != tt.want {
				t.Errorf("got  %q\nwant %q", pr.Text, tt.want)
			}
		})
	}
}

func TestCentredTextIsBalanced(t *testing.T) {
	_, pr := printed(t, lineOf(kiosk.Line{Text: "凭此票到任一红色驿站扫码，查看办理进度。请妥善保管。", Align: kiosk.Center}), escpos.Paper80())
	if want := "凭此票到任一红色驿站扫码，\n查看办理进度。请妥善保管。\n"; pr.Text != want {
		t.Errorf("got %q, want %q", pr.Text, want)
	}
}

func TestPairs(t *testing.T) {
	sp := strings.Repeat
	for _, tt := range []struct{ name, left, right, want string }{
		{"name left and value right", "时间", "09:41", "时间" + sp(" ", 23) + "09:41\n"},
		{"a long value stands beside its name", "事项", "一二三四五六七八九十一二三四五", "事项  一二三四五六七八九十一二三\n      四五\n"},
		{"a long name stands above its value", "您希望工作人员什么时候联系您", "上午", "您希望工作人员什么时候联系您\n" + sp(" ", 28) + "上午\n"},
		{"no value", "签字", "", "签字\n"},
		{"no name", "", "上午", sp(" ", 28) + "上午\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, pr := printed(t, lineOf(kiosk.Line{Pair: &kiosk.Pair{Name: tt.left, Value: tt.right}}), escpos.Paper58())
			if pr.Text != tt.want {
				t.Errorf("got  %q\nwant %q", pr.Text, tt.want)
			}
		})
	}
}

// gbkRunes returns every character of two-byte GBK outside its private area.
func gbkRunes() []rune {
	var out []rune
	dec := simplifiedchinese.GBK.NewDecoder()
	for hi := byte(0x81); hi < 0xff; hi++ {
		for lo := byte(0x40); lo < 0xff; lo++ {
			s, err := dec.String(string([]byte{hi, lo}))
			rs := []rune(s)
			if err != nil || len(rs) != 1 || rs[0] == '\ufffd' || rs[0] >= 0xe000 && rs[0] < 0xf900 {
				continue
			}
			if b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s)); err == nil && bytes.Equal(b, []byte{hi, lo}) {
				out = append(out, rs[0])
			}
		}
	}
	return out
}

func TestEveryChineseCharacterComesBack(t *testing.T) {
	all := gbkRunes()
	if len(all) < 21000 {
		t.Fatalf("GBK has %d characters, more than 21,000 were expected", len(all))
	}
	for len(all) > 0 {
		n := min(len(all), 1500)
		want := string(all[:n])
		all = all[n:]
		_, pr := printed(t, lineOf(kiosk.Line{Text: want}), escpos.Paper80())
		got := strings.Map(func(r rune) rune {
			if r == '\n' {
				return -1
			}
			return r
		}, pr.Text)
		if strings.ReplaceAll(want, "\u3000", "") != strings.ReplaceAll(got, "\u3000", "") {
			t.Errorf("text came back otherwise:\ngot  %.300s\nwant %.300s", got, want)
		}
	}
}

func TestTheFontHasEveryChineseCharacter(t *testing.T) {
	boxed := picture(t, "\U0001f600")
	var missing []rune
	for _, r := range append(gbkRunes(), []rune("€é囍喆堃㛃䶮曌犇頔𬭎𬱖붉은역참")...) {
		if r != '\u3000' && picture(t, string(r)) == boxed {
			missing = append(missing, r)
		}
	}
	if len(missing) > 0 {
		t.Errorf("characters without a glyph: %q", string(missing))
	}
}

// TestRareNamesPrint: names that registries know and small fonts lack, as characters
// where GBK has them and drawn where it has not, never as a frame.
func TestRareNamesPrint(t *testing.T) {
	frame := picture(t, "\U0001f600")
	for _, name := range []string{"囍", "喆", "堃", "䶮", "㛃", "曌", "犇", "頔", "𬭎", "𬱖"} {
		for _, mode := range []escpos.TextMode{escpos.TextAuto, escpos.TextRaster} {
			p := escpos.Paper58()
			p.Text = mode
			_, pr := printed(t, lineOf(kiosk.Line{Text: name}), p)
			if got := string(pr.Image().Pix); got == frame || !strings.Contains(got, "\x01") {
				t.Errorf("%s in mode %d is a frame or nothing", name, mode)
			}
		}
	}
}

// picture is what a character looks like on small paper.
func picture(t *testing.T, s string) string {
	_, pr := printed(t, lineOf(kiosk.Line{Text: s}), escpos.Paper58())
	return string(pr.Image().Pix)
}

func TestACharacterOutsideGBKIsDrawn(t *testing.T) {
	for name, s := range map[string]string{"a rare name": "㛃", "the euro": "€", "what no font has": "\U0001f600", "a private character": "\ue000"} {
		t.Run(name, func(t *testing.T) {
			b, pr := printed(t, lineOf(kiosk.Line{Text: "王" + s + "女士"}), escpos.Paper80())
			if pr.Text != "" {
				t.Errorf("it was sent as text: %q", pr.Text)
			}
			if !bytes.Contains(b, []byte("\x1c.\x1dv0\x00\x0c\x00\x18\x00")) {
				t.Errorf("no raster of 96 by 24 dots after FS . in % x", b[:20])
			}
		})
	}
}

// TestNoPictureHoldsACommand: printers obey DLE EOT, DLE ENQ and DLE DC4 (status,
// recovery, drawer, power off) at once, wherever they come, in a picture's data too.
func TestNoPictureHoldsACommand(t *testing.T) {
	p := escpos.Paper80()
	p.Text = escpos.TextRaster
	all := gbkRunes()
	for len(all) > 0 {
		n := min(len(all), 1500)
		b, _ := printed(t, lineOf(kiosk.Line{Text: string(all[:n])}), p)
		all = all[n:]
		for i := range len(b) - 1 {
			if b[i] == 0x10 && (b[i+1] == 0x04 || b[i+1] == 0x05 || b[i+1] == 0x14) {
				t.Fatalf("a job holds % x", b[i:i+3])
			}
		}
	}
}
