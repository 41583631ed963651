package boothd

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"redstation/hardware/linktest"
	"redstation/kiosk"
)

// TestAScannerIsTakenUpWhenItAppears plugs a scanner in that was missing, pulls it out,
// and plugs it in again; each time another device node is behind its name.
func TestADeviceIsTakenUpWhenItAppears(t *testing.T) {
	name := filepath.Join(t.TempDir(), "usb-Scanner-if00")
	var log bytes.Buffer
	s, err := openScanner("serial:"+name, time.Millisecond, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	scans, ended := make(chan string, 1024), make(chan error, 1)
	go func() { ended <- s.watch(ctx, func(s kiosk.Scan) { scans <- s.Text }) }()
	for _, code := range []string{"FIRST", "SECOND"} {
		far, path := linktest.PTY(t)
		if err := os.Symlink(path, name); err != nil {
			t.Fatal(err)
		}
		scanUntilHeard(t, far, code, scans)
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		if err := far.Close(); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
	if n := strings.Count(log.String(), "device not opened"); n != 1 {
		t.Errorf("it is told %d times that it could not be opened, want once:\n%s", n, &log)
	}
	if n := strings.Count(log.String(), "device opened"); n != 2 || strings.Contains(log.String(), "FIRST") {
		t.Errorf("it is told %d times that it was opened, want twice and no code:\n%s", n, &log)
	}
}

// scanUntilHeard holds a code before the scanner again and again, as people do: what
// comes while the port is being opened is lost.
func scanUntilHeard(t *testing.T, far *os.File, code string, scans <-chan string) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); {
		if _, err := far.Write([]byte(code + "\r")); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-scans:
			if got == code {
				return
			}
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("%s was never heard", code)
}

func TestADeviceWithAWrongNameKeepsTheBoothFromStarting(t *testing.T) {
	_, err := openScanner("usb:1", time.Millisecond, slog.New(slog.DiscardHandler))
	if kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("got %v, want code invalid", err)
	}
}
