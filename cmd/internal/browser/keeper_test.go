package browser

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"redstation/cmd/internal/daemon"
)

// patience bounds every wait; the machine may be busy.
const patience = 60 * time.Second

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s never came", what)
		}
	}
}

// booth plays a booth: whether it answers, whether it is ready, how long ago the
// page lived.
type booth struct {
	*httptest.Server
	down, unready atomic.Bool
	beat          atomic.Pointer[time.Time] // of the page's last heartbeat; nil = never
	steady        atomic.Bool               // the page lives all the time
	asked         atomic.Int64              // how often for the page's age
}

func newBooth(t *testing.T) *booth {
	b := &booth{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case b.down.Load(), r.URL.Path == "/readyz" && b.unready.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/healthz":
			b.asked.Add(1)
			age := -1.0
			if at := b.beat.Load(); b.steady.Load() {
				age = 0
			} else if at != nil {
				age = time.Since(*at).Seconds()
			}
			fmt.Fprintf(w, `{"ok":true,"screen_seconds":%.3f}`, age)
		}
	}))
	t.Cleanup(b.Close)
	return b
}

// script writes a browser. It finds its folder in DIR; what every one does first is
// to tell its process, its profile and that it was started.
func script(t *testing.T, dir, then string) string {
	t.Helper()
	name := filepath.Join(dir, "chromium")
	text := "#!/bin/sh\nDIR=" + dir + "\necho \"$*\" >>$DIR/started\necho $$ >$DIR/pid\n" + then
	if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

// waiting is a browser that ends when it is asked to.
const waiting = "trap 'echo asked >$DIR/asked; exit' TERM\nwhile :; do sleep 0.02; done\n"

// keeper returns a keeper of that browser with short times, and its folder.
func keeper(t *testing.T, b *booth, then string) (*Keeper, string) {
	t.Helper()
	dir := t.TempDir()
	k, err := New(Config{URL: b.URL, Program: script(t, dir, then), Scratch: dir,
		Frozen: 600 * time.Millisecond, Settle: time.Millisecond, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	return k, dir
}

// run runs the keeper and returns how to end it.
func run(t *testing.T, k *Keeper, n *daemon.Notifier) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx, n) }()
	ended := false
	stop = func() {
		if ended {
			return
		}
		ended = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func read(name string) string {
	text, _ := os.ReadFile(name) // not there is nothing yet
	return string(text)
}

// starts returns the command lines of all starts.
func starts(dir string) []string {
	return strings.Split(strings.TrimSuffix(read(filepath.Join(dir, "started")), "\n"), "\n")
}

func started(dir string, n int) func() bool {
	return func() bool { return strings.Count(read(filepath.Join(dir, "started")), "\n") >= n }
}

// alive reports whether the process whose id the file holds runs.
func alive(name string) bool {
	pid, err := strconv.Atoi(strings.TrimSpace(read(name)))
	return err == nil && syscall.Kill(pid, 0) == nil
}

func TestItWaitsForTheBooth(t *testing.T) {
	b := newBooth(t)
	b.unready.Store(true)
	k, dir := keeper(t, b, waiting)
	run(t, k, daemon.NoNotifier())
	before := k.sign.at()
	eventually(t, "a wait for the booth", func() bool { return k.sign.at().After(before) })
	if started(dir, 1)() {
		t.Fatal("the browser was started before the booth was ready")
	}
	b.unready.Store(false)
	eventually(t, "a browser", started(dir, 1))
}

func TestABrowserThatEndsIsStartedWithAFreshProfile(t *testing.T) {
	k, dir := keeper(t, newBooth(t), "touch $HOME/dirt\nexit 3\n")
	run(t, k, daemon.NoNotifier())
	eventually(t, "a third browser", started(dir, 3))
	seen := map[string]bool{}
	for _, line := range starts(dir)[:3] {
		seen[line] = true
	}
	if len(seen) != 3 {
		t.Errorf("got %d different command lines of 3, want each to name a profile of its own", len(seen))
	}
}

func TestAFrozenPageGetsANewBrowserAndALivingOneKeepsIts(t *testing.T) {
	b := newBooth(t)
	b.steady.Store(true)
	k, dir := keeper(t, b, waiting)
	run(t, k, daemon.NoNotifier())
	eventually(t, "thirty looks at the page", func() bool { return b.asked.Load() >= 30 })
	if n := len(starts(dir)); n != 1 {
		t.Fatalf("got %d starts while the page lived, want 1", n)
	}
	b.steady.Store(false)
	eventually(t, "a second browser", started(dir, 2))
	if read(filepath.Join(dir, "asked")) == "" {
		t.Error("the frozen browser was not asked to end")
	}
}

func TestAHeartbeatFromBeforeTheStartDoesNotCount(t *testing.T) {
	b := newBooth(t)
	k, _ := keeper(t, b, waiting)
	k.c.Frozen = time.Hour
	k.sign.last = time.Time{}
	b.beat.Store(new(time.Now()))
	k.observe(t.Context(), time.Now().Add(time.Minute))
	if !k.sign.at().IsZero() {
		t.Error("the heartbeat of the browser before was taken for this one's")
	}
	k.observe(t.Context(), time.Now().Add(-time.Minute))
	if k.sign.at().IsZero() {
		t.Error("this browser's heartbeat was not noted")
	}
}

func TestABoothThatIsAwayIsNotTheBrowsersFault(t *testing.T) {
	b := newBooth(t)
	b.steady.Store(true)
	k, dir := keeper(t, b, waiting)
	run(t, k, daemon.NoNotifier())
	eventually(t, "a browser", started(dir, 1))
	b.down.Store(true)
	for range 5 {
		before := k.sign.at()
		eventually(t, "a look at a booth that is away", func() bool { return k.sign.at().After(before) })
	}
	if n := len(starts(dir)); n != 1 {
		t.Errorf("got %d starts, want the page left standing", n)
	}
}

// supervisor plays systemd: it counts what it is told.
type supervisor struct {
	mu    sync.Mutex
	heard map[string]int
}

func (s *supervisor) count(message string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard[message]
}

// supervise returns a supervisor and a notifier that tells it, with meals for the
// watchdog every 20 ms.
func supervise(t *testing.T) (*supervisor, *daemon.Notifier) {
	socket := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	s := &supervisor{heard: map[string]int{}}
	go func() {
		for text := make([]byte, 200); ; {
			n, err := c.Read(text)
			if err != nil {
				return
			}
			s.mu.Lock()
			s.heard[string(text[:n])]++
			s.mu.Unlock()
		}
	}()
	env := map[string]string{"NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "80000"}
	return s, daemon.NewNotifier(func(name string) string { return env[name] }, 1, slog.New(slog.DiscardHandler))
}

func TestTheWatchdogIsFedOnlyWhileThePageLives(t *testing.T) {
	s, n := supervise(t)
	b := newBooth(t)
	b.steady.Store(true)
	k, dir := keeper(t, b, waiting)
	run(t, k, n)
	fed := func() int { return s.count("WATCHDOG=1") }
	eventually(t, "readiness", func() bool { return s.count("READY=1") == 1 })
	eventually(t, "word of the page", func() bool { return s.count("STATUS=showing "+b.URL) == 1 })
	eventually(t, "ten meals", func() bool { return fed() >= 10 })

	b.steady.Store(false)
	eventually(t, "a page that has been silent for too long", func() bool { return k.health(t.Context()) != nil })
	eventually(t, "other browsers", started(dir, 3)) // and the last meal is long over
	before := fed()
	eventually(t, "browsers that do not help", started(dir, 5))
	if after := fed(); after != before {
		t.Errorf("the watchdog was fed %d times without a living page", after-before)
	}

	b.steady.Store(true)
	eventually(t, "a meal, once a page lives again", func() bool { return fed() > before })
}

func TestStoppingEndsTheBrowserAndItsHelpers(t *testing.T) {
	for _, tt := range []struct{ name, then string }{
		{"one that ends when asked", "sleep 1000 & echo $! >$DIR/helper\n" + waiting},
		{"one that does not listen", "trap '' TERM\nsleep 1000 & echo $! >$DIR/helper\nwhile :; do sleep 0.02; done\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, dir := keeper(t, newBooth(t), tt.then)
			k.end = 300 * time.Millisecond
			k.c.Frozen = time.Hour
			stop := run(t, k, daemon.NoNotifier())
			helper := filepath.Join(dir, "helper")
			eventually(t, "a helper", func() bool { return alive(helper) })
			stop()
			for _, name := range []string{helper, filepath.Join(dir, "pid")} {
				eventually(t, "the end of "+filepath.Base(name), func() bool { return !alive(name) })
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "browser-*")); len(left) > 0 {
				t.Errorf("got profile %s left behind, want none", left)
			}
		})
	}
}
