package escpos_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

func TestInterpretSkipsWhatItDoesNotKnow(t *testing.T) {
	for _, tt := range []struct {
		name, in, text string
		unknown        int
	}{
		{"a foreign command", "\x1b@\x1bQabc\n", "abc\n", 1},
		{"a command cut short", "abc\x1b", "abc\n", 1},
		{"an argument cut short", "abc\x1bJ", "abc\n", 1},
		{"a raster cut short", "abc\n\x1dv0\x00\x02\x00\x18\x00xx", "abc\n", 1},
		{"a raster's head cut short", "abc\n\x1dv0\x00\x02", "abc\n", 1},
		{"a raster higher than 15 times 256 rows", "\x1dv0\x00\x01\x00\x00\x10" + strings.Repeat("x", 4096) + "abc\n", "abc\n", 1},
		{"a raster without a width", "\x1dv0\x00\x00\x00\x01\x00abc\n", "abc\n", 1},
		{"a raster in another mode", "\x1dv0\x01\x01\x00\x02\x00xxabc\n", "abc\n", 1},
		{"half a Chinese character", "\x1c&\xba\xec\xc9", "红\n", 1},
		{"Chinese without Chinese mode", "\xba\xecA\n", "A\n", 2},
		{"the longest line", strings.Repeat("a", 33) + "\n", strings.Repeat("a", 32) + "\na\n", 0},
		{"an alignment that is none", "\x1ba\x03abc\n", "abc\n", 1},
		{"a cut that is none", "\x1dV\x07abc\n", "abc\n", 1},
		{"a cut cut short", "abc\x1dVB", "abc\n", 1},
		{"a question that is none", "\x10\x04\x09abc\n", "abc\n", 1},
		{"a bar code of another kind", "\x1d(k\x04\x000A\x00\x00abc\n", "abc\n", 1},
		{"a parcel of another kind", "\x1d(E\x03\x00\x06\x01\x02abc\n", "abc\n", 1},
		{"a parcel cut short", "abc\n\x1d(k\x10\x001Px", "abc\n", 1},
		{"a QR code of model 1", "\x1d(k\x04\x001A1\x00abc\n", "abc\n", 1},
		{"a QR code without data", "\x1d(k\x03\x001Q0abc\n", "abc\n", 1},
		{"a QR code too large for the paper", "\x1d(k\x03\x001C\x10\x1d(k\x17\x001P0abcdefghijklmnopqrst\x1d(k\x03\x001E3\x1d(k\x03\x001Q0abc\n", "abc\n", 1},
		{"a QR code's module of 17 dots", "\x1d(k\x03\x001C\x11abc\n", "abc\n", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pr, err := escpos.Interpret([]byte(tt.in), escpos.Paper58())
			if err != nil {
				t.Fatal(err)
			}
			if pr.Text != tt.text || pr.Unknown != tt.unknown {
				t.Errorf("got %q and %d unknown, want %q and %d", pr.Text, pr.Unknown, tt.text, tt.unknown)
			}
		})
	}
}

// TestCommandsThatPrintNothingAreSkipped puts each in the middle of a line.
func TestCommandsThatPrintNothingAreSkipped(t *testing.T) {
	for name, cmd := range map[string]string{
		"paper status": "\x10\x04\x04", "printer status": "\x10\x04\x01", "automatic status": "\x1da\x0f",
		"the fence": "\x1dr\x01", "the CSN-A2's sensor": "\x1bv\x00", "Epson's sensor": "\x1bv",
		"heat": "\x1b7\x07\x50\x02", "density": "\x12#\x4a", "the drawer": "\x1bp\x00\x32\x32", "a tone": "\x1bB\x02\x02",
		"a code page": "\x1bt\x0f", "Chinese on": "\x1c&", "Chinese off": "\x1c.", "line spacing": "\x1b2",
		"the QR code's model": "\x1d(k\x04\x001A2\x00", "its module": "\x1d(k\x03\x001C\x06", "its level": "\x1d(k\x03\x001E1",
		"its data, which look like a question": "\x1d(k\x06\x001P0\x10\x04\x01",
	} {
		t.Run(name, func(t *testing.T) {
			pr, err := escpos.Interpret([]byte("ab"+cmd+"cd\n"), escpos.Paper58())
			if err != nil {
				t.Fatal(err)
			}
			if pr.Text != "abcd\n" || pr.Unknown != 0 || pr.Height() != 32 {
				t.Errorf("got %q, %d unknown, %d rows; want %q, 0 and 32", pr.Text, pr.Unknown, pr.Height(), "abcd\n")
			}
		})
	}
}

