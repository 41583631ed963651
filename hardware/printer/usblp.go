package printer

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"redstation/kiosk"
)

// A USB printer behind the kernel's usblp driver. Its bytes go through /dev/usb/lp0;
// beside them the driver tells the status byte of the old parallel port (LPGETSTATUS)
// and what the printer calls itself (its IEEE 1284 device id). Many cheap printers
// speak in one direction only, and then that byte is all there is to know.

// lpFile is an open /dev/usb/lp*, made by the system's own openLP.
type lpFile interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	status() (byte, error)         // LPGETSTATUS
	id() ([]byte, error)           // LPIOC_GET_DEVICE_ID: two bytes of length, then text
	written(context.Context) error // waits until the last transfer is done
}

// lpCable is a printer at the USB port. A path with a * is the first that opens:
// a printer that is unplugged and put in again may come back under the next number.
func lpCable(path string) cable {
	name := "usblp:" + path
	return cable{name: name, held: true, open: func(context.Context) (link, error) {
		paths := []string{path}
		if strings.Contains(path, "*") {
			found, err := filepath.Glob(path)
			if err != nil || len(found) == 0 {
				return nil, absent(name, fs.ErrNotExist, lpRemedy(fs.ErrNotExist))
			}
			slices.Sort(found)
			paths = found
		}
		var first error
		for _, p := range paths {
			f, err := openLP(p)
			if err == nil {
				return newLP(f, "usblp:"+p), nil
			}
			if first == nil {
				first = absent("usblp:"+p, err, lpRemedy(err))
			}
		}
		return nil, first
	}}
}

// lpRemedy says what to do about a USB printer that does not open.
func lpRemedy(err error) string {
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return "USB printers are driven on Linux only"
	case errors.Is(err, syscall.EBUSY):
		return "another program has it (CUPS? systemctl disable --now cups)"
	case errors.Is(err, fs.ErrPermission):
		return "run as a user in group lp"
	case errors.Is(err, syscall.ENOTTY):
		return "that is no USB printer; ls /dev/usb/lp* shows them"
	}
	return "is its cable in, is it switched on, and is the kernel module usblp loaded (modprobe usblp)?"
}

// lp is the link to a USB printer.
type lp struct {
	lpFile
	name string

	mu     sync.Mutex
	oneWay bool      // it cannot be read from
	read   time.Time // the read deadline
}

func newLP(f lpFile, name string) *lp {
	if raw, err := f.id(); err == nil {
		if model := lpModel(raw); model != "" {
			name += ", " + model
		}
	}
	return &lp{lpFile: f, name: name}
}

func (l *lp) String() string { return l.name }

// SetReadDeadline also remembers the deadline, for reads that got nothing.
func (l *lp) SetReadDeadline(t time.Time) error {
	l.mu.Lock()
	l.read = t
	l.mu.Unlock()
	return l.lpFile.SetReadDeadline(t)
}

// Read waits for bytes until the deadline. A printer that speaks in one direction
// only refuses with EINVAL, and some others answer with empty packets again and
// again, which os.File takes for the end: to us both are silence.
func (l *lp) Read(b []byte) (int, error) {
	for {
		l.mu.Lock()
		oneWay, until := l.oneWay, l.read
		l.mu.Unlock()
		if oneWay {
			return 0, os.ErrDeadlineExceeded
		}
		n, err := l.lpFile.Read(b)
		if errors.Is(err, syscall.EINVAL) {
			l.mu.Lock()
			l.oneWay = true
			l.mu.Unlock()
			return 0, os.ErrDeadlineExceeded
		}
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		if !until.IsZero() && !time.Now().Before(until) {
			return 0, os.ErrDeadlineExceeded
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Drain waits until the last transfer is done: to close the device would cut it off.
func (l *lp) Drain(ctx context.Context) error { return l.written(ctx) }

// sense implements sensor.
func (l *lp) sense() (kiosk.PrinterState, bool) {
	b, err := l.status()
	if err != nil {
		return kiosk.PrinterUnknown, false
	}
	return lpState(b)
}

// lpState reads the status byte: 0x20 paper out, 0x10 selected, 0x08 no error (the
// USB printer class, "get port status"). A printer that knows nothing sends 0.
func lpState(b byte) (kiosk.PrinterState, bool) {
	switch {
	case b&0x38 == 0:
		return kiosk.PrinterUnknown, false
	case b&0x20 != 0:
		return kiosk.PrinterNoPaper, true
	case b&0x08 == 0:
		return kiosk.PrinterError, true
	case b&0x10 == 0:
		return kiosk.PrinterOffline, true
	}
	return kiosk.PrinterReady, true
}

// lpModel returns maker and model out of an IEEE 1284 device id, such as
// "MFG:XPrinter;CMD:ESC;MDL:XP-58;CLS:PRINTER;".
func lpModel(raw []byte) string {
	if len(raw) < 2 {
		return ""
	}
	fields := map[string]string{}
	for f := range strings.SplitSeq(string(raw[2:]), ";") {
		key, value, _ := strings.Cut(f, ":")
		fields[strings.ToUpper(strings.TrimSpace(key))] = printable(value)
	}
	pick := func(short, long string) string {
		if fields[short] != "" {
			return fields[short]
		}
		return fields[long]
	}
	return strings.TrimSpace(pick("MFG", "MANUFACTURER") + " " + pick("MDL", "MODEL"))
}

// printable keeps what can stand in a log and on a page.
func printable(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s))
	return s[:min(len(s), 60)]
}
