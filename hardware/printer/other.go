//go:build !linux

package printer

import (
	"errors"
	"syscall"
)

// unacknowledged cannot be asked here: what was written counts as taken.
func unacknowledged(syscall.RawConn) (int, error) { return 0, nil }

// openLP says that it needs Linux.
func openLP(string) (lpFile, error) { return nil, errors.ErrUnsupported }