func TestCommandsThatMoveThePaper(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		rows     int
	}{
		{"a line", "a\n", 32},
		{"an empty line", "\n", 32},
		{"two lines further", "a\x1bd\x02", 64},
		{"lines without type", "\x1bd\x03", 96},
		{"print and stay", "a\x1bd\x00", 24},
		{"dots", "a\x1bJ\x0a", 34},
		{"close lines", "\x1b3\x1aa\na\n", 52},
		{"the usual spacing again", "\x1b3\x1aa\n\x1b2a\n", 58},
		{"high type by ESC !", "\x1b!\x10a\n", 48},
		{"wide type by ESC !", "\x1b!\x20" + strings.Repeat("a", 17) + "\n", 64},
		{"large type by GS !", "\x1d!\x22a\n", 72},
		{"high Chinese by FS !", "\x1c&\x1c!\x08\xba\xec\n", 48},
		{"all is normal again", "\x1d!\x22\x1b3\x64\x1b@a\n", 32},
		{"a cut after a feed", "\x1dV\x42\x14", 20},
		{"a full cut after a feed", "\x1dV\x41\x14", 20},
		{"a cut here", "a\x1dV\x01", 24},
		{"a cut by digit", "\x1dV0", 0},
		{"a picture", "\x1dv0\x00\x01\x00\x07\x00xxxxxxx", 7},
		{"the highest picture", "\x1dv0\x00\x01\x00\xff\x0f" + strings.Repeat("x", 4095), 4095},
		{"a QR code", "\x1d(k\x05\x001P0ab\x1d(k\x03\x001C\x05\x1d(k\x03\x001Q0", 21 * 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pr, err := escpos.Interpret([]byte(tt.in), escpos.Paper58())
			if err != nil {
				t.Fatal(err)
			}
			if pr.Height() != tt.rows || pr.Unknown != 0 {
				t.Errorf("got %d rows and %d unknown, want %d and 0", pr.Height(), pr.Unknown, tt.rows)
			}
		})
	}
}

// TestBoldIsBold: ESC ! and ESC E set the same thing.
func TestBoldIsBold(t *testing.T) {
	picture := func(cmd string) []byte {
		pr, err := escpos.Interpret([]byte(cmd+"\x1c&AB\xba\xec\n"), escpos.Paper58())
		if err != nil {
			t.Fatal(err)
		}
		return pr.Image().Pix
	}
	plain, bold := picture(""), picture("\x1bE\x01")
	if bytes.Equal(plain, bold) {
		t.Error("bold type looks like normal type")
	}
	if !bytes.Equal(bold, picture("\x1b!\x08")) {
		t.Error("ESC ! and ESC E embolden differently")
	}
	if !bytes.Equal(plain, picture("\x1bE\x01\x1b!\x00")) {
		t.Error("ESC ! leaves type bold")
	}
}

func TestAPrinterThatDrawsQRCodesPrintsTheSame(t *testing.T) {
	for _, p := range []escpos.Profile{escpos.Paper80(), escpos.Paper58()} {
		r := kiosk.Receipt{Lines: []kiosk.Line{{Text: "扫码"}, {QR: "RS1:07-218.7K3QF9TZ2M4XW8AB"}, {Text: "谢谢"}}}
		_, drawn := printed(t, r, p)
		p.NativeQR = true
		b, native := printed(t, r, p)
		if !bytes.Equal(drawn.Image().Pix, native.Image().Pix) {
			t.Errorf("paper %s: the printer's own QR code looks unlike the one that is sent as a picture", p.Name)
		}
		if bytes.Contains(b, []byte("\x1dv0")) {
			t.Errorf("paper %s: a picture was sent", p.Name)
		}
		if !bytes.Contains(b, []byte("\x1c.\x1bJ")) {
			t.Errorf("paper %s: Chinese mode is on before the QR commands", p.Name)
		}
	}
}

// TestQRCodesThatDoNotFitAreNotMade: they move no paper, so that a job of them would
// never end otherwise.
func TestQRCodesThatDoNotFitAreNotMade(t *testing.T) {
	job := "\x1d(k\x03\x001C\x10\x1d(k\xd3\x071P0" + strings.Repeat("x", 2000) + strings.Repeat("\x1d(k\x03\x001Q0", 300)
	pr, err := escpos.Interpret([]byte(job), escpos.Paper58())
	if err != nil || pr.Unknown != 300 || pr.Height() != 0 {
		t.Errorf("got %v, %d unknown and %d rows; want 300 that are not drawn", err, pr.Unknown, pr.Height())
	}
}

// TestLevelsOfQRCodes: the four that a printer knows are the four of the library,
// by other names.
func TestLevelsOfQRCodes(t *testing.T) {
	data := strings.Repeat("A1", 30)
	for digit, level := range map[string]qrcode.RecoveryLevel{"0": qrcode.Low, "1": qrcode.Medium, "2": qrcode.High, "3": qrcode.Highest} {
		code, err := qrcode.New(data, level)
		if err != nil {
			t.Fatal(err)
		}
		code.DisableBorder = true
		in := "\x1d(k\x03\x001C\x01\x1d(k\x03\x001E" + digit + "\x1d(k\x3f\x001P0" + data + "\x1d(k\x03\x001Q0"
		pr, err := escpos.Interpret([]byte(in), escpos.Paper58())
		if err != nil {
			t.Fatal(err)
		}
		if want := len(code.Bitmap()); pr.Height() != want || pr.Unknown != 0 {
			t.Errorf("level %s: got %d modules and %d unknown, want %d and 0", digit, pr.Height(), pr.Unknown, want)
		}
	}
}
