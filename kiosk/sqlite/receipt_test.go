package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
)

// What stands on each kind of slip, in two languages, as values. A code is drawn
// anew each time, so its characters are replaced.
func TestSlipsSayWhatIsWrittenDown(t *testing.T) {
	r := newRig(t)
	p := &kiosktest.Printer{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go r.RunPrinter(ctx, p) //nolint:errcheck // it ends with the test
	waitFor(t, func() bool { return r.Status().Printer == kiosk.PrinterReady })
	for _, lang := range []kiosk.Lang{kiosk.Chinese, kiosk.English} {
		for _, take := range []func() (kiosk.Slip, error){
			func() (kiosk.Slip, error) { return r.TakeLeaflet(ctx, kiosk.RandomID(), "1.1", lang) },
			func() (kiosk.Slip, error) { return r.TakeTicket(ctx, kiosk.RandomID(), "1.2", lang) },
			func() (kiosk.Slip, error) { return r.FileRequest(ctx, kiosk.RandomID(), "1.3", answers(), lang) },
		} {
			s, err := take()
			if err != nil {
				t.Fatal(err)
			}
			waitFor(t, func() bool { got, _ := r.Slip(ctx, s.ID); return got.State == kiosk.SlipDone })
			if s.Action == kiosk.ActionRequest && lang == kiosk.English {
				if _, err := r.Reprint(ctx, s.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	waitFor(t, func() bool { return len(p.Receipts()) == 7 })
	var b strings.Builder
	for _, receipt := range p.Receipts() {
		for _, l := range receipt.Lines {
			b.WriteString(describe(l) + "\n")
		}
		b.WriteString("----\n")
	}
	got := regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{16}|([0-9A-HJKMNP-TV-Z]{4} ){3}[0-9A-HJKMNP-TV-Z]{4}`).ReplaceAllString(b.String(), "<code>")
	golden := filepath.Join("testdata", "slips.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("slips\n%s\nwant\n%s", got, want)
	}
	for _, secret := range []string{"1384", "王女士", "三号楼"} {
		if strings.Contains(got, secret) {
			t.Errorf("a slip says %q", secret)
		}
	}
}

func describe(l kiosk.Line) string {
	switch {
	case l.QR != "":
		return "[QR " + l.QR + "]"
	case l.Rule:
		return "[rule]"
	case l.Pair != nil:
		return l.Pair.Name + " | " + l.Pair.Value
	case l.Feed > 0:
		return fmt.Sprintf("[feed %d]", l.Feed)
	}
	marks := ""
	if l.Bold {
		marks += "*"
	}
	return strings.Repeat("#", int(l.Size)) + marks + l.Text
}
