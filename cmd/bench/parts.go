package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/sqlite"
)

func notifyTerm(c chan<- os.Signal) { signal.Notify(c, syscall.SIGTERM) }

func (r *rig) boothDir() string { return filepath.Join(r.dir, "booth") }
func (r *rig) hubDir() string   { return filepath.Join(r.dir, "hub") }

// hub starts the hub.
func (r *rig) hub(ctx context.Context, addr string) (*process, error) {
	p, _, err := r.launch(ctx, addr, "/healthz", r.binary, "hub", "--data", r.hubDir(), "--db", r.db, "--addr", addr, "--log-level", "error")
	return p, err
}

// booth starts the booth, enrolled at a hub that is gone by now.
func (r *rig) booth(ctx context.Context) (*process, time.Duration, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, 0, err
	}
	args := []string{"booth", "--data", r.boothDir(), "--addr", addr, "--printer", "none:", "--door", "none:", "--setup", "never", "--log-level", "error"}
	if r.enrolled {
		return r.launch(ctx, addr, "/", r.binary, args...)
	}
	hubAddr, err := freeAddr()
	if err != nil {
		return nil, 0, err
	}
	hub, err := r.hub(ctx, hubAddr)
	if err != nil {
		return nil, 0, err
	}
	out, err := exec.CommandContext(ctx, r.binary, "hub", "enrol", "--data", r.hubDir(), "--db", r.db, "--booth", "07", "--name", "北山街道").Output()
	if err != nil {
		return nil, 0, fmt.Errorf("enrol: %w", err)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	p, _, err := r.launch(ctx, addr, "/", r.binary, append(args, "--enrol", strings.TrimSpace(line))...)
	if err != nil {
		return nil, 0, err
	}
	r.enrolled = true
	if err := r.stop(p); err != nil {
		return nil, 0, err
	}
	if err := r.stop(hub); err != nil {
		return nil, 0, err
	}
	return r.booth(ctx)
}

// start measures the way from the program's start to the first page, and the
// memory of a booth at rest.
func (r *rig) start(ctx context.Context) error {
	if err := os.WriteFile(filepath.Join(r.dir, "page"), []byte("<!doctype html>"), 0o600); err != nil {
		return err
	}
	best := map[string]time.Duration{"ours": time.Hour, "reference": time.Hour}
	var memory, bare float64
	for range 5 {
		p, took, err := r.booth(ctx)
		if err != nil {
			return err
		}
		best["ours"] = min(best["ours"], took)
		time.Sleep(2 * time.Second)
		if memory, err = p.resident(); err != nil {
			return err
		}
		if err := r.stop(p); err != nil {
			return err
		}
		q, took, err := r.reference(ctx, "requests", "/")
		if err != nil {
			return err
		}
		best["reference"] = min(best["reference"], took)
		if bare, err = q.resident(); err != nil {
			return err
		}
		if err := r.stop(q); err != nil {
			return err
		}
	}
	row("start to first page (best of 5)", "ms", best["ours"].Seconds()*1000, best["reference"].Seconds()*1000, false)
	row("resident memory at idle", "MB", memory, bare, false)
	return os.Remove(filepath.Join(r.dir, "page"))
}

// requests measures the final POST of a form, committed with FULL.
func (r *rig) requests(ctx context.Context) error {
	p, _, err := r.booth(ctx)
	if err != nil {
		return err
	}
	q, _, err := r.reference(ctx, "requests", "/")
	if err != nil {
		return err
	}
	form := url.Values{"check": {"1"}, "at": {"check"}, "a.category": {"lighting"}, "a.place": {"beishan"}, "d.place": {"三号楼二单元"},
		"a.matter": {"灯不亮了。已经好几天了。"}, "a.consent": {"yes"}, "a.name": {"王女士"}, "a.phone": {"13843215678"}}.Encode()
	post := func(to string) ask {
		return func() (string, string, []byte) {
			return http.MethodPost, to, []byte("key=" + kiosk.RandomID().String() + "&" + form)
		}
	}
	for _, clients := range []int{1, 8, 64} {
		ours, err := run(ctx, clients, r.load, http.StatusSeeOther, post(p.url+"/s/3.1/submit"), nil)
		if err != nil {
			return err
		}
		bare, err := run(ctx, clients, r.load, http.StatusSeeOther, post(q.url+"/s/3.1/submit"), nil)
		if err != nil {
			return err
		}
		row(fmt.Sprintf("committed requests, %d clients", clients), "/s", ours.perSecond, bare.perSecond, true)
		row(fmt.Sprintf("  p99 with %d clients", clients), "ms", ours.p99.Seconds()*1000, bare.p99.Seconds()*1000, false)
	}
	r.stopAll()
	return nil
}

// page measures the home page against the same bytes from memory.
func (r *rig) page(ctx context.Context) error {
	p, _, err := r.booth(ctx)
	if err != nil {
		return err
	}
	resp, err := http.Get(p.url + "/")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.dir, "page"), body, 0o600); err != nil {
		return err
	}
	q, _, err := r.reference(ctx, "page", "/")
	if err != nil {
		return err
	}
	defer r.stopAll()
	return r.compare(ctx, fmt.Sprintf("home page (%d kB)", len(body)/1000), p.url+"/", q.url+"/", nil)
}

// compare measures two pages in turn, three times each, and prints the best.
func (r *rig) compare(ctx context.Context, what, ours, bare string, header http.Header) error {
	get := func(to string) ask { return func() (string, string, []byte) { return http.MethodGet, to, nil } }
	var a, b load
	for range 3 {
		x, err := run(ctx, 8, r.load/2, http.StatusOK, get(ours), header)
		if err != nil {
			return err
		}
		y, err := run(ctx, 8, r.load/2, http.StatusOK, get(bare), nil)
		if err != nil {
			return err
		}
		if x.perSecond > a.perSecond {
			a = x
		}
		if y.perSecond > b.perSecond {
			b = y
		}
	}
	row(what, "/s", a.perSecond, b.perSecond, true)
	row("  p99 with 8 clients", "ms", a.p99.Seconds()*1000, b.p99.Seconds()*1000, false)
	return nil
}

// fill writes records into the booth's book: door events, tickets, and one
// request in ten.
func (r *rig) fill(ctx context.Context) error {
	p, _, err := r.booth(ctx) // enrols it
	if err != nil {
		return err
	}
	if err := r.stop(p); err != nil {
		return err
	}
	book, err := sqlite.Open(ctx, r.boothDir(), wallClock{}, sqlite.Opts{})
	if err != nil {
		return err
	}
	defer book.Close()
	return fillBook(ctx, book, r.rows)
}

// size measures the program for a Raspberry Pi, beside this one, which holds the
// same libraries and nothing else.
func (r *rig) size(ctx context.Context) error {
	var mb [2]float64
	for i, pkg := range []string{"./cmd/redstation", "./cmd/bench"} {
		out := filepath.Join(r.dir, "arm64")
		if err := r.goBuild(ctx, out, pkg, "arm64"); err != nil {
			return err
		}
		info, err := os.Stat(out)
		if err != nil {
			return err
		}
		mb[i] = float64(info.Size()) / 1e6
	}
	row("program for linux/arm64", "MB", mb[0], mb[1], false)
	return nil
}
