package boothd

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"redstation/kiosk"
)

var built = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// bench is a machine whose clocks a test turns.
type bench struct {
	wall   time.Time
	since  time.Duration
	synced bool
	rtc    time.Time
	boot   kiosk.ID
}

func (b *bench) machine() machine {
	return machine{
		now:    func() time.Time { return b.wall },
		since:  func() time.Duration { return b.since },
		synced: func() bool { return b.synced },
		rtc:    func() (time.Time, bool) { return b.rtc, !b.rtc.IsZero() },
		bootID: func() (kiosk.ID, bool) { return b.boot, !b.boot.IsZero() },
	}
}

func (b *bench) pass(d time.Duration) { b.wall, b.since = b.wall.Add(d), b.since+d }

func TestClockState(t *testing.T) {
	now := built.AddDate(0, 1, 0)
	for _, tt := range []struct {
		name  string
		bench bench
		want  kiosk.ClockState
	}{
		{"a clock that shows 1970 is surely wrong, whatever keeps it",
			bench{wall: time.Unix(0, 0), synced: true, rtc: time.Unix(0, 0)}, kiosk.ClockBelowBuild},
		{"a clock that nobody vouches for was restored", bench{wall: now}, kiosk.ClockRestored},
		{"a time server vouches for it", bench{wall: now, synced: true}, kiosk.ClockNTP},
		{"a battery clock vouches for it", bench{wall: now, rtc: now.Add(-time.Second)}, kiosk.ClockRTC},
		{"a battery clock that disagrees does not", bench{wall: now, rtc: now.Add(-time.Hour)}, kiosk.ClockRestored},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := newClock(built, tt.bench.machine()).Read().State; got != tt.want {
				t.Errorf("got state %d, want %d", got, tt.want)
			}
		})
	}
}

func TestTheHubsWordHoldsWhateverTheClockDoes(t *testing.T) {
	b := &bench{wall: built.AddDate(0, 1, 0), since: time.Hour}
	c := newClock(built, b.machine())
	read := func(when string, wall time.Time, state kiosk.ClockState) {
		t.Helper()
		if got := c.Read(); got.State != state || !got.Wall.Equal(wall) {
			t.Errorf("%s: got %s, state %s; want %s, %s", when, got.Wall, got.State, wall, state)
		}
	}
	read("before the hub spoke", b.wall, kiosk.ClockRestored)
	c.Anchor(b.wall.Add(2*time.Second), b.since)
	b.pass(12 * time.Hour)
	read("half a day after the hub agreed", b.wall, kiosk.ClockAnchored)
	truth := b.wall.Add(2 * time.Second)
	b.wall = b.wall.Add(-8 * time.Hour)
	read("after a step of eight hours", truth, kiosk.ClockAnchored)
	b.wall = time.Unix(0, 0)
	read("after a fall to 1970", truth, kiosk.ClockAnchored)
	b.wall, b.synced = truth.Add(time.Minute), true
	read("where a time server knows it otherwise", b.wall, kiosk.ClockNTP)
	b.synced = false
	said := b.wall.Add(time.Hour)
	c.Anchor(said, b.since)
	read("after the hub set itself right", said, kiosk.ClockAnchored)
}

func TestCertificatesAreNotCheckedIn1970(t *testing.T) {
	b := &bench{wall: time.Unix(0, 0)}
	c := newClock(built, b.machine())
	if got := c.AtLeastBuilt(); !got.Equal(built) {
		t.Errorf("got %v, want %v", got, built)
	}
	b.wall = built.AddDate(1, 0, 0)
	if got := c.AtLeastBuilt(); !got.Equal(b.wall) {
		t.Errorf("got %v, want %v", got, b.wall)
	}
}

func TestThisMachineHasAClock(t *testing.T) {
	c := NewClock(built, t.TempDir(), slog.New(slog.DiscardHandler))
	first, second := c.Read(), c.Read()
	if first.Since <= 0 || second.Since < first.Since {
		t.Errorf("time since boot ran %v, %v", first.Since, second.Since)
	}
	if first.Wall.IsZero() {
		t.Error("no wall clock")
	}
	if c.BootID().IsZero() {
		t.Error("no boot id")
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
