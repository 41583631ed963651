package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
	"redstation/sync/hub"
)

// fleetHub is the hub of a fleet: one process or several over one database, so that
// time and memory are the hub's own, or one that runs already and is only tended.
type fleetHub struct {
	dir     string // data folder of the first
	db      string
	url     string // where booths and pullers reach it
	n       int    // processes
	log     *slog.Logger
	version daemon.Version

	own    bool
	hubs   []*hubProcess
	front  *front    // nil where there is one process
	tended *hubd.Hub // beside the processes: invites and makes tokens
	peek   string    // token that reads the hubs' figures
	kills  kills
}

// start runs the hub if it is the fleet's own, and opens its store beside it.
func (h *fleetHub) start(ctx context.Context, own bool) error {
	if h.own = own; own {
		if err := h.run(ctx); err != nil {
			return errors.Join(err, h.stop())
		}
	}
	var err error
	h.tended, err = hubd.Tend(ctx, hubd.Config{Data: h.dir, DB: h.db, URL: h.url, Log: h.log, Version: h.version})
	if err != nil {
		return errors.Join(err, h.stop())
	}
	return nil
}

// run starts the processes, the first one first: it makes the keys, which the others
// share, and the tables.
func (h *fleetHub) run(ctx context.Context) error {
	for i := range h.n {
		p := &hubProcess{dir: h.dir, db: h.db, addr: "127.0.0.1:0"}
		if i > 0 {
			p.dir = fmt.Sprintf("%s-%d", h.dir, i+1)
			if err := copyKeys(h.dir, p.dir); err != nil {
				return err
			}
		}
		h.hubs = append(h.hubs, p)
		if err := p.run(ctx); err != nil {
			return err
		}
	}
	h.url = "http://" + h.hubs[0].addr
	if h.n == 1 {
		return nil
	}
	var backends []string
	for _, p := range h.hubs {
		backends = append(backends, p.addr)
	}
	var err error
	if h.front, err = openFront(backends); err == nil {
		h.url = h.front.url()
	}
	return err
}

// copyKeys gives another hub the keys of the first.
func copyKeys(from, to string) error {
	keys, err := filepath.Glob(filepath.Join(from, "*.key"))
	if err == nil {
		err = os.MkdirAll(to, 0o700)
	}
	for _, key := range keys {
		var b []byte
		if b, err = os.ReadFile(key); err == nil {
			err = os.WriteFile(filepath.Join(to, filepath.Base(key)), b, 0o600)
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("copy the hub's keys: %w", err)
	}
	return nil
}

// restart closes the store and starts the processes anew at their addresses.
func (h *fleetHub) restart(ctx context.Context) error {
	if err := h.untend(); err != nil {
		return err
	}
	for _, p := range h.hubs {
		if err := p.end(); err != nil {
			return err
		}
		p.cpu, p.memory = 0, 0
		if err := p.run(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (h *fleetHub) untend() (err error) {
	if h.tended != nil {
		err = h.tended.Close()
		h.tended = nil
	}
	return err
}

// stop closes the store and ends the processes. It may be called again.
func (h *fleetHub) stop() error {
	errs := []error{h.kills.calm(), h.untend()}
	for _, p := range h.hubs {
		errs = append(errs, p.end())
	}
	if h.front != nil {
		errs = append(errs, h.front.close())
		h.front = nil
	}
	return errors.Join(errs...)
}

// cpu and memory are what the processes took: together, and the largest at most.
func (h *fleetHub) cpu() (sum time.Duration) {
	for _, p := range h.hubs {
		sum += p.cpu
	}
	return sum
}

func (h *fleetHub) memory() (most int64) {
	for _, p := range h.hubs {
		most = max(most, p.memory)
	}
	return most
}

// urls are where each process is reached by itself.
func (h *fleetHub) urls() (all []string) {
	for _, p := range h.hubs {
		all = append(all, "http://"+p.addr)
	}
	if !h.own {
		return []string{h.url}
	}
	return all
}

func (h *fleetHub) invite(ctx context.Context, booth string) (string, error) {
	return h.tended.CreateEnrolment(ctx, booth, booth, h.url)
}

// token makes one for the puller, and one for the figures.
func (h *fleetHub) token(ctx context.Context) (string, error) {
	name := "fleet-" + time.Now().UTC().Format("20060102T150405.000")
	var err error
	if h.peek, err = h.tended.CreateGrant(ctx, name+"-figures", hub.Grant{Scope: hub.ScopeMetrics}); err != nil {
		return "", err
	}
	return h.tended.CreateToken(ctx, name)
}

// kills ends hubs in turn, as a power cut would, and starts them again.
type kills struct {
	stop context.CancelFunc
	run  sync.WaitGroup
	n    int
	err  error
}

// begin kills one of the hubs each time that every has passed: all but the first in
// turn, or the only one. Half of the time later it is started again.
func (k *kills) begin(ctx context.Context, hubs []*hubProcess, every time.Duration) {
	if len(hubs) > 1 {
		hubs = hubs[1:]
	}
	ctx, k.stop = context.WithCancel(ctx)
	k.run.Go(func() {
		for {
			if !sleep(ctx, every/2) {
				return
			}
			p := hubs[k.n%len(hubs)]
			k.n++
			k.err = p.kill()
			sleep(ctx, every/2)
			if k.err == nil {
				k.err = p.run(context.WithoutCancel(ctx))
			}
			if k.err != nil {
				return
			}
		}
	})
}

// calm lets no further hub be killed and waits until all run.
func (k *kills) calm() error {
	if k.stop == nil {
		return nil
	}
	k.stop()
	k.run.Wait()
	return k.err
}

// sleep reports false where ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
