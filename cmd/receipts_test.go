package cmd_test

import (
	"image"
	"slices"
	"strings"
	"testing"
	"unicode"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// The slips that a booth really prints are read back here by programs that share
// nothing with ours: npos takes the bytes apart, iconv-lite reads the Chinese,
// zbarimg and gozxing read the QR codes. Text that is sent as pictures (the whole
// slip in text mode raster) no such program can read; there the paper that npos
// puts together is compared, dot for dot, with the one that our interpreter draws
// from the characters that npos and iconv-lite have read.

// profiles are the printers that slips are made for.
func profiles() map[string]escpos.Profile {
	all := map[string]escpos.Profile{}
	for paper, p := range map[string]escpos.Profile{"80": escpos.Paper80(), "58": escpos.Paper58()} {
		for mode, text := range map[string]escpos.TextMode{"auto": escpos.TextAuto, "gbk": escpos.TextGBK, "raster": escpos.TextRaster} {
			p.Text = text
			all[paper+" "+mode] = p
		}
		p.Text, p.NativeQR = escpos.TextGBK, true
		p.Heat, p.Density, p.Beep = escpos.Heat{Dots: 64, Time: 800, Interval: 20}, 74, true
		all[paper+" with all commands"] = p
		p.Text, p.NativeQR, p.Large = escpos.TextAuto, false, true
		all[paper+" large"] = p
	}
	return all
}

func TestEverySlipIsReadByProgramsThatAreNotOurs(t *testing.T) {
	slips := newPrintingBooth(t).everySlip()
	kinds := oneOfEachKind(slips)
	if len(kinds) != 33 {
		t.Fatalf("got %d kinds of slips, want ticket, request and leaflet, each again, booking, registration, readiness, notice and twin, all in three languages: %v", len(kinds), names(kinds))
	}
	t.Logf("%d slips, of %d kinds", len(slips), len(kinds))
	for name, p := range profiles() {
		t.Run(name, func(t *testing.T) {
			some := kinds
			if name == "80 auto" {
				some = slips // the usual printer gets all of them
			}
			readAll(t, some, p)
		})
	}
}

// oneOfEachKind picks the first slip of each action, language and print.
func oneOfEachKind(slips []slip) []slip {
	seen := map[string]bool{}
	var out []slip
	for _, s := range slips {
		f := strings.Fields(s.name)
		kind := strings.Join(append(f[:1:1], f[2:]...), " ")
		if !seen[kind] {
			seen[kind] = true
			out = append(out, s)
		}
	}
	return out
}

func names(slips []slip) []string {
	var out []string
	for _, s := range slips {
		out = append(out, s.name)
	}
	return out
}

// readAll prints slips with p and reads them back.
func readAll(t *testing.T, slips []slip, p escpos.Profile) {
	t.Helper()
	var jobs [][]byte
	for _, s := range slips {
		job, err := escpos.Encode(s.receipt, p)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		jobs = append(jobs, job)
	}
	var pictures []*image.Paletted
	var want []string
	for i, steps := range dissect(t, jobs) {
		s := slips[i]
		readText(t, s, p, steps, jobs[i])
		if p.NativeQR {
			if got := payload(steps); !slices.Equal(got, codes(s.receipt)) {
				t.Errorf("%s: the printer is to draw %q, want %q", s.name, got, codes(s.receipt))
			}
			continue
		}
		pictures = append(pictures, symbols(steps)...)
		want = append(want, codes(s.receipt)...)
	}
	if got := zbar(t, pictures); !slices.Equal(got, want) {
		t.Errorf("zbarimg reads %q, want %q", got, want)
	}
	if len(pictures) != len(want) {
		t.Fatalf("got %d pictures of QR codes, want %d", len(pictures), len(want))
	}
	for i, img := range pictures {
		if got := zxing(t, img); got != want[i] {
			t.Errorf("gozxing reads %q, want %q", got, want[i])
		}
	}
}

// readText holds the characters of a job to what the receipt says and to what our
// interpreter reads, and the pictures of a raster job to what it draws.
func readText(t *testing.T, s slip, p escpos.Profile, steps []step, job []byte) {
	t.Helper()
	ours, err := escpos.Interpret(job, p)
	if err != nil || ours.Unknown != 0 {
		t.Fatalf("%s: interpret: %v, %d unknown", s.name, err, ours.Unknown)
	}
	got := textOf(steps)
	if got != ours.Text {
		t.Errorf("%s: npos reads\n%s\nour interpreter\n%s", s.name, got, ours.Text)
	}
	if p.Text != escpos.TextRaster {
		said := solid(words(s.receipt))
		if p.Text == escpos.TextGBK { // a printer that draws nothing puts a square for what it lacks
			said = strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Hangul, r) {
					return '□'
				}
				return r
			}, said)
		}
		if solid(got) != said && !drawnIn(solid(got), said) {
			t.Errorf("%s: npos reads\n%s\nthe receipt says\n%s", s.name, solid(got), said)
		}
		return
	}
	if got != "" {
		t.Errorf("%s: a raster job sends characters: %q", s.name, got)
	}
	p.Text = escpos.TextAuto
	if drawn := typeset(t, s.receipt, p); !sameInk(paper(steps, p), drawn) {
		t.Errorf("%s: the pictures that npos finds are not what the characters look like", s.name)
	}
}

// drawnIn reports whether got is what is left of said where some runs of characters,
// each with one in it that the printer has no type for, came as pictures: Hangul.
func drawnIn(got, said string) bool {
	left := []rune(got)
	// at[k][j]: what was looked at of said can have left the first j characters of got,
	// and ends with type (0), or with a picture that has no Hangul yet (1), or has (2).
	at := [3][]bool{make([]bool, len(left)+1), make([]bool, len(left)+1), make([]bool, len(left)+1)}
	at[0][0] = true
	for _, r := range said {
		next := [3][]bool{make([]bool, len(left)+1), make([]bool, len(left)+1), make([]bool, len(left)+1)}
		hangul := unicode.Is(unicode.Hangul, r)
		for j := range left {
			next[0][j+1] = left[j] == r && (at[0][j] || at[2][j])
		}
		for j := range at[0] {
			next[2][j] = at[2][j] || hangul && (at[0][j] || at[1][j])
			next[1][j] = !hangul && (at[0][j] || at[1][j])
		}
		at = next
	}
	return at[0][len(left)] || at[2][len(left)]
}

// typeset returns the paper of a receipt whose type is sent as characters.
func typeset(t *testing.T, r kiosk.Receipt, p escpos.Profile) *image.Paletted {
	t.Helper()
	job, err := escpos.Encode(r, p)
	if err != nil {
		t.Fatal(err)
	}
	pr, err := escpos.Interpret(job, p)
	if err != nil {
		t.Fatal(err)
	}
	return pr.Image()
}

// sameInk compares the printable part of a paper with a picture of the whole roll,
// which has the same white strip on each side and ends with the last ink. The part
// may have a few dots more, which keep its bytes from being commands.
func sameInk(part, whole *image.Paletted) bool {
	w := part.Rect.Dx()
	strip := (whole.Rect.Dx() - w) / 2
	more := 0
	for y := range whole.Rect.Dy() - 2*strip {
		if y >= part.Rect.Dy() {
			return false
		}
		for x, want := range whole.Pix[(y+strip)*whole.Stride+strip:][:w] {
			switch got := part.Pix[y*part.Stride+x]; {
			case got > want:
				more++
			case got < want:
				return false
			}
		}
	}
	return more <= 10
}
