package boothd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/kiosk"
)

// openBooth opens a booth and serves its screen, but runs no other loop.
func openBooth(t *testing.T) *Booth {
	t.Helper()
	b, err := Open(t.Context(), Config{Data: filepath.Join(t.TempDir(), "data"), Addr: "127.0.0.1:0", Printer: "sim:"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); b.serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-done
		b.Close()
	})
	return b
}

// fed asks the booth for its health as the watchdog's loop does, three times, and
// returns how often systemd heard that it is well, and the last finding.
func fed(t *testing.T, b *Booth) (beats int, finding error) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	env := map[string]string{"NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "40000"}
	n := daemon.NewNotifier(func(k string) string { return env[k] }, 1, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked := 0
	if err := n.Run(ctx, func(context.Context) error {
		if asked++; asked == 3 {
			cancel()
		}
		finding = b.health(t.Context())
		return finding
	}); err != nil {
		t.Fatal(err)
	}
	for { // what was sent lies in the socket already
		c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		text := make([]byte, 100)
		n, err := c.Read(text)
		if err != nil {
			return beats, finding
		}
		if got := string(text[:n]); got != "WATCHDOG=1" {
			t.Errorf("got %q, want WATCHDOG=1", got)
		}
		beats++
	}
}

func TestAHealthyBoothFeedsTheWatchdog(t *testing.T) {
	if got, err := fed(t, openBooth(t)); got != 3 || err != nil {
		t.Errorf("got %d beats and %v, want 3 and none", got, err)
	}
}

func TestEachPartThatFailsStopsTheFeeding(t *testing.T) {
	for _, tt := range []struct {
		name string
		fail func(*Booth) error
		want string
	}{
		{"the book", func(b *Booth) error { return b.book.Close() }, "the book does not answer"},
		{"the listener", func(b *Booth) error { return b.listener.Close() }, "the screen does not answer"},
		{"the printer's loop", func(b *Booth) error {
			b.pulse.mu.Lock()
			defer b.pulse.mu.Unlock()
			b.pulse.asked = b.pulse.asked.Add(-idleLimit - time.Second)
			return nil
		}, "the printer's loop has been silent for 1m"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := openBooth(t)
			if err := b.health(t.Context()); err != nil {
				t.Fatalf("before: %v", err)
			}
			if err := tt.fail(b); err != nil {
				t.Fatal(err)
			}
			got, err := fed(t, b)
			if got != 0 || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %d beats and %v, want none and %q", got, err, tt.want)
			}
		})
	}
}

// stuckPrinter comes back from a call only when it is let go. One that talks still
// says how it is.
type stuckPrinter struct {
	free  chan struct{}
	talks bool
}

func (p stuckPrinter) Print(context.Context, kiosk.Receipt) error {
	<-p.free
	return errors.New("let go")
}

func (p stuckPrinter) State(context.Context) kiosk.PrinterState {
	if !p.talks {
		<-p.free
	}
	return kiosk.PrinterReady
}

func TestThePrintersLoopHasLegalTimes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		talks bool
		call  func(*pulse)
		limit time.Duration
	}{
		{"nothing is asked", true, func(*pulse) {}, idleLimit},
		{"a state does not come", false, func(p *pulse) { p.State(t.Context()) }, idleLimit},
		{"a receipt takes long", true, func(p *pulse) {
			go p.Print(t.Context(), kiosk.Receipt{}) //nolint:errcheck // it is let go at the end
			for range printLimit/time.Second + 1 {
				p.State(t.Context())
				time.Sleep(time.Second)
			}
		}, printLimit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				device := stuckPrinter{make(chan struct{}), tt.talks}
				p := newPulse(device)
				go tt.call(p)
				time.Sleep(tt.limit)
				synctest.Wait()
				if err := p.check(); err != nil {
					t.Errorf("after the legal time: %v", err)
				}
				time.Sleep(time.Second)
				if p.check() == nil {
					t.Error("after more than the legal time: got no complaint")
				}
				close(device.free)
				synctest.Wait()
				p.begin()
				if err := p.check(); err != nil {
					t.Errorf("once it goes round again: %v", err)
				}
			})
		})
	}
}

func TestTheWatchdogIsFedByARunningBooth(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b, err := Open(t.Context(), Config{Data: filepath.Join(t.TempDir(), "data"), Addr: "127.0.0.1:0", Printer: "sim:"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	env := map[string]string{"NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "100000"}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- b.Run(ctx, daemon.NewNotifier(func(k string) string { return env[k] }, 1, slog.New(slog.DiscardHandler)))
	}()
	c.SetReadDeadline(time.Now().Add(30 * time.Second))
	for _, want := range []string{"READY=1", "WATCHDOG=1", "WATCHDOG=1"} {
		text := make([]byte, 100)
		n, err := c.Read(text)
		if got := string(text[:n]); err != nil || got != want {
			t.Fatalf("got %q, %v, want %s", got, err, want)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
