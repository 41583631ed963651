package cmd_test

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// TestSlipsLookAsTheyDid compares a slip of each kind with testdata/slips, on both
// papers: open the new picture beside the old one before you renew it.
func TestSlipsLookAsTheyDid(t *testing.T) {
	b := newPrintingBooth(t)
	for _, a := range []kiosk.Action{kiosk.ActionTicket, kiosk.ActionRequest, kiosk.ActionInfo, kiosk.ActionBook} {
		b.serve(firstThat(t, b.Catalogue(), a), kiosk.Chinese)
	}
	class, _, _ := b.Catalogue().Service("6.3") // with an event
	b.serve(class, kiosk.Chinese)
	b.examine(kiosk.Chinese)
	b.papers("3.1", kiosk.Chinese)
	for _, s := range oneOfEachKind(b.slips) {
		f := strings.Fields(s.name)
		name := strings.Join(append(f[:1:1], f[3:]...), "-") // "request", "request-again"
		for _, p := range []escpos.Profile{escpos.Paper80(), escpos.Paper58()} {
			t.Run(name+" "+p.Name, func(t *testing.T) {
				golden(t, filepath.Join("testdata", "slips", name+"-"+p.Name+".png"), typeset(t, s.receipt, p))
			})
		}
	}
}

// firstThat returns the pack's first service with that action alone.
func firstThat(t *testing.T, c *kiosk.Catalogue, a kiosk.Action) *kiosk.Service {
	t.Helper()
	for _, f := range c.Functions {
		for i, s := range f.Services {
			if s.Does(a) && len(s.Actions) == 1 {
				return &f.Services[i]
			}
		}
	}
	t.Fatalf("no service offers %s alone", a)
	return nil
}

// golden compares a picture with a file, or writes the file.
func golden(t *testing.T, file string, got *image.Paletted) {
	t.Helper()
	if *update {
		var buf bytes.Buffer
		enc := png.Encoder{CompressionLevel: png.BestCompression}
		if err := enc.Encode(&buf, got); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	want, ok := img.(*image.Paletted)
	if !ok || want.Rect != got.Rect || !bytes.Equal(want.Pix, got.Pix) {
		t.Errorf("%s looks otherwise; look at both, then run with -update", file)
	}
}
