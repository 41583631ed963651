package printer_test

import (
	"bytes"
	"context"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"redstation/hardware/escpos"
	"redstation/hardware/printer"
	"redstation/kiosk"
)

var (
	_ kiosk.Printer = (*printer.Printer)(nil)
	_ kiosk.Preview = (*printer.Printer)(nil)
)

func receipt(text string) kiosk.Receipt {
	return kiosk.Receipt{Lines: []kiosk.Line{{Text: text, Size: kiosk.Large}, {QR: "RS1:07-218.7K3QF9TZ2M4XW8AB"}}}
}

func open(t *testing.T, dsn string, o printer.Opts) *printer.Printer {
	t.Helper()
	p, err := printer.Open(dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestAWrongNameIsRefusedInOneLine(t *testing.T) {
	for _, dsn := range []string{"", "sim", "usb:/dev/usb/lp0", "sim:x", "sim:?paper=76", "file:", "none:?x=y", "file:x?%zz",
		"uart:", "uart:serial0?baud=fast", "uart:serial0?flow=dtr", "uart:serial0?speed=0", "usblp:", "usblp:/dev/usb/lp0?baud=9600",
		"tcp:", "tcp::9100", "tcp:host:port", "tcp:host?stall=1h", "tcp:host?paper=58&paper=80"} {
		t.Run(dsn, func(t *testing.T) {
			_, err := printer.Open(dsn, printer.Opts{})
			if kiosk.CodeOf(err) != kiosk.CodeInvalid {
				t.Fatalf("got %v, want code invalid", err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("not one line: %v", err)
			}
		})
	}
}

func TestAFolderThatCannotBeWrittenIsRefusedInOneLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "sub"), "/proc/none"} {
		_, err := printer.Open("file:"+dir, printer.Opts{})
		if kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Fatalf("%s: got %v, want code invalid", dir, err)
		}
		if !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "may write to") || strings.Contains(err.Error(), "\n") {
			t.Errorf("not one line that says what to do: %q", err)
		}
	}
}

func TestTheFolderKeepsBytesAndPictureAndCountsOn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "papers")
	for i, text := range []string{"第一张", "第二张", "第三张"} {
		p := open(t, "file:"+dir+"?paper=58", printer.Opts{}) // a restart each time
		if err := p.Print(t.Context(), receipt(text)); err != nil {
			t.Fatal(err)
		}
		base := filepath.Join(dir, []string{"0001", "0002", "0003"}[i])
		b, err := os.ReadFile(base + ".bin")
		if err != nil {
			t.Fatal(err)
		}
		pr, err := escpos.Interpret(b, escpos.Paper58())
		if err != nil {
			t.Fatal(err)
		}
		if want := text + "\n"; pr.Text != want {
			t.Errorf("text got %q, want %q", pr.Text, want)
		}
		pic, err := os.ReadFile(base + ".png")
		if err != nil {
			t.Fatal(err)
		}
		preview, err := p.Preview(receipt(text))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(pic, preview) {
			t.Error("the picture is not the preview")
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 6 {
		t.Errorf("got %v, want six files", left)
	}
}

func TestAFolderThatWentAwayIsOffline(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "papers")
	p := open(t, "file:"+dir, printer.Opts{})
	if got := p.State(t.Context()); got != kiosk.PrinterReady {
		t.Errorf("got %s, want ready", got)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if got := p.State(t.Context()); got != kiosk.PrinterOffline {
		t.Errorf("got %s, want offline", got)
	}
	if err := p.Print(t.Context(), receipt("x")); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("got %v, want code unavailable", err)
	}
}

func TestNoPrinterIsOfflineButPreviews(t *testing.T) {
	p := open(t, "none:", printer.Opts{})
	if got := p.State(t.Context()); got != kiosk.PrinterOffline {
		t.Errorf("got %s, want offline", got)
	}
	if err := p.Print(t.Context(), receipt("x")); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("got %v, want code unavailable", err)
	}
	b, err := p.Preview(receipt("x"))
	if err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(b)); err != nil || img.Bounds().Dx() != 640 {
		t.Errorf("no picture of 80 mm paper: %v", err)
	}
	if p.Sim() != nil {
		t.Error("it has controls of a simulated printer")
	}
}

func TestChangesOfStateAreLoggedOnce(t *testing.T) {
	var buf bytes.Buffer
	p := open(t, "sim:", printer.Opts{Log: slog.New(slog.NewTextHandler(&buf, nil))})
	p.State(context.Background())
	p.Sim().SetPaper(false)
	p.State(context.Background())
	p.State(context.Background())
	if got := strings.Count(buf.String(), "printer state changed"); got != 2 {
		t.Errorf("got %d lines, want 2:\n%s", got, &buf)
	}
}

// fast is a simulated printer that takes no time worth the name.
func fast(t *testing.T) *printer.Printer {
	t.Helper()
	at := time.Date(2026, 11, 23, 9, 41, 0, 0, time.UTC)
	return open(t, "sim:", printer.Opts{Speed: 1e6, Now: func() time.Time { return at }})
}
