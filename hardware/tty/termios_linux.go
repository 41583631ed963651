package tty

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3/uart"
)

// openTTY opens a device node that has to be a tty and takes it for this program
// alone. It neither becomes our controlling terminal nor waits for a carrier.
func openTTY(path string) (uintptr, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if err := claim(fd); err != nil {
		_ = unix.Close(fd) // err says more
		return 0, err
	}
	return uintptr(fd), nil
}

func claim(fd int) error {
	if _, err := unix.IoctlGetTermios(fd, unix.TCGETS2); err != nil {
		return err
	}
	err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = unix.EBUSY
	}
	if err != nil {
		return err
	}
	return unix.IoctlSetInt(fd, unix.TIOCEXCL, 0)
}

// release prepares a port for its end: nothing is left that close would wait for, and
// the next program may open it.
func release(raw syscall.RawConn) {
	_ = control(raw, func(fd int) error { // a device that is gone needs neither
		_ = unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCOFLUSH)
		return unix.IoctlSetInt(fd, unix.TIOCNXCL, 0)
	})
}

// control runs f on the file's descriptor without taking the file out of the poller.
func control(raw syscall.RawConn, f func(fd int) error) error {
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

// configure sets the line up and looks whether the driver did as it was told.
func configure(raw syscall.RawConn, m mode) error {
	return control(raw, func(fd int) error {
		want := m.termios()
		if err := unix.IoctlSetTermios(fd, unix.TCSETS2, &want); err != nil {
			return fmt.Errorf("set %d baud: %w", m.baud, gone(err))
		}
		got, err := unix.IoctlGetTermios(fd, unix.TCGETS2)
		if err != nil {
			return gone(err)
		}
		if err := m.kept(&want, got); err != nil {
			return err
		}
		return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIOFLUSH) // what came at another speed
	})
}

// termios returns the kernel's form of a mode: raw, with the modem lines ignored.
func (m mode) termios() unix.Termios {
	t := unix.Termios{
		Iflag:  unix.IGNBRK,
		Cflag:  unix.CREAD | unix.CLOCAL | unix.BOTHER,
		Ispeed: m.baud,
		Ospeed: m.baud,
	}
	t.Cc[unix.VMIN] = 1
	t.Cflag |= map[int]uint32{5: unix.CS5, 6: unix.CS6, 7: unix.CS7, 8: unix.CS8}[m.bits]
	if m.stop == 2 {
		t.Cflag |= unix.CSTOPB
	}
	t.Cflag |= map[uart.Parity]uint32{
		uart.Odd:   unix.PARENB | unix.PARODD,
		uart.Even:  unix.PARENB,
		uart.Mark:  unix.PARENB | unix.PARODD | unix.CMSPAR,
		uart.Space: unix.PARENB | unix.CMSPAR,
	}[m.parity]
	if m.parity != uart.NoParity {
		t.Iflag |= unix.INPCK | unix.IGNPAR // a damaged character is dropped
	}
	if m.rtscts {
		t.Cflag |= unix.CRTSCTS
	}
	if m.xon != m.xoff {
		t.Iflag |= unix.IXON
		t.Cc[unix.VSTART], t.Cc[unix.VSTOP] = m.xon, m.xoff
	}
	return t
}

// kept says which setting a driver did not keep.
func (m mode) kept(want, got *unix.Termios) error {
	if !near(got.Ospeed, m.baud) {
		return fmt.Errorf("%d baud were asked for, but the port runs at %d", m.baud, got.Ospeed)
	}
	refused := want.Cflag ^ got.Cflag
	for _, s := range []struct {
		flags uint32
		name  string
	}{
		{unix.CSIZE, fmt.Sprintf("%d bits to a character", m.bits)},
		{unix.CSTOPB, fmt.Sprintf("%d stop bits", m.stop)},
		{unix.PARENB | unix.PARODD | unix.CMSPAR, fmt.Sprintf("parity %c", m.parity)},
		{unix.CRTSCTS, fmt.Sprintf("RTS/CTS flow control %t", m.rtscts)},
	} {
		if refused&s.flags != 0 {
			return fmt.Errorf("the port cannot do this: %s", s.name)
		}
	}
	return nil
}

// queued returns how many bytes are still to be sent. Drivers count their own queue
// only; where they tell of the hardware's as well, one byte stands for it.
func queued(raw syscall.RawConn) (n int, err error) {
	err = control(raw, func(fd int) error {
		if n, err = unix.IoctlGetInt(fd, unix.TIOCOUTQ); err != nil || n > 0 {
			return err
		}
		const empty = 1 // TIOCSER_TEMT
		if lsr, err := unix.IoctlGetInt(fd, unix.TIOCSERGETLSR); err == nil && lsr&empty == 0 {
			n = 1
		}
		return nil
	})
	return n, err
}

// discard empties both queues.
func discard(raw syscall.RawConn) error {
	return control(raw, func(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIOFLUSH) })
}
