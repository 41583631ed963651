package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// wedgedPrinter is the other end of a serial cable where a printer says XOFF and
// nothing else. It returns the printer's DSN.
func wedgedPrinter() (dsn string, end func(), err error) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return "", nil, fmt.Errorf("make a serial line: %w", err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("make a serial line: %w", err), master.Close())
	}
	// The other end stays open, so that what the booth opens and closes is no hang-up.
	path := fmt.Sprintf("/dev/pts/%d", n)
	slave, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("open the serial line: %w", err), master.Close())
	}
	again := time.NewTicker(100 * time.Millisecond)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-again.C: // a booth that opens the line anew is told anew
			}
			if _, err := master.Write([]byte{0x13}); err != nil {
				return
			}
		}
	}()
	return "uart:" + path + "?baud=115200&flow=xonxoff", func() { again.Stop(); close(done); slave.Close(); master.Close() }, nil
}
