package linktest

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// PTY makes a pseudo-terminal that stands for a device on a serial line: path is what
// a program opens as its port, far the device's end. It echoes nothing, and lives
// until the test ends or far is closed, which is to the program as if the device was
// unplugged. The program may open and close it again and again.
//
// It differs from a wire: it has no speed and no parity, takes only 8 bits, and never
// says how much is queued.
func PTY(t *testing.T) (far *os.File, path string) {
	t.Helper()
	far, path, err := pty()
	if err != nil {
		t.Fatalf("make a pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { _ = far.Close() }) // the test may have closed it
	// While nobody had the port open, the device's end would read nothing but errors.
	port, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, port.Close()) })
	return far, path
}

func pty() (*os.File, string, error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, "", err
	}
	far := os.NewFile(uintptr(fd), "/dev/ptmx") // non-blocking from the start, so it has deadlines
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetTermios(fd, unix.TCSETS, &unix.Termios{Cflag: unix.CS8 | unix.CREAD | unix.B9600})
	}
	if err == nil {
		err = far.SetDeadline(time.Time{})
	}
	if err != nil {
		return nil, "", errors.Join(err, far.Close())
	}
	return far, fmt.Sprintf("/dev/pts/%d", number), nil
}
