package printertest

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// terminal is a printer at a serial port. Its name stays the same when the cable is
// pulled and put in again, as udev's names do.
type terminal struct {
	p   *Printer
	dir string

	mu   sync.Mutex
	keep io.Closer // our hold on the booth's end, so that its closing is no hang-up
}

func (t *terminal) name() string { return filepath.Join(t.dir, "printer") }

func (t *terminal) dsn() string {
	flow := "none"
	if t.p.opts.XonXoff {
		flow = "xonxoff"
	}
	return "uart:" + t.name() + "?baud=921600&speed=500&flow=" + flow + "&"
}

func (t *terminal) plug() error {
	master, keep, path, err := openPTY()
	if err != nil {
		return err
	}
	l := newLink(master)
	if err := os.Symlink(path, t.name()); err != nil {
		return errors.Join(err, keep.Close(), master.Close())
	}
	t.mu.Lock()
	t.keep = keep
	t.mu.Unlock()
	t.p.plug(l)
	go t.p.attach(l)
	return nil
}

func (t *terminal) unplug() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.keep == nil {
		return
	}
	_ = os.Remove(t.name())
	t.p.detach()
	_ = t.keep.Close()
	t.keep = nil
}
