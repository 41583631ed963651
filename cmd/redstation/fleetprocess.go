package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"redstation/cmd/internal/daemon"
)

// hubProcess is a hub of a fleet, as a process of its own.
type hubProcess struct {
	dir, db string
	addr    string // HOST:PORT; port 0 is the system's choice, which is kept

	cmd    *exec.Cmd
	said   strings.Builder
	cpu    time.Duration // of those that have ended
	memory int64         // bytes, of any of them at most
}

// run starts the process and waits until it serves.
func (p *hubProcess) run(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return fmt.Errorf("make the hub's folder: %w", err)
	}
	at := filepath.Join(p.dir, "url")
	if err := os.Remove(at); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("start the hub: %w", err)
	}
	args := []string{"hub", "--data", p.dir, "--addr", p.addr, "--log-level", "error"}
	if p.db != "" {
		args = append(args, "--db", p.db)
	}
	p.cmd = exec.CommandContext(ctx, self, args...)
	p.cmd.Args[0] = "redstation"
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(os.Interrupt) }
	p.cmd.WaitDelay = 10 * time.Second
	p.said.Reset()
	p.cmd.Stderr = &p.said
	if err := p.cmd.Start(); err != nil {
		p.cmd = nil
		return fmt.Errorf("start the hub: %w", err)
	}
	return p.await(ctx, at)
}

// await waits until the hub serves. It writes its address into a file.
func (p *hubProcess) await(ctx context.Context, at string) error {
	for range 1500 {
		if text, err := os.ReadFile(at); err == nil && len(text) > 0 {
			url := strings.TrimSpace(string(text))
			if _, err := daemon.Probe(ctx, url+"/healthz"); err == nil {
				p.addr = strings.TrimPrefix(url, "http://")
				return nil
			}
		}
		if err := p.cmd.Process.Signal(syscall.Signal(0)); err != nil || ctx.Err() != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	err := p.end()
	if said := strings.TrimSpace(p.said.String()); said != "" || err == nil {
		err = fmt.Errorf("the hub does not serve: %s", said)
	}
	return err
}

// end ends the process in order, if it runs.
func (p *hubProcess) end() error {
	if p.cmd == nil {
		return nil
	}
	p.cmd.Process.Signal(os.Interrupt) //nolint:errcheck // it may have ended
	if err := p.wait(); err != nil {
		return fmt.Errorf("the hub ended: %w: %s", err, strings.TrimSpace(p.said.String()))
	}
	return nil
}

// kill ends the process without a word. What it says of that is not an error.
func (p *hubProcess) kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("the hub ended before it was killed: %w: %s", err, strings.TrimSpace(p.said.String()))
	}
	p.wait() //nolint:errcheck // killed
	return nil
}

// wait waits for the end of the process and notes what it took.
func (p *hubProcess) wait() error {
	cmd := p.cmd
	p.cmd = nil
	err := cmd.Wait()
	p.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	p.memory = max(p.memory, maxMemory(cmd.ProcessState))
	return err
}
