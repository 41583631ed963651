package sqlite_test

import (
	"encoding/json"
	"testing"
	"time"

	"redstation/kiosk"
)

// anchors returns the sources of the anchors that stand in the book.
func (r *rig) anchors() (sources []kiosk.AnchorSource) {
	r.t.Helper()
	for _, rec := range r.records() {
		h, err := kiosk.DecodeHeader(rec.Header)
		if err != nil {
			r.t.Fatal(err)
		}
		var facts struct{ Source kiosk.AnchorSource }
		if h.Kind != kiosk.KindClockAnchored {
			continue
		}
		if err := json.Unmarshal(rec.Facts, &facts); err != nil {
			r.t.Fatal(err)
		}
		sources = append(sources, facts.Source)
	}
	return sources
}

func TestAnchorsAreWrittenWhereTheySaySomethingNew(t *testing.T) {
	r := newRig(t)
	r.clock.Set(time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC), kiosk.ClockRestored)
	truth := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	hear := func(when string, s kiosk.AnchorSource, off, unc time.Duration, want int) {
		t.Helper()
		now := r.clock.Read()
		if err := r.NoteTime(t.Context(), s, now.Since, truth.Add(now.Since-time.Hour+off), unc); err != nil {
			t.Fatal(err)
		}
		if got := len(r.anchors()); got != want {
			t.Errorf("%s: %d anchors, want %d", when, got, want)
		}
	}
	hear("the first", kiosk.AnchorRTC, 0, time.Minute, 1)
	hear("once more", kiosk.AnchorRTC, time.Second, time.Minute, 1)
	hear("a better source", kiosk.AnchorHub, 0, 2*time.Second, 2)
	hear("a worse source", kiosk.AnchorNTP, 0, time.Second, 2)
	hear("within what was known", kiosk.AnchorHub, time.Second, 2*time.Second, 2)
	hear("much better known", kiosk.AnchorHub, 0, 20*time.Millisecond, 3)
	r.restart()
	hear("after a restart of the program", kiosk.AnchorHub, 0, 20*time.Millisecond, 3)
	r.clock.Advance(5 * time.Hour)
	hear("five hours later", kiosk.AnchorHub, 0, 20*time.Millisecond, 3)
	r.clock.Advance(time.Hour)
	hear("six hours later", kiosk.AnchorHub, 0, 20*time.Millisecond, 4)
	hear("against what was known", kiosk.AnchorHub, time.Minute, 20*time.Millisecond, 5)
	r.boot = kiosk.RandomID()
	r.restart()
	hear("in the next boot", kiosk.AnchorHand, 0, time.Minute, 6)
	if got, want := r.lastOf(kiosk.KindClockAnchored), truth.Add(r.clock.Read().Since-time.Hour); got["true_ms"] != float64(want.UnixMilli()) || got["unc_ms"] != 60000.0 {
		t.Errorf("the record says %v, want %d", got, want.UnixMilli())
	}
}

// reboot lets the power be cut, and the machine start again later with a clock that
// nobody vouches for.
func (r *rig) reboot(wall time.Time) {
	r.t.Helper()
	if err := r.book.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.boot = kiosk.RandomID()
	r.clock.Advance(-r.clock.Read().Since)
	r.clock.Set(wall, kiosk.ClockRestored)
	r.open()
}

func TestTheFloorOutlivesPowerCutsAndWrongClocks(t *testing.T) {
	r := newRig(t)
	if got := r.Floor(); !got.IsZero() {
		t.Fatalf("before anybody spoke: %s", got)
	}
	noon := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	hear := func(s kiosk.AnchorSource, at time.Time) {
		t.Helper()
		if err := r.NoteTime(t.Context(), s, r.clock.Read().Since, at, time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	floor := func(when string, want time.Time) {
		t.Helper()
		if got := r.Floor(); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	hear(kiosk.AnchorHub, noon)
	floor("when the hub spoke", noon)
	r.clock.Advance(24 * time.Hour)
	r.clock.Set(time.Unix(0, 0), kiosk.ClockBelowBuild)
	floor("a day later, with the clock in 1970", noon.Add(24*time.Hour))
	hear(kiosk.AnchorHand, noon.AddDate(1, 0, 0))
	floor("a person's word does not count", noon.Add(24*time.Hour))
	hear(kiosk.AnchorHub, noon.Add(24*time.Hour))
	r.ticket()
	r.reboot(time.Unix(0, 0))
	floor("after a power cut", noon.Add(24*time.Hour))
	for range 3 { // boots with no word from anybody say nothing
		r.clock.Advance(time.Hour)
		r.ticket()
		r.reboot(time.Unix(0, 0))
	}
	floor("after three boots in the dark", noon.Add(24*time.Hour))
	hear(kiosk.AnchorNTP, noon.AddDate(0, 0, 40))
	r.clock.Advance(time.Hour)
	r.ticket()
	r.reboot(time.Unix(0, 0))
	floor("after a boot with a time server", noon.AddDate(0, 0, 40).Add(time.Hour))
	hear(kiosk.AnchorHub, noon.AddDate(0, 0, 3))
	floor("when the hub put a wrong time server right", noon.AddDate(0, 0, 3))
}
