package scanner

import "golang.org/x/sys/unix"

// Requests of linux/input.h. Their numbers are the same on every processor that we
// build for: all carry an int.
const (
	eviocgversion = 0x80044501 // proves that it is an input device
	eviocgrab     = 0x40044590 // for us alone
	eviocsclockid = 0x400445a0 // which clock its times are of
)

// grab opens an input device for this program alone. Its times are those of the
// monotonic clock, so that setting the clock tears no code apart.
func grab(path string) (uintptr, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if _, err = unix.IoctlGetInt(fd, eviocgversion); err == nil {
		err = unix.IoctlSetInt(fd, eviocgrab, 1)
	}
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, eviocsclockid, unix.CLOCK_MONOTONIC)
	}
	if err != nil {
		_ = unix.Close(fd) // err says more
		return 0, err
	}
	return uintptr(fd), nil
}
