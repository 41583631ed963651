// Package tty drives serial ports: the UARTs of the board, USB adapters and devices
// that show themselves as a modem (CDC-ACM). It is the UART driver that periph's
// host/v3 does not have: its ports stand in uartreg, are uart.PortClosers, and
// connect to a conn.Conn.
//
// A program calls [Register] before driverreg.Init and finds the ports through
// uartreg, or calls [Open] with a name, an alias or a path; Open also finds what was
// plugged in after Init.
//
//	p, err := tty.Open("/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0")
//	...
//	defer p.Close()
//	c, err := p.Connect(9600*physic.Hertz, uart.One, uart.NoParity, uart.RTSCTS, 8)
//
// The rules:
//
//   - A port belongs to one program at a time. TIOCEXCL alone would not do, because
//     root may pass it, so the port is locked with flock as well.
//   - Any baud rate may be asked for. Drivers take settings silently that they cannot
//     keep (a rate that the clock does not divide to, a parity that the Raspberry Pi's
//     mini UART lacks), so Connect reads the settings back and refuses what was not kept.
//   - Nothing waits for ever: reads and writes have deadlines, Drain has a context, and
//     Close throws away what the other side does not take. Otherwise the kernel would
//     wait for it, half a minute by default.
//   - A port that was unplugged says so: errors are [ErrGone] then. A new Open is
//     needed when it is back; its /dev/serial/by-id name stays the same.
//   - The modem lines stay as they are at Close (no HUPCL): a printer must not reset
//     because a program was restarted.
//
// It needs Linux; elsewhere Open says so.
package tty

import (
	"errors"
	"sync"

	"periph.io/x/conn/v3/driver"
	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/uart"
	"periph.io/x/conn/v3/uart/uartreg"
)

// Register makes the driver known to driverreg, under the name "tty-uart". Calls
// after the first return what the first did. It must be called before
// driverreg.Init; the error says so where it was too late. Open works without it.
func Register() error { return register() }

// register holds nothing but whether driverreg, which is one for the whole process,
// has been told.
var register = sync.OnceValue(func() error { return driverreg.Register(&ports{here}) })

// ports is the driver.
type ports struct{ machine }

var _ driver.Impl = (*ports)(nil)

// String implements driver.Impl. The name "serial" is taken by a package of host/v3
// that registers no port.
func (d *ports) String() string { return "tty-uart" }

// Prerequisites implements driver.Impl.
func (d *ports) Prerequisites() []string { return nil }

// After implements driver.Impl: the pins of a port are found once theirs has loaded.
func (d *ports) After() []string { return []string{"bcm283x-gpio"} }

// Init implements driver.Impl. It registers the ports that are there now; without
// any, the driver is skipped.
func (d *ports) Init() (bool, error) {
	found, err := d.find()
	if err != nil {
		return false, err
	}
	if len(found) == 0 {
		return false, errors.New("no serial port was found")
	}
	var errs []error
	for _, f := range found {
		open := func() (uart.PortCloser, error) { return openPath(f.name, f.path) }
		errs = append(errs, uartreg.Register(f.name, f.aliases, -1, open))
	}
	return true, errors.Join(errs...)
}
