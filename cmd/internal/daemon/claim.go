package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Claim makes the folder where it is missing and locks it for this process, so
// that two never write the same data. The kernel lifts the lock when the process
// ends, however it ends. The error is one line that says what to do.
func Claim(dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder %s cannot be made (%w): name another, or give this user the right to write there", dir, bare(err))
	}
	name := filepath.Join(dir, "lock")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder %s cannot be written (%w): name another, or give this user the right to write there", dir, bare(err))
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owner, _ := os.ReadFile(name)
		return nil, errors.Join(fmt.Errorf("data folder %s is in use by process %s: stop that one first, or name another folder",
			dir, strings.TrimSpace(string(owner))), f.Close())
	}
	if err := note(f); err != nil {
		return nil, errors.Join(fmt.Errorf("data folder %s cannot be written: %w", dir, bare(err)), f.Close())
	}
	return f.Close, nil
}

// note writes this process into the lock file, for the message to the next one.
func note(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := fmt.Fprintln(f, os.Getpid())
	return err
}

// Listen listens on a TCP address. The error is one line that says what to do.
func Listen(addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("address %s is in use: stop the program that has it, or choose another port", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("address %s is not this user's to take: choose a port above 1023", addr)
	case err != nil:
		return nil, fmt.Errorf("address %s cannot be listened on (%w): give HOST:PORT of this machine", addr, bare(err))
	}
	return l, nil
}

// bare strips what the message says already: operation, path and address.
func bare(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err
	}
	if o, ok := errors.AsType[*net.OpError](err); ok {
		return o.Err
	}
	return err
}
