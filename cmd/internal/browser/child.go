package browser

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// child is a running browser: the first process of a group of its own, so that the
// compositor, the browser and its dozen helpers can be ended together.
type child struct {
	cmd   *exec.Cmd
	grace time.Duration
	ended chan struct{} // closed when the first process has ended
	err   error         // of the first process; to be read when ended is closed
}

func start(cmd *exec.Cmd, grace time.Duration) (*child, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = grace // where helpers hold on to the output
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the browser: %w", err)
	}
	c := &child{cmd: cmd, grace: grace, ended: make(chan struct{})}
	go func() {
		c.err = cmd.Wait()
		close(c.ended)
	}()
	return c, nil
}

// fate says how the first process ended.
func (c *child) fate() error {
	if c.err != nil {
		return fmt.Errorf("%s ended by itself: %w", filepath.Base(c.cmd.Path), c.err)
	}
	return fmt.Errorf("%s ended by itself", filepath.Base(c.cmd.Path))
}

// stop asks the group to end, waits for its first process, and ends by force what
// is left then.
func (c *child) stop() {
	if c.signal(syscall.SIGTERM) {
		select {
		case <-c.ended:
		case <-time.After(c.grace):
		}
	}
	c.signal(syscall.SIGKILL)
	<-c.ended
}

// signal sends a signal to the whole group; false where nobody is left in it.
func (c *child) signal(s syscall.Signal) bool {
	return !errors.Is(syscall.Kill(-c.cmd.Process.Pid, s), syscall.ESRCH)
}
