//go:build !linux

package tty

import (
	"errors"
	"syscall"
)

// Where the kernel's interface is another one, no port can be opened, so nothing
// behind it is ever reached.

func openTTY(string) (uintptr, error)       { return 0, errors.ErrUnsupported }
func configure(syscall.RawConn, mode) error { return errors.ErrUnsupported }
func queued(syscall.RawConn) (int, error)   { return 0, errors.ErrUnsupported }
func discard(syscall.RawConn) error         { return errors.ErrUnsupported }
func release(syscall.RawConn)               {}
