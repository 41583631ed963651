package escpos_test

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

func TestTheQRCodeInThePictureIsRead(t *testing.T) {
	for _, p := range []escpos.Profile{escpos.Paper80(), escpos.Paper58()} {
		for _, want := range []string{"RS1:07-218.7K3QF9TZ2M4XW8AB", "求助", "https://example.org/" + strings.Repeat("x", 180)} {
			_, pr := printed(t, kiosk.Receipt{Lines: []kiosk.Line{{Text: "扫码"}, {QR: want}, {Rule: true}}}, p)
			b, err := pr.PNG()
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			bm, err := gozxing.NewBinaryBitmapFromImage(img)
			if err != nil {
				t.Fatal(err)
			}
			res, err := qrcode.NewQRCodeReader().Decode(bm, nil)
			if err != nil {
				t.Fatalf("paper %s, %q: %v", p.Name, want, err)
			}
			if res.GetText() != want {
				t.Errorf("paper %s: got %q, want %q", p.Name, res.GetText(), want)
			}
			if lvl := res.GetResultMetadata()[gozxing.ResultMetadataType_ERROR_CORRECTION_LEVEL]; lvl != "M" {
				t.Errorf("paper %s: level got %v, want M", p.Name, lvl)
			}
		}
	}
}

func TestNoRasterBandIsHigherThan24Rows(t *testing.T) {
	b, _ := printed(t, slip(), escpos.Paper80())
	bands := 0
	for len(b) > 0 {
		i := bytes.Index(b, []byte("\x1dv0\x00"))
		if i < 0 {
			break
		}
		h := b[i+4:]
		n, rows := int(h[0])|int(h[1])<<8, int(h[2])|int(h[3])<<8
		if rows > 24 {
			t.Errorf("a band of %d rows", rows)
		}
		b = h[4+n*rows:]
		bands++
	}
	if bands < 10 {
		t.Errorf("got %d bands, want at least the 11 of the QR code", bands)
	}
}

func TestEndlessPaperIsRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"by feeding":                   bytes.Repeat([]byte("\x1bJ\xff"), 100),
		"by its last, unfinished line": append(bytes.Repeat([]byte("\x1bJ\x80"), 128), 'a'),
		"by five pictures":             bytes.Repeat(append([]byte("\x1dv0\x00\x01\x00\xff\x0f"), bytes.Repeat([]byte{0xff}, 0x0fff)...), 5),
	} {
		t.Run(name, func(t *testing.T) {
			pr, err := escpos.Interpret(b, escpos.Paper58())
			if kiosk.CodeOf(err) != kiosk.CodeInvalid {
				t.Errorf("got %v, want code invalid", err)
			}
			if got := pr.Image().Bounds().Dy(); pr.Height() != 16384 || got > 16384+80 {
				t.Errorf("paper of %d rows and picture of %d, want 16384 and the margins at most", pr.Height(), got)
			}
		})
	}
}

func TestATornPaperShowsWhatWasPrinted(t *testing.T) {
	_, pr := printed(t, slip(), escpos.Paper58())
	pr.Tear(200)
	if got := pr.Image().Bounds().Dy(); got > 280 || pr.Height() != 200 {
		t.Errorf("got a picture of %d rows and paper of %d, want at most 280 and 200", got, pr.Height())
	}
}
