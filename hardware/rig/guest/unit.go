//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	program      = "/redstation"
	notifySocket = "/run/notify"
	watchdogUSec = 2_000_000 // the program tells twice as often that it is well
	startLimit   = 60 * time.Second
	endLimit     = 60 * time.Second
)

// unit is the program as a service of Type=notify with a watchdog (sd_notify(3)).
type unit struct {
	log    buffer
	notify *net.UnixConn

	mu    sync.Mutex
	cmd   *exec.Cmd
	ready chan struct{} // closed when the program says READY=1
	ended chan error    // one value when it has ended

	dogMu sync.Mutex
	dog   *os.File // the machine's watchdog, nil while it is not armed
}

func newUnit() (*unit, error) {
	u := &unit{}
	var err error
	u.notify, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: notifySocket, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	go u.listen()
	return u, nil
}

// listen hears what the program tells its supervisor.
func (u *unit) listen() {
	b := make([]byte, 4096)
	for {
		n, err := u.notify.Read(b)
		if err != nil {
			return
		}
		for line := range strings.Lines(string(b[:n])) {
			switch strings.TrimSpace(line) {
			case "READY=1":
				u.mu.Lock()
				close(u.ready)
				u.mu.Unlock()
			case "WATCHDOG=1":
				u.feed()
			}
		}
	}
}

// start starts the program and returns when it has said that it is ready.
func (u *unit) start(args []string) error {
	u.mu.Lock()
	if u.cmd != nil {
		u.mu.Unlock()
		return errors.New("the program runs already")
	}
	u.ready, u.ended = make(chan struct{}), make(chan error, 1)
	u.cmd = exec.Command(program, args...)
	u.cmd.Stdout, u.cmd.Stderr = &u.log, &u.log
	u.cmd.Env = append(os.Environ(), "HOME=/data", "NOTIFY_SOCKET="+notifySocket, fmt.Sprintf("WATCHDOG_USEC=%d", watchdogUSec))
	cmd, ready, ended := u.cmd, u.ready, u.ended
	if err := cmd.Start(); err != nil {
		u.cmd = nil
		u.mu.Unlock()
		return err
	}
	u.mu.Unlock()
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ready:
		return nil
	case err := <-ended:
		u.forget()
		return fmt.Errorf("the program ended before it was ready: %w\n%s", err, u.log.String())
	case <-time.After(startLimit):
		return fmt.Errorf("the program is not ready after %s\n%s", startLimit, u.log.String())
	}
}

// end waits until the program has ended. A supervisor that is alive looks after the
// watchdog between services; here it is put to sleep.
func (u *unit) end() error {
	select {
	case err := <-u.ended:
		u.forget()
		return errors.Join(err, u.disarm())
	case <-time.After(endLimit):
		return fmt.Errorf("the program runs on for %s", endLimit)
	}
}

// signal sends a signal to the program.
func (u *unit) signal(s syscall.Signal) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cmd == nil {
		return errors.New("the program does not run")
	}
	return u.cmd.Process.Signal(s)
}

func (u *unit) forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.cmd = nil
}

// armWatchdog arms the machine's watchdog: from now on the machine is reset unless
// the program says within so many seconds that it is well, and again and again.
func (u *unit) armWatchdog(seconds int) error {
	u.dogMu.Lock()
	defer u.dogMu.Unlock()
	if u.dog != nil {
		return errors.New("the watchdog is armed already")
	}
	f, err := os.OpenFile("/dev/watchdog", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := unix.IoctlSetPointerInt(int(f.Fd()), unix.WDIOC_SETTIMEOUT, seconds); err != nil {
		return errors.Join(fmt.Errorf("set the watchdog to %d s: %w", seconds, err), f.Close())
	}
	u.dog = f
	return nil
}

func (u *unit) feed() {
	u.dogMu.Lock()
	defer u.dogMu.Unlock()
	if u.dog != nil {
		u.dog.Write([]byte{0}) //nolint:errcheck // an unfed watchdog is seen
	}
}

// disarm tells the watchdog that the end of feeding is meant (a V, by the kernel's
// convention).
func (u *unit) disarm() error {
	u.dogMu.Lock()
	defer u.dogMu.Unlock()
	if u.dog == nil {
		return nil
	}
	_, err := u.dog.Write([]byte("V"))
	err = errors.Join(err, u.dog.Close())
	u.dog = nil
	return err
}

// buffer keeps what the program logs.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
