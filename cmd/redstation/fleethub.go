package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
)

// fleetHub is the hub of a fleet: a process of its own, so that its time and memory
// are its own, or one that runs already and is only tended.
type fleetHub struct {
	dir     string // its data folder
	db      string
	url     string
	log     *slog.Logger
	version daemon.Version

	own    bool
	cmd    *exec.Cmd
	tended *hubd.Hub // beside the process: invites and makes the token
	cpu    time.Duration
	memory int64 // bytes, at most
}

// start runs the hub if it is the fleet's own, and opens its store beside it.
func (h *fleetHub) start(ctx context.Context, own bool) error {
	if h.own = own; own {
		if err := h.run(ctx, "127.0.0.1:0"); err != nil {
			return err
		}
	}
	var err error
	h.tended, err = hubd.Tend(ctx, hubd.Config{Data: h.dir, DB: h.db, URL: h.url, Log: h.log, Version: h.version})
	if err != nil {
		return errors.Join(err, h.stop())
	}
	return nil
}

// run starts the process and waits until it serves.
func (h *fleetHub) run(ctx context.Context, addr string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if err := os.MkdirAll(h.dir, 0o700); err != nil {
		return fmt.Errorf("make the hub's folder: %w", err)
	}
	at := filepath.Join(h.dir, "url")
	if err := os.Remove(at); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("start the hub: %w", err)
	}
	args := []string{"hub", "--data", h.dir, "--addr", addr, "--log-level", "error"}
	if h.db != "" {
		args = append(args, "--db", h.db)
	}
	h.cmd = exec.CommandContext(ctx, self, args...)
	h.cmd.Args[0] = "redstation"
	h.cmd.Cancel = func() error { return h.cmd.Process.Signal(os.Interrupt) }
	h.cmd.WaitDelay = 10 * time.Second
	var said strings.Builder
	h.cmd.Stderr = &said
	if err := h.cmd.Start(); err != nil {
		return fmt.Errorf("start the hub: %w", err)
	}
	for range 1000 {
		if text, err := os.ReadFile(at); err == nil && len(text) > 0 {
			h.url = strings.TrimSpace(string(text))
			if _, err := daemon.Probe(ctx, h.url+"/healthz"); err == nil {
				return nil
			}
		}
		if err := h.cmd.Process.Signal(syscall.Signal(0)); err != nil || ctx.Err() != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.Join(fmt.Errorf("the hub does not serve: %s", strings.TrimSpace(said.String())), h.stop())
}

// restart closes the store and starts the process anew at its address.
func (h *fleetHub) restart(ctx context.Context) error {
	if err := h.stop(); err != nil || !h.own {
		return err
	}
	return h.run(ctx, strings.TrimPrefix(h.url, "http://"))
}

// end stops the process and notes what it took.
func (h *fleetHub) end() error {
	if h.cmd == nil {
		return nil
	}
	cmd := h.cmd
	h.cmd = nil
	cmd.Process.Signal(os.Interrupt) //nolint:errcheck // it may have ended
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("the hub ended: %w: %s", err, strings.TrimSpace(fmt.Sprint(cmd.Stderr)))
	}
	h.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	h.memory = maxMemory(cmd.ProcessState)
	return nil
}

// stop closes the store and ends the process. It may be called again.
func (h *fleetHub) stop() error {
	var err error
	if h.tended != nil {
		err = h.tended.Close()
		h.tended = nil
	}
	return errors.Join(err, h.end())
}

func (h *fleetHub) invite(ctx context.Context, booth string) (string, error) {
	return h.tended.CreateEnrolment(ctx, booth, booth, h.url)
}

// token makes one for the puller.
func (h *fleetHub) token(ctx context.Context) (string, error) {
	return h.tended.CreateToken(ctx, "fleet-"+time.Now().UTC().Format("20060102T150405.000"))
}
