package printertest

import (
	"io"
	"testing"
)

// Dial makes a printer whose cable is what dial connects to, until the test ends. The
// other end has a name of its own, so DSN says nothing. Unplug hangs up.
func Dial(t testing.TB, o Opts, dial func() (io.ReadWriteCloser, error)) *Printer {
	t.Helper()
	return start(t, o, func(p *Printer) port { return &dialled{p: p, dial: dial} })
}

// dialled is a printer that goes to its cable.
type dialled struct {
	p    *Printer
	dial func() (io.ReadWriteCloser, error)
}

func (d *dialled) dsn() string { return "" }

func (d *dialled) plug() error {
	c, err := d.dial()
	if err != nil {
		return err
	}
	l := newLink(c)
	d.p.plug(l)
	go d.p.attach(l)
	return nil
}

func (d *dialled) unplug() { d.p.detach() }
