//go:build linux

package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const (
	gadgetDir = "/sys/kernel/config/usb_gadget/receipts"
	// setPrinterStatus is GADGET_SET_PRINTER_STATUS of linux/usb/g_printer.h; its
	// argument is the status byte of the USB printer class.
	setPrinterStatus = 0xC0016722
)

// gadget is a USB receipt printer: this machine plays the device as well as the
// host. The kernel's dummy_hcd joins both, so that usblp sees a printer come and
// go and /dev/usb/lp0 is real. What the printer receives and answers is up to
// whoever is connected to the forwarded port.
type gadget struct {
	file *os.File // the printer's own end
}

// newGadget describes the printer. Its queue holds one transfer, so that a printer
// that takes nothing more is felt by the sender at once.
func newGadget() (*gadget, error) {
	for _, d := range []string{"strings/0x409", "functions/printer.0", "configs/c.1/strings/0x409"} {
		if err := os.MkdirAll(filepath.Join(gadgetDir, d), 0o755); err != nil {
			return nil, fmt.Errorf("make the USB printer: %w", err)
		}
	}
	for _, a := range [][2]string{
		{"idVendor", "0x0416"}, {"idProduct", "0x5011"},
		{"strings/0x409/manufacturer", "POS"}, {"strings/0x409/product", "POS58"}, {"strings/0x409/serialnumber", "0001"},
		{"functions/printer.0/pnp_string", "MFG:POS;MDL:POS58;CMD:ESC/POS;CLS:PRINTER;"},
		{"functions/printer.0/q_len", "1"},
		{"configs/c.1/strings/0x409/configuration", "printer"},
	} {
		if err := set(a[0], a[1]); err != nil {
			return nil, err
		}
	}
	if err := os.Symlink(filepath.Join(gadgetDir, "functions/printer.0"), filepath.Join(gadgetDir, "configs/c.1/printer.0")); err != nil {
		return nil, err
	}
	g := &gadget{}
	if err := g.plug(); err != nil {
		return nil, err
	}
	err := patiently(func() (err error) {
		g.file, err = os.OpenFile("/dev/g_printer0", os.O_RDWR|unix.O_NONBLOCK, 0)
		return err
	})
	return g, err
}

func set(attribute, value string) error {
	if err := os.WriteFile(filepath.Join(gadgetDir, attribute), []byte(value), 0o644); err != nil {
		return fmt.Errorf("set %s of the USB printer: %w", attribute, err)
	}
	return nil
}

// plug puts the printer's plug in.
func (g *gadget) plug() error { return set("UDC", "dummy_udc.0") }

// unplug pulls it, whatever is being sent.
func (g *gadget) unplug() error { return set("UDC", "\n") }

// setStatus sets what the printer answers to GET_PORT_STATUS: 0x08 no error, 0x10
// selected, 0x20 paper empty.
func (g *gadget) setStatus(bits uint8) error {
	c, err := g.file.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = c.Control(func(fd uintptr) { refused = unix.IoctlSetInt(int(fd), setPrinterStatus, int(bits)) })
	return errors.Join(err, refused)
}

// serve lets one at a time play the printer. While nobody does, nothing is taken.
func (g *gadget) serve(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		g.play(c)
	}
}

// play passes bytes both ways until the player hangs up.
func (g *gadget) play(c net.Conn) {
	hungUp := make(chan struct{})
	go func() {
		defer close(hungUp)
		g.say(c)
	}()
	g.hear(c, hungUp)
	c.Close()
	<-hungUp
}

// say sends what the player says. A host that reads no answers is no trouble of
// the printer's: after a second the answer is lost.
func (g *gadget) say(c net.Conn) {
	b := make([]byte, 64)
	for {
		n, err := c.Read(b)
		if err != nil {
			return
		}
		g.file.SetWriteDeadline(time.Now().Add(time.Second)) //nolint:errcheck // the write tells
		g.file.Write(b[:n])                                  //nolint:errcheck // as above
	}
}

// hear passes on what the printer receives. A pulled cable is an error that ends
// when it is in again.
func (g *gadget) hear(c net.Conn, hungUp <-chan struct{}) {
	b := make([]byte, 8192)
	for {
		g.file.SetReadDeadline(time.Now().Add(100 * time.Millisecond)) //nolint:errcheck // the read tells
		n, err := g.file.Read(b)
		if n > 0 {
			if _, err := c.Write(b[:n]); err != nil {
				return
			}
		}
		wait := time.Duration(0)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			wait = 20 * time.Millisecond
		}
		select {
		case <-hungUp:
			return
		case <-time.After(wait):
		}
	}
}
