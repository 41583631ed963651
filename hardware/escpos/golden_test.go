package escpos_test

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

var update = flag.Bool("update", false, "write the golden files anew")

// printed encodes and interprets, and fails on anything that the interpreter did not know.
func printed(t testing.TB, r kiosk.Receipt, p escpos.Profile) ([]byte, *escpos.Print) {
	t.Helper()
	b, err := escpos.Encode(r, p)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	pr, err := escpos.Interpret(b, p)
	if err != nil {
		t.Fatalf("interpret: %v", err)
	}
	if pr.Unknown != 0 {
		t.Fatalf("%d pieces of our own bytes were not understood", pr.Unknown)
	}
	return b, pr
}

func TestReceiptsAreWhatTheyWere(t *testing.T) {
	raster, large, gbk := escpos.Paper58(), escpos.Paper80(), escpos.Paper58()
	raster.Name, raster.Text = "58-raster", escpos.TextRaster
	large.Name, large.Large = "80-large", true
	gbk.Name, gbk.Text, gbk.NativeQR = "58-gbk", escpos.TextGBK, true
	gbk.Heat, gbk.Density, gbk.Beep = escpos.Heat{Dots: 64, Time: 800, Interval: 20}, 74, true
	for _, p := range []escpos.Profile{escpos.Paper80(), escpos.Paper58(), raster, large, gbk} {
		t.Run(p.Name, func(t *testing.T) {
			b, pr := printed(t, slip(), p)
			golden(t, p.Name+".bin", b)
			golden(t, p.Name+".txt", []byte(pr.Text))
			goldenPicture(t, p.Name+".png", pr)
		})
	}
}

// goldenPicture compares what was printed with a file, dot for dot.
func goldenPicture(t *testing.T, name string, pr *escpos.Print) {
	t.Helper()
	file := filepath.Join("testdata", "slip"+name)
	if *update {
		b, err := pr.PNG()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	want, ok := img.(*image.Paletted)
	if got := pr.Image(); !ok || want.Rect != got.Rect || !bytes.Equal(want.Pix, got.Pix) {
		t.Errorf("%s looks otherwise; look at both, then run with -update", file)
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", "slip"+name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got %d bytes unlike the %d bytes wanted; look at the difference, then run with -update", file, len(got), len(want))
	}
}

func TestThePictureIsAsWideAsTheRoll(t *testing.T) {
	for _, tt := range []struct {
		p     escpos.Profile
		width int
		cuts  int
	}{{escpos.Paper80(), 640, 1}, {escpos.Paper58(), 464, 0}} {
		_, pr := printed(t, slip(), tt.p)
		if got := pr.Image().Bounds().Dx(); got != tt.width {
			t.Errorf("paper %s: width got %d, want %d", tt.p.Name, got, tt.width)
		}
		if pr.Cuts != tt.cuts {
			t.Errorf("paper %s: cuts got %d, want %d", tt.p.Name, pr.Cuts, tt.cuts)
		}
	}
}

func TestRasterModeDrawsTheSamePicture(t *testing.T) {
	text, raster := escpos.Paper58(), escpos.Paper58()
	raster.Text = escpos.TextRaster
	_, a := printed(t, slip(), text)
	_, b := printed(t, slip(), raster)
	if !bytes.Equal(a.Image().Pix, b.Image().Pix) {
		t.Error("the receipt in raster mode looks unlike the one in text mode")
	}
	if bytes.ContainsAny([]byte(b.Text), "0123456789") {
		t.Errorf("raster mode sent text: %q", b.Text)
	}
}

func TestBadInputIsRefused(t *testing.T) {
	long := string(bytes.Repeat([]byte("A"), 9000))
	for name, tt := range map[string]struct {
		l kiosk.Line
		p escpos.Profile
	}{
		"a text longer than a slip":       {kiosk.Line{Text: long}, escpos.Paper80()},
		"a value longer than a slip":      {kiosk.Line{Pair: &kiosk.Pair{Value: long}}, escpos.Paper80()},
		"a QR payload that fits no code":  {kiosk.Line{QR: long}, escpos.Paper80()},
		"a QR code too fine for paper":    {kiosk.Line{QR: long[:2000]}, escpos.Paper58()},
		"a profile without a width":       {kiosk.Line{Text: "a"}, escpos.Profile{}},
		"a profile of half a byte's dots": {kiosk.Line{Text: "a"}, escpos.Profile{Dots: 388}},
		"a profile of impossible heat":    {kiosk.Line{Text: "a"}, escpos.Profile{Dots: 384, Heat: escpos.Heat{Dots: 64}}},
		"a profile of no such density":    {kiosk.Line{Text: "a"}, escpos.Profile{Dots: 384, Density: 256}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := escpos.Encode(kiosk.Receipt{Lines: []kiosk.Line{tt.l}}, tt.p)
			if got := kiosk.CodeOf(err); got != kiosk.CodeInvalid {
				t.Errorf("got %v, want code invalid", err)
			}
		})
	}
}
