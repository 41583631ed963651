package scanner

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"redstation/kiosk"
)

// build makes the kernel's list of input devices out of files, name=text.
func build(t *testing.T, files ...string) machine {
	t.Helper()
	m := machine{sys: t.TempDir(), dev: "/dev/input"}
	for _, f := range files {
		name, text, _ := strings.Cut(f, "=")
		path := filepath.Join(m.sys, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func TestAKeyboardIsFoundByVendorAndProduct(t *testing.T) {
	m := build(t,
		"event0/device/id/vendor=0001", "event0/device/id/product=0001", "event0/device/capabilities/key=fffffffffffffffe",
		"event9/device/id/vendor=0c2e", "event9/device/id/product=0b61", "event9/device/capabilities/key=1f0000 0 0 0", // consumer keys
		"event10/device/id/vendor=0c2e", "event10/device/id/product=0b61", "event10/device/capabilities/key=e080ffdf01cfffff fffffffffffffffe",
		"event11/device/id/vendor=0c2e", "event11/device/id/product=0b61", "event11/device/capabilities/key=fffffffffffffffe",
		"event12/device/id/vendor=0c2e", "event12/device/id/product=0b99", "event12/device/capabilities/key=junk",
	)
	for which, want := range map[string]string{"0C2E:0B61": "/dev/input/event10", "0c2e:0b99": "", "0c2e:0b60": "", "0001:0001": "/dev/input/event0"} {
		got, err := m.find(which)
		if got != want {
			t.Errorf("%s: got %q, want %q", which, got, want)
		}
		if want == "" && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v, want that there is none", which, err)
		}
	}
}

func TestEveryRefusalHasItsRemedy(t *testing.T) {
	for err, want := range map[error]string{
		syscall.EBUSY:         "fuser -v /dev/input/event3",
		syscall.EACCES:        "group input",
		syscall.EPERM:         "group input",
		syscall.ENOTTY:        "no input device",
		syscall.ENOENT:        "is it plugged in",
		syscall.ENODEV:        "is it plugged in",
		errors.ErrUnsupported: "Linux only",
	} {
		if got := remedy("/dev/input/event3", err); !strings.Contains(got, want) {
			t.Errorf("%v: got %q, want one with %q", err, got, want)
		}
	}
}

// TestAGrabbedKeyboardIsReadUntilItGoes has a pipe in the place of the device: it is
// non-blocking and in the poller, as the device is.
func TestAGrabbedKeyboardIsReadUntilItGoes(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s := &Scanner{device: r}
	s.parser = &keyLines{line: line{limit: 100 * time.Millisecond, sink: sink{text: s.take}}, word: strconv.IntSize / 8}
	scans, ended := make(chan kiosk.Scan, 4), make(chan error, 1)
	go func() { ended <- s.Run(context.Background(), func(scan kiosk.Scan) { scans <- scan }) }()
	k := keyboard{word: strconv.IntSize / 8}
	k.write("SB1:a0042")
	k.tap(keyEnter)
	if _, err := w.Write(k.out); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-scans:
		if got.Text != "SB1:a0042" {
			t.Errorf("got %q", got.Text)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("no scan")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if kiosk.CodeOf(err) != kiosk.CodeUnavailable {
			t.Errorf("got %v, want code unavailable", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it runs on")
	}
}
