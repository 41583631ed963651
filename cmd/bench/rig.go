package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// rig builds the program and runs it, and the references, as processes of their own.
type rig struct {
	options
	dir      string // everything that is made here, gone afterwards
	load     time.Duration
	binary   string
	db       string // DSN of the hub's store; "" = SQLite in its folder
	running  []*process
	enrolled bool
}

type process struct {
	cmd *exec.Cmd
	url string
	err *bytes.Buffer
}

func (r *rig) build(ctx context.Context) error {
	r.binary = filepath.Join(r.dir, "redstation")
	return r.goBuild(ctx, r.binary, "./cmd/redstation", runtime.GOARCH)
}

func (r *rig) goBuild(ctx context.Context, out, pkg, arch string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if b, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, b)
	}
	return nil
}

// freeAddr returns a loopback address that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// stay is a client that follows no redirect.
var stay = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// launch starts a program that serves addr, and waits until path answers.
func (r *rig) launch(ctx context.Context, addr, path string, name string, args ...string) (*process, time.Duration, error) {
	p := &process{url: "http://" + addr, err: &bytes.Buffer{}}
	p.cmd = exec.CommandContext(ctx, name, args...)
	p.cmd.Stderr = p.err
	begin := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, 0, err
	}
	r.running = append(r.running, p)
	for time.Since(begin) < 20*time.Second {
		resp, err := stay.Get(p.url + path)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err == nil && resp.StatusCode < 500 {
				return p, time.Since(begin), nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil, 0, fmt.Errorf("%s does not answer: %s", name, p.err)
}

// stop ends a process in order and waits for it.
func (r *rig) stop(p *process) error {
	for i, have := range r.running {
		if have == p {
			r.running = append(r.running[:i], r.running[i+1:]...)
		}
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- p.cmd.Wait() }()
	select {
	case <-done:
		return nil
	case <-time.After(20 * time.Second):
		return errors.Join(fmt.Errorf("%s did not stop: %s", p.cmd.Path, p.err), p.cmd.Process.Kill())
	}
}

func (r *rig) stopAll() {
	for len(r.running) > 0 {
		if err := r.stop(r.running[0]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	}
}

// resident returns a process's resident memory in megabytes.
func (p *process) resident() (float64, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024, err
		}
	}
	return 0, errors.New("no VmRSS")
}

// reference starts one of the bare programs.
func (r *rig) reference(ctx context.Context, kind, path string) (*process, time.Duration, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, 0, err
	}
	dir, err := os.MkdirTemp(r.dir, kind+"-")
	if err != nil {
		return nil, 0, err
	}
	if kind == "page" {
		if err := os.Link(filepath.Join(r.dir, "page"), filepath.Join(dir, "page")); err != nil {
			return nil, 0, err
		}
	}
	if kind == "list" {
		dir = r.hubDir()
	}
	if kind == "pgreceiver" {
		if err := os.WriteFile(filepath.Join(dir, "dsn"), []byte(r.db), 0o600); err != nil {
			return nil, 0, err
		}
	}
	return r.launch(ctx, addr, path, self, "-child", kind, "-addr", addr, "-dir", dir)
}

// serveChild is this program as one of its references.
func serveChild(ctx context.Context, o options) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	term := make(chan os.Signal, 1)
	notifyTerm(term)
	go func() { <-term; stop() }()
	l, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	serve := map[string]func(context.Context, net.Listener, string) error{
		"requests": serveBareRequests, "page": serveBytes, "receiver": serveBareReceiver, "pgreceiver": servePostgresReceiver, "list": serveBareList}[o.child]
	if serve == nil {
		return fmt.Errorf("no reference is called %q", o.child)
	}
	if err := serve(ctx, l, o.dir); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
