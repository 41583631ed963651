package printer

import (
	"context"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's calls (include/linux/lp.h, drivers/usb/class/usblp.c).
const (
	lpGetStatus   = 0x060b
	lpIDBytes     = 1024
	lpGetDeviceID = 2<<30 | lpIDBytes<<16 | 'P'<<8 | 1 // _IOR('P', 1, 1024 bytes)
)

// lpDevice is a file in the runtime's poller, so that deadlines work.
type lpDevice struct {
	*os.File
	raw syscall.RawConn
}

// openLP opens a device node for this program alone; usblp itself refuses a second.
func openLP(path string) (lpFile, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	if _, err := unix.IoctlGetInt(fd, lpGetStatus); err == unix.ENOTTY || err == unix.EINVAL { //nolint:errorlint // a system call returns its number bare
		_ = unix.Close(fd) // err says more
		return nil, unix.ENOTTY
	}
	f := os.NewFile(uintptr(fd), path)
	raw, err := f.SyscallConn()
	if err == nil {
		err = f.SetDeadline(time.Time{}) // refused where the poller does not take it
	}
	if err != nil {
		_ = f.Close() // err says more
		return nil, err
	}
	return &lpDevice{f, raw}, nil
}

func (d *lpDevice) status() (b byte, err error) {
	e := d.raw.Control(func(fd uintptr) {
		var n int
		n, err = unix.IoctlGetInt(int(fd), lpGetStatus)
		b = byte(n)
	})
	if e != nil {
		return 0, e
	}
	return b, err
}

func (d *lpDevice) id() ([]byte, error) {
	b := make([]byte, lpIDBytes)
	var errno syscall.Errno
	err := d.raw.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall(unix.SYS_IOCTL, fd, lpGetDeviceID, uintptr(unsafe.Pointer(&b[0])))
	})
	switch {
	case err != nil:
		return nil, err
	case errno != 0:
		return nil, errno
	}
	return b[:min(max(int(b[0])<<8|int(b[1]), 2), len(b))], nil
}

// written waits until the device takes the next transfer, which is when the last one
// is done.
func (d *lpDevice) written(ctx context.Context) error {
	for {
		var ready bool
		var err error
		e := d.raw.Control(func(fd uintptr) {
			p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
			_, err = unix.Poll(p, 0)
			ready = p[0].Revents != 0
		})
		if e != nil {
			return e
		}
		if err != nil && err != unix.EINTR || ready { //nolint:errorlint // a system call returns its number bare
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
