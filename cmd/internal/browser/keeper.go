package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"redstation/cmd/internal/daemon"
)

// Config says what to show and with which programs. URL and Program are required.
type Config struct {
	URL      string        // of the booth: scheme, host and port; its home page is shown
	Program  string        // the browser: a path, or a name in PATH
	Args     []string      // further switches of the browser
	Cage     string        // the compositor that the browser runs in; "" = there is a desktop already
	Displays string        // with Cage: folder of the kernel's connectors; "" = /sys/class/drm
	Scratch  string        // folder for throw-away profiles; "" = the system's for temporary files
	Frozen   time.Duration // a page that is silent for so long is dead; 0 = 60 s
	Settle   time.Duration // between a connected display or an ended browser and the next start; 0 = 4 s
	Log      *slog.Logger  // nil = none
	Out      io.Writer     // what the browser itself has to say; nil = thrown away
}

// Defaults. Drivers of the Pi's connectors need the pause: a compositor that starts
// in the moment when the last one ended may draw on nothing.
const (
	defaultDisplays = "/sys/class/drm"
	defaultFrozen   = time.Minute
	defaultSettle   = 4 * time.Second
	maxPause        = time.Minute
)

// Keeper keeps one browser.
type Keeper struct {
	c    Config
	look time.Duration // between two looks at the page
	end  time.Duration // how long a browser may take to end when asked
	sign sign
}

// New checks what a person may have mistyped. The errors are one line each that
// says what to do.
func New(c Config) (*Keeper, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("--url %q is no address of a booth: write one like http://127.0.0.1:8080", c.URL)
	}
	c.URL = u.Scheme + "://" + u.Host
	if c.Program, err = find(c.Program); err != nil {
		return nil, fmt.Errorf("browser %w: apt install chromium, or name another with --browser", err)
	}
	if c.Cage != "" {
		if c.Cage, err = find(c.Cage); err != nil {
			return nil, fmt.Errorf("compositor %w: apt install cage xwayland, or name another with --cage", err)
		}
	}
	if c.Displays == "" {
		c.Displays = defaultDisplays
	}
	if c.Frozen <= 0 {
		c.Frozen = defaultFrozen
	}
	if c.Settle <= 0 {
		c.Settle = defaultSettle
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Keeper{c: c, look: c.Frozen / 12, end: 5 * time.Second, sign: sign{last: time.Now()}}, nil
}

// find returns the path of a program.
func find(name string) (string, error) {
	path, err := exec.LookPath(name)
	if e, ok := errors.AsType[*exec.Error](err); ok {
		err = e.Err
	}
	if errors.Is(err, os.ErrPermission) {
		return "", fmt.Errorf("%s may not be run by this user", name)
	}
	if err != nil {
		return "", fmt.Errorf("%s is not there", name)
	}
	return path, nil
}

// Run keeps the browser until ctx ends; then the browser and all its processes have
// ended. n hears at once that the service is ready: what it waits for may be hours
// away, and the machine's start shall not wait with it.
func (k *Keeper) Run(ctx context.Context, n *daemon.Notifier) error {
	k.sign.note(time.Now())
	n.Ready()
	context.AfterFunc(ctx, n.Stopping)
	return daemon.Together(ctx,
		func(ctx context.Context) error { return k.keep(ctx, n) },
		func(ctx context.Context) error { return n.Run(ctx, k.health) },
	)
}

// keep starts the browser again and again. Where none lives for long, the pauses
// grow, so that a broken installation does not wear out the machine.
func (k *Keeper) keep(ctx context.Context, n *daemon.Notifier) error {
	for pause := k.c.Settle; ; {
		if !k.await(ctx, n) || !rest(ctx, pause) {
			return nil
		}
		n.Status("showing " + k.c.URL)
		lived, err := k.show(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if lived {
			pause = k.c.Settle
		} else {
			pause = min(2*pause, max(maxPause, k.c.Settle))
		}
		k.c.Log.WarnContext(ctx, "browser ended", slog.Any("err", err), slog.String("again_in", pause.String()))
		n.Status("starting the browser again: " + strings.ReplaceAll(err.Error(), "\n", " "))
	}
}

// show runs one browser until it ends, freezes or ctx ends. It reports whether its
// page ever lived, and why it ended.
func (k *Keeper) show(ctx context.Context) (lived bool, err error) {
	dir, err := os.MkdirTemp(k.c.Scratch, "browser-")
	if err != nil {
		return false, fmt.Errorf("make a profile: %w", err)
	}
	defer os.RemoveAll(dir)
	started := time.Now()
	c, err := start(k.command(dir), k.end)
	if err != nil {
		return false, err
	}
	defer c.stop()
	k.c.Log.InfoContext(ctx, "browser started")
	t := time.NewTicker(k.look)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return lived, nil
		case <-c.ended:
			return lived, c.fate()
		case <-t.C:
		}
		k.observe(ctx, started)
		last := k.sign.at()
		lived = lived || last.After(started)
		if silent := time.Since(latest(last, started)); silent > k.c.Frozen {
			return lived, fmt.Errorf("the page has been silent for %s", silent.Round(time.Second))
		}
	}
}

// rest pauses; false when ctx ended.
func rest(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
