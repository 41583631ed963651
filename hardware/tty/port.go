package tty

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/uart"
	"periph.io/x/conn/v3/uart/uartreg"
)

// Port is an opened serial port. Its methods may be called from several goroutines.
type Port struct {
	name string // of the kernel, such as ttyAMA0
	path string
	file *os.File        // in the runtime's poller, so that deadlines work; its Fd would end that
	raw  syscall.RawConn // of file

	mu        sync.Mutex
	limit     physic.Frequency // 0: none
	connected bool
	closed    bool
}

var (
	_ uart.PortCloser = (*Port)(nil)
	_ uart.Pins       = (*Port)(nil)
)

// Open opens a port, for this program alone. name is a path, such as /dev/ttyUSB0 or
// that of a pseudo-terminal, or the name or an alias of a port that is there now or
// stands in uartreg. The error is one line that says what to do; it wraps what the
// kernel said: fs.ErrNotExist, fs.ErrPermission, EBUSY, or ENOTTY.
func Open(name string) (*Port, error) { return here.open(name) }

func (m machine) open(name string) (*Port, error) {
	if strings.Contains(name, "/") {
		return openPath(filepath.Base(name), name)
	}
	found, err := m.find()
	if err != nil {
		return nil, fmt.Errorf("open serial port %q: %w", name, err)
	}
	for _, f := range found {
		if f.name == name || slices.Contains(f.aliases, name) {
			return openPath(f.name, f.path)
		}
	}
	if p, err := openRegistered(name); p != nil || err != nil {
		return p, err
	}
	return nil, missing(name, found)
}

// openRegistered opens a port that somebody gave a name of its own in uartreg. It
// returns nothing where there is none of ours with that name.
func openRegistered(name string) (*Port, error) {
	for _, r := range uartreg.All() {
		if r.Name != name && !slices.Contains(r.Aliases, name) {
			continue
		}
		p, err := r.Open()
		if err != nil {
			return nil, err
		}
		if p, ok := p.(*Port); ok {
			return p, nil
		}
		return nil, errors.Join(fmt.Errorf("serial port %q is another driver's", name), p.Close())
	}
	return nil, nil
}

// missing is the error of a name that no port has.
func missing(name string, found []port) error {
	why := "there is no serial port here"
	if len(found) > 0 {
		var names []string
		for _, f := range found {
			names = append(names, f.name)
		}
		why = "the ports here are " + strings.Join(names, ", ")
	}
	return fmt.Errorf("open serial port %q: %w; %s; %s", name, fs.ErrNotExist, why, plugIn)
}

const plugIn = "is the cable in, and is the port switched on (Raspberry Pi: enable_uart=1 and dtoverlay=disable-bt in config.txt)?"

// openPath opens a device node.
func openPath(name, path string) (*Port, error) {
	fd, err := openTTY(path)
	if err != nil {
		return nil, fmt.Errorf("open serial port %s: %w; %s", path, err, remedy(path, err))
	}
	file := os.NewFile(fd, path)
	raw, err := file.SyscallConn()
	if err == nil {
		err = file.SetDeadline(time.Time{}) // refused where the poller does not take it
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open serial port %s: %w", path, err), file.Close())
	}
	return &Port{name: name, path: path, file: file, raw: raw}, nil
}

// remedy says what to do about a port that does not open.
func remedy(path string, err error) string {
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return "serial ports are driven on Linux only"
	case errors.Is(err, syscall.EBUSY):
		return "another program has it: fuser -v " + path + " names it (a login console is taken off by removing console=serial0 from cmdline.txt)"
	case errors.Is(err, fs.ErrPermission):
		return "run as a user in group dialout, or as the owner that ls -l " + path + " shows"
	case errors.Is(err, syscall.ENOTTY), errors.Is(err, syscall.EISDIR):
		return "that is no serial port; ls /dev/serial/by-id /dev/tty* shows them"
	default: // not there, or an adapter in mid-unplugging, or an 8250 without hardware (EIO)
		return plugIn
	}
}

// String implements uart.Port: the path of the device node.
func (p *Port) String() string { return p.path }

// LimitSpeed implements uart.PortCloser. It takes effect at Connect, where the lower
// of the two speeds is used.
func (p *Port) LimitSpeed(f physic.Frequency) error {
	if _, err := baudOf(f); err != nil {
		return fmt.Errorf("limit speed of %s: %w", p.path, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = f
	return nil
}

// Connect implements uart.Port. f is the baud rate in hertz, bits the size of a
// character: 5 to 8. The conn.Conn is a *Conn. An error means that the port cannot
// do what was asked for, or not within 3 % of the rate; other settings may be tried
// then. After a success Connect may not be called again.
//
// uart.XOnXOff without characters means XON 0x11 and XOFF 0x13. Only what is
// received is searched for them, so the bytes that are sent may have any value.
func (p *Port) Connect(f physic.Frequency, stop uart.Stop, parity uart.Parity, flow uart.Flow, bits int) (conn.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, fmt.Errorf("connect %s: %w", p.path, os.ErrClosed)
	}
	if p.connected {
		return nil, fmt.Errorf("connect %s: it is connected already", p.path)
	}
	if p.limit != 0 {
		f = min(f, p.limit)
	}
	m, err := newMode(f, stop, parity, flow, bits)
	if err == nil {
		err = configure(p.raw, m)
	}
	if err != nil {
		return nil, fmt.Errorf("connect %s: %w", p.path, err)
	}
	p.connected = true
	return &Conn{port: p, mode: m}, nil
}

// Close gives the port up. What is queued to be sent is thrown away: see
// Conn.Drain. Reads and writes that wait end with os.ErrClosed. Closing again does
// nothing.
func (p *Port) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	release(p.raw)
	return p.file.Close()
}

// RX implements uart.Pins. The pins of a port are known for the first PL011 (ttyAMA0)
// and the mini UART (ttyS0) of a Raspberry Pi where periph's bcm283x driver is
// loaded; else, and always for USB, they are gpio.INVALID. They tell which wires
// these are: the port drives them, a program must not.
func (p *Port) RX() gpio.PinIn { return p.pin("RX") }

// TX implements uart.Pins, like RX.
func (p *Port) TX() gpio.PinOut { return p.pin("TX") }

// RTS implements uart.Pins, like RX.
func (p *Port) RTS() gpio.PinOut { return p.pin("RTS") }

// CTS implements uart.Pins, like RX.
func (p *Port) CTS() gpio.PinIn { return p.pin("CTS") }

func (p *Port) pin(function string) gpio.PinIO {
	unit := map[string]string{"ttyAMA0": "UART0_", "ttyS0": "UART1_"}[p.name]
	if unit == "" {
		return gpio.INVALID
	}
	if pin := gpioreg.ByName(unit + function); pin != nil {
		return pin
	}
	return gpio.INVALID
}
