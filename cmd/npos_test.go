package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// step is one step of a job as npos sees it; hardware/escpos/testdata/npos/decode.js
// says more.
type step struct {
	Text    string
	Picture *picture
	Command string
	Args    []byte
}

// picture is a picture on the paper, rows of whole bytes, 1 is ink.
type picture struct {
	Width, Height int
	Bits          []byte
}

// need returns the path of what must be there for a test. Without it the test is
// skipped, or fails where everything must be seen: in make test, and where CI=true.
func need(t *testing.T, what, remedy string, found error) {
	t.Helper()
	if found == nil {
		return
	}
	if os.Getenv("CI") == "true" || os.Getenv("REQUIRE_TOOLS") == "1" {
		t.Fatalf("%s is not installed, and must be here: %v", what, found)
	}
	t.Skipf("NOT TESTED: %s is not installed; run %s", what, remedy)
}

// dissect lets npos take jobs apart.
func dissect(t *testing.T, jobs [][]byte) [][]step {
	t.Helper()
	_, missing := exec.LookPath("node")
	need(t, "node", "make deps", missing)
	modules, err := filepath.Abs("../.cache/npos/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	_, missing = os.Stat(filepath.Join(modules, "npos"))
	need(t, "npos", "make deps", missing)
	args := []string{"../hardware/escpos/testdata/npos/decode.js"}
	dir := t.TempDir()
	for i, job := range jobs {
		file := filepath.Join(dir, fmt.Sprintf("%04d.bin", i))
		if err := os.WriteFile(file, job, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	cmd := exec.CommandContext(t.Context(), "node", args...)
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules, "NODE_OPTIONS=--no-deprecation")
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("npos: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(out))
	var all [][]step
	for {
		var steps []step
		if err := dec.Decode(&steps); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, steps)
	}
	if len(all) != len(jobs) {
		t.Fatalf("npos took %d jobs apart, of %d", len(all), len(jobs))
	}
	for i := range all {
		all[i] = joined(all[i])
	}
	return all
}

// joined makes one picture of the bands that follow each other.
func joined(steps []step) []step {
	var out []step
	var last *picture
	for _, s := range steps {
		if s.Picture != nil && last != nil && s.Picture.Width == last.Width {
			last.Height += s.Picture.Height
			last.Bits = append(last.Bits, s.Picture.Bits...)
			continue
		}
		last = s.Picture
		out = append(out, s)
	}
	return out
}

// textOf returns what was sent as characters.
func textOf(steps []step) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteString(s.Text)
	}
	return b.String()
}

// words returns what a receipt says, in order, without the code.
func words(r kiosk.Receipt) string {
	var b strings.Builder
	for _, l := range r.Lines {
		b.WriteString(l.Text)
		if l.Pair != nil {
			b.WriteString(l.Pair.Name + l.Pair.Value)
		}
	}
	return b.String()
}

// solid leaves out what layout adds and moves: spaces, and the strokes that stand
// for a line in text mode gbk.
func solid(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '─' {
			return -1
		}
		return r
	}, s)
}

// codes returns what the QR codes of a receipt say.
func codes(r kiosk.Receipt) []string {
	var out []string
	for _, l := range r.Lines {
		if l.QR != "" {
			out = append(out, l.QR)
		}
	}
	return out
}

// ink is black on white.
var ink = color.Palette{color.White, color.Black}

// image returns the picture as one that programs read.
func (p *picture) image() *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, p.Width, p.Height), ink)
	for i := range img.Pix {
		img.Pix[i] = p.Bits[i/8] >> (7 - i%8) & 1 // rows are whole bytes
	}
	return img
}

// square tells a QR code from a line of type.
func (p *picture) square() bool {
	return p.Height > 80 && p.Width-p.Height >= 0 && p.Width-p.Height < 8
}

// symbols returns the pictures of QR codes.
func symbols(steps []step) []*image.Paletted {
	var out []*image.Paletted
	for _, s := range steps {
		if s.Picture != nil && s.Picture.square() {
			out = append(out, s.Picture.image())
		}
	}
	return out
}

// paper puts the steps' pictures together, where feeds and alignment put them, as
// wide as p prints; text is not drawn.
func paper(steps []step, p escpos.Profile) *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, p.Dots, 0), ink)
	align := 0
	for _, s := range steps {
		switch {
		case s.Command == "ESC a":
			align = int(s.Args[0])
		case s.Command == "ESC J":
			img.Pix = append(img.Pix, make([]byte, int(s.Args[0])*p.Dots)...)
		case s.Picture != nil:
			part := s.Picture.image()
			left := (p.Dots - s.Picture.Width) * align / 2
			for y := range s.Picture.Height {
				row := make([]byte, p.Dots)
				copy(row[left:], part.Pix[y*part.Stride:][:part.Stride])
				img.Pix = append(img.Pix, row...)
			}
		}
	}
	img.Rect.Max.Y = len(img.Pix) / p.Dots
	return img
}

// payload returns what GS ( k stores as a QR code's data.
func payload(steps []step) []string {
	var out []string
	for _, s := range steps {
		if s.Command == "GS (k" && len(s.Args) > 5 && string(s.Args[2:5]) == "1P0" {
			out = append(out, string(s.Args[5:]))
		}
	}
	return out
}

// zxing reads a QR code with gozxing.
func zxing(t *testing.T, img image.Image) string {
	t.Helper()
	bm, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	res, err := qrcode.NewQRCodeReader().Decode(bm, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil {
		t.Fatalf("gozxing reads no QR code: %v", err)
	}
	return res.GetText()
}

// zbar reads the one QR code of each picture with zbarimg.
func zbar(t *testing.T, pictures []*image.Paletted) []string {
	t.Helper()
	if len(pictures) == 0 {
		return nil
	}
	_, missing := exec.LookPath("zbarimg")
	need(t, "zbarimg", "make deps", missing)
	args := []string{"--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"}
	dir := t.TempDir()
	for i, img := range pictures {
		var buf bytes.Buffer
		if err := png.Encode(&buf, img); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, fmt.Sprintf("%04d.png", i))
		if err := os.WriteFile(file, buf.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	out, err := exec.CommandContext(t.Context(), "zbarimg", args...).Output()
	if err != nil {
		t.Fatalf("zbarimg: %v\n%s", err, out)
	}
	return strings.Fields(string(out))
}
