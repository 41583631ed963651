package printer

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"redstation/kiosk"
)

// fakeLP is a USB printer without a device.
type fakeLP struct {
	reads  []error // what the reads return, the last again and again; nil is a byte
	port   byte
	broken error
	ident  string
	taken  []byte
}

func (f *fakeLP) Read(b []byte) (int, error) {
	if len(f.reads) == 0 {
		return 0, os.ErrDeadlineExceeded
	}
	err := f.reads[0]
	if len(f.reads) > 1 {
		f.reads = f.reads[1:]
	}
	if err != nil {
		return 0, err
	}
	b[0] = 0x12
	return 1, nil
}

func (f *fakeLP) Write(b []byte) (int, error) {
	f.taken = append(f.taken, b...)
	return len(b), nil
}

func (f *fakeLP) Close() error                     { return nil }
func (f *fakeLP) SetReadDeadline(time.Time) error  { return nil }
func (f *fakeLP) SetWriteDeadline(time.Time) error { return nil }
func (f *fakeLP) status() (byte, error)            { return f.port, f.broken }
func (f *fakeLP) written(context.Context) error    { return nil }

func (f *fakeLP) id() ([]byte, error) {
	if f.ident == "" {
		return nil, syscall.EIO
	}
	n := len(f.ident) + 2
	return append([]byte{byte(n >> 8), byte(n)}, f.ident...), nil
}

func TestThePortsStatusByteIsRead(t *testing.T) {
	for _, tt := range []struct {
		b     byte
		want  kiosk.PrinterState
		known bool
	}{
		{0x18, kiosk.PrinterReady, true},
		{0x38, kiosk.PrinterNoPaper, true},
		{0x20, kiosk.PrinterNoPaper, true},
		{0x30, kiosk.PrinterNoPaper, true},
		{0x10, kiosk.PrinterError, true},
		{0x08, kiosk.PrinterOffline, true},
		{0x00, kiosk.PrinterUnknown, false},
		{0x80, kiosk.PrinterUnknown, false},
	} {
		if got, known := lpState(tt.b); got != tt.want || known != tt.known {
			t.Errorf("%#02x: got %s, %v, want %s, %v", tt.b, got, known, tt.want, tt.known)
		}
	}
}

func TestTheDeviceIDNamesMakerAndModel(t *testing.T) {
	for id, want := range map[string]string{
		"MFG:XPrinter;CMD:ESC/POS;MDL:XP-58;CLS:PRINTER;": "usblp:/dev/usb/lp0, XPrinter XP-58",
		"MANUFACTURER:EPSON; MODEL:TM-T20III ;":           "usblp:/dev/usb/lp0, EPSON TM-T20III",
		"MDL:POS58\x00\xff\n;":                            "usblp:/dev/usb/lp0, POS58",
		"MFG:" + strings.Repeat("x", 900) + ";":           "usblp:/dev/usb/lp0, " + strings.Repeat("x", 60),
		"nothing":                                         "usblp:/dev/usb/lp0",
		"":                                                "usblp:/dev/usb/lp0",
	} {
		if got := newLP(&fakeLP{ident: id}, "usblp:/dev/usb/lp0").String(); got != want {
			t.Errorf("%q: got %q, want %q", id, got, want)
		}
	}
}

func TestAOneWayPrinterIsSilentAndNotGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, reads := range map[string][]error{
			"refuses reads":       {syscall.EINVAL},
			"sends empty packets": {io.EOF},
		} {
			l := newLP(&fakeLP{reads: reads}, "usblp:/dev/usb/lp0")
			if err := l.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			if n, err := l.Read(make([]byte, 8)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s: got %d bytes and %v, want silence", name, n, err)
			}
		}
		l := newLP(&fakeLP{reads: []error{io.EOF, io.EOF, nil}}, "usblp:/dev/usb/lp0")
		if n, err := l.Read(make([]byte, 8)); n != 1 || err != nil {
			t.Errorf("got %d bytes and %v, want what came after empty packets", n, err)
		}
		l = newLP(&fakeLP{reads: []error{syscall.ENODEV}}, "usblp:/dev/usb/lp0")
		if _, err := l.Read(make([]byte, 8)); !errors.Is(err, syscall.ENODEV) {
			t.Errorf("got %v, want that it is gone", err)
		}
	})
}

func TestThePortTellsWhatAOneWayPrinterDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeLP{reads: []error{syscall.EINVAL}, port: 0x18}
		w := wired(t, &far{}, cable{held: true})
		_ = w.link.Close()
		w.link = newLP(f, "usblp:/dev/usb/lp0")
		job, _ := encoded(t)
		if err := w.send(t.Context(), job); err != nil || w.known() != kiosk.PrinterReady {
			t.Errorf("got %v and %s, want it printed", err, w.known())
		}
		if !strings.Contains(string(f.taken), string(job)) {
			t.Error("the job was not sent whole")
		}
		f.port, f.taken = 0x38, nil
		if err := w.send(t.Context(), job); kiosk.CodeOf(err) != kiosk.CodeUnavailable || w.known() != kiosk.PrinterNoPaper {
			t.Errorf("got %v and %s, want a refusal for want of paper", err, w.known())
		}
		if strings.Contains(string(f.taken), string(job[:8])) {
			t.Error("it was sent all the same")
		}
		f.broken = syscall.ENODEV
		if got := w.state(t.Context()); got != kiosk.PrinterUnknown {
			t.Errorf("got %s, want unknown", got)
		}
	})
}

func TestAUSBPrinterThatDoesNotOpenSaysWhatToDo(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "lp0")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		plain:                  "that is no USB printer",
		plain + "/x":           "is its cable in",
		"/dev/null":            "that is no USB printer",
		t.TempDir() + "/none":  "is its cable in",
		t.TempDir() + "/none*": "is its cable in",
	} {
		_, err := lpCable(path).open(t.Context())
		if kiosk.CodeOf(err) != kiosk.CodeUnavailable || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", path, err, want)
		}
	}
	for err, want := range map[error]string{
		syscall.EBUSY:         "another program has it",
		fs.ErrPermission:      "group lp",
		syscall.EACCES:        "group lp",
		errors.ErrUnsupported: "Linux only",
		syscall.ENODEV:        "is its cable in",
	} {
		if got := lpRemedy(err); !strings.Contains(got, want) {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}
