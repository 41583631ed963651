package daemon

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

func TestVersion(t *testing.T) {
	info := &debug.BuildInfo{Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.time", Value: "2026-12-01T08:00:00Z"}}}
	for _, tt := range []struct {
		name           string
		version, built string
		info           *debug.BuildInfo
		want           Version
	}{
		{"the linker's stamp comes first", "v1.2.0", "2026-12-24T20:00:00+08:00", info,
			Version{"v1.2.0", time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC)}},
		{"without it the checkout speaks", "", "", info,
			Version{"0123456789ab", time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)}},
		{"without either it is a build of unknown age", "", "", nil, Version{"devel", floor}},
		{"a broken stamp is no stamp", "", "yesterday", &debug.BuildInfo{}, Version{"devel", floor}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := readVersion(tt.version, tt.built, tt.info); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestLoggerWritesJSONWhereNobodyReadsAlong(t *testing.T) {
	var b bytes.Buffer
	log := Logger(&b, slog.LevelWarn)
	log.Info("not shown")
	log.Warn("booth opened", slog.String("booth", "07"))
	if got := b.String(); !strings.HasPrefix(got, `{"time":`) || strings.Count(got, "\n") != 1 {
		t.Errorf("got %q, want one line of JSON", got)
	}
}

// listen returns a socket that plays systemd, and its path.
func listen(t *testing.T) (*net.UnixConn, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, path
}

func receive(t *testing.T, c *net.UnixConn) string {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(5 * time.Second))
	b := make([]byte, 100)
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

func env(m map[string]string) func(string) string { return func(k string) string { return m[k] } }

func TestNotifierTellsSystemd(t *testing.T) {
	c, path := listen(t)
	n := NewNotifier(env(map[string]string{"NOTIFY_SOCKET": path}), 7, slog.New(slog.DiscardHandler))
	n.Ready()
	n.Status("waiting for a display")
	n.Stopping()
	for _, want := range []string{"READY=1", "STATUS=waiting for a display", "STOPPING=1"} {
		if got := receive(t, c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNotifierFeedsTheWatchdogOnlyWhileHealthy(t *testing.T) {
	c, path := listen(t)
	n := NewNotifier(env(map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "7"}), 7,
		slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	done := make(chan error)
	go func() {
		done <- n.Run(ctx, func(context.Context) error {
			if calls++; calls > 2 {
				cancel()
				return errors.New("the book does not answer")
			}
			return nil
		})
	}()
	receive(t, c)
	receive(t, c)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := c.Read(make([]byte, 100)); err == nil {
		t.Errorf("got a third message of %d bytes, want silence", n)
	}
}

func TestNotifierIsSilentOutsideSystemd(t *testing.T) {
	for _, m := range []map[string]string{
		nil,
		{"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "8"},
	} {
		n := NewNotifier(env(m), 7, slog.New(slog.DiscardHandler))
		n.Ready()
		if err := n.Run(t.Context(), nil); err != nil {
			t.Error(err)
		}
	}
}

func TestASupervisorThatDoesNotReadHoldsNobodyUp(t *testing.T) {
	_, path := listen(t)
	var log bytes.Buffer
	n := NewNotifier(env(map[string]string{"NOTIFY_SOCKET": path}), 7, slog.New(slog.NewTextHandler(&log, nil)))
	for range 10_000 { // more than any socket holds
		if n.Ready(); log.Len() > 0 {
			return
		}
	}
	t.Error("got no complaint, want one about a full socket")
}
