package escpos_test

import (
	"strings"
	"testing"
	"unicode"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

func FuzzInterpret(f *testing.F) {
	short := kiosk.Receipt{Lines: slip().Lines[:4]} // long seeds make the fuzzer slow
	b, err := escpos.Encode(short, escpos.Paper58())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("\x1b@\x1c&\xba\xec\x1d!\x77\x1b3\x00\n\x1dV\x41\x10\x1dv0\x00\x01\x00\x02\x00ab"))
	f.Fuzz(func(t *testing.T, b []byte) {
		pr, err := escpos.Interpret(b, escpos.Paper58())
		if pr == nil {
			t.Fatalf("no print: %v", err)
		}
		if pr.Height() > 16384 {
			t.Errorf("paper of %d rows", pr.Height())
		}
		if h := pr.Image().Bounds().Dy(); h > 16384+80 {
			t.Errorf("picture of %d rows", h)
		}
	})
}

func FuzzEncode(f *testing.F) {
	f.Add("红色驿站", "张三，。（你好）", 1, 1, true, "RS1:07-218.7K3QF9TZ2M4XW8AB")
	f.Add("𠮷€\xff\u0301", "a\nb\tc\x1b@", 2, 7, false, "")
	f.Fuzz(func(t *testing.T, name, value string, size, align int, bold bool, qr string) {
		s, a := kiosk.Size(size), kiosk.Align(align)
		r := kiosk.Receipt{Lines: []kiosk.Line{
			{Text: name, Size: s, Align: a, Bold: bold},
			{Pair: &kiosk.Pair{Name: name, Value: value}, Size: s, Bold: bold},
			{QR: qr},
			{Text: value, Align: a},
		}}
		own, drawn := escpos.Paper58(), escpos.Paper80()
		own.Text, own.NativeQR, own.Large = escpos.TextGBK, true, true
		drawn.Text = escpos.TextRaster
		for _, p := range []escpos.Profile{escpos.Paper58(), escpos.Paper80(), own, drawn} {
			b, err := escpos.Encode(r, p)
			if err != nil {
				if kiosk.CodeOf(err) != kiosk.CodeInvalid {
					t.Fatalf("got %v, want code invalid", err)
				}
				continue
			}
			pr, err := escpos.Interpret(b, p)
			if err != nil {
				continue // longer than two metres
			}
			if pr.Unknown != 0 {
				t.Fatalf("%d pieces not understood", pr.Unknown)
			}
			for _, s := range []string{name, value} {
				if p.Text != escpos.TextRaster && plain(s) && !strings.Contains(solid(pr.Text), solid(s)) {
					t.Errorf("%q is not in %q", s, pr.Text)
				}
			}
		}
	})
}

// plain tells texts that come back as they were given: printable ASCII and common Chinese.
func plain(s string) bool {
	for _, r := range s {
		if r != '\n' && (r < ' ' || r > '~') && (r < 0x4e00 || r > 0x9f00) {
			return false
		}
	}
	return true
}

// solid leaves out the spaces, which wrapping may move.
func solid(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func BenchmarkEncode(b *testing.B) {
	for b.Loop() {
		if _, err := escpos.Encode(slip(), escpos.Paper80()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInterpret(b *testing.B) {
	data, err := escpos.Encode(slip(), escpos.Paper80())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := escpos.Interpret(data, escpos.Paper80()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPNG(b *testing.B) {
	_, pr := printed(b, slip(), escpos.Paper80())
	for b.Loop() {
		if _, err := pr.PNG(); err != nil {
			b.Fatal(err)
		}
	}
}
