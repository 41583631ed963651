package scanner

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/uart"

	"redstation/hardware/tty"
)

// openSerial opens a serial port. A scanner on USB takes any rate.
func openSerial(port string, baud int64) (device, error) {
	p, err := tty.Open(port)
	if err != nil {
		return nil, err
	}
	c, err := p.Connect(physic.Frequency(baud)*physic.Hertz, uart.One, uart.NoParity, uart.NoFlow, 8)
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	d, ok := c.(device)
	if !ok {
		return nil, errors.Join(errors.New("the port cannot be read as a stream"), p.Close())
	}
	return d, nil
}

// machine is where keyboards are looked for.
type machine struct {
	sys string // the kernel's list of input devices
	dev string // their nodes
}

// here is the machine that we run on.
var here = machine{sys: "/sys/class/input", dev: "/dev/input"}

// openKeyboard opens and grabs a keyboard by path, or by vendor and product.
func (m machine) openKeyboard(which string) (device, error) {
	path := which
	if !strings.HasPrefix(which, "/") {
		var err error
		if path, err = m.find(which); err != nil {
			return nil, err
		}
	}
	fd, err := grab(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w; %s", path, err, remedy(path, err))
	}
	f := os.NewFile(fd, path)
	if err := f.SetReadDeadline(time.Time{}); err != nil { // refused where the poller does not take it
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), f.Close())
	}
	return f, nil
}

const plugIn = "is it plugged in? see ls -l /dev/input/by-id and lsusb; one that is a serial port (/dev/ttyACM*) is named with serial:"

// remedy says what to do about a keyboard that does not open.
func remedy(path string, err error) string {
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return "keyboards are grabbed on Linux only"
	case errors.Is(err, syscall.EBUSY):
		return "another program has grabbed it: fuser -v " + path + " names it"
	case errors.Is(err, fs.ErrPermission):
		return "run as a user in group input"
	case errors.Is(err, syscall.ENOTTY), errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.EISDIR):
		return "that is no input device; see ls -l /dev/input/by-id"
	default:
		return plugIn
	}
}

// find returns the node of the keyboard with that vendor and product. A scanner may
// have several nodes; it types with the one that has digits and Enter.
func (m machine) find(which string) (string, error) {
	vendor, product, _ := strings.Cut(strings.ToLower(which), ":")
	dirs, err := filepath.Glob(filepath.Join(m.sys, "event*"))
	if err != nil {
		return "", err
	}
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	for _, dir := range dirs {
		if said(dir, "id/vendor") == vendor && said(dir, "id/product") == product && types(dir) {
			return filepath.Join(m.dev, filepath.Base(dir)), nil
		}
	}
	return "", fmt.Errorf("no keyboard %s: %w; %s", which, fs.ErrNotExist, plugIn)
}

// said returns what the kernel says of an input device, or "".
func said(dir, what string) string {
	b, err := os.ReadFile(filepath.Join(dir, "device", what))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// types tells whether a device has the keys 1 and Enter: bits 2 and 28 of its keys,
// which stand in the last of the words that the kernel lists.
func types(dir string) bool {
	words := strings.Fields(said(dir, "capabilities/key"))
	if len(words) == 0 {
		return false
	}
	last, err := strconv.ParseUint(words[len(words)-1], 16, 64)
	const keys = 1<<2 | 1<<keyEnter
	return err == nil && last&keys == keys
}
