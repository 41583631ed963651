package kiosk_test

import (
	"testing"
	"time"

	"redstation/kiosk"
)

// step is one count of a lease: how long after the last one, by the machine's own
// count and by its wall clock, and what is known of the clock.
type step struct {
	boot        byte
	since, wall time.Duration // since boot; since the contact
	state       kiosk.ClockState
}

func TestALeaseEndsAtTheEarlierOfTwoLimits(t *testing.T) {
	const day = 24 * time.Hour
	contact := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		steps []step
		over  bool
	}{
		{"no time at all", nil, false},
		{"29 days running", []step{{1, 29 * day, 29 * day, kiosk.ClockNTP}}, false},
		{"30 days running", []step{{1, 30 * day, 30 * day, kiosk.ClockNTP}}, true},
		{"30 days running with a clock that stands still", []step{{1, 15 * day, 0, kiosk.ClockRestored}, {1, 30 * day, 0, kiosk.ClockRestored}}, true},
		{"30 days running with a clock set back", []step{{1, 30 * day, -900 * day, kiosk.ClockRTC}}, true},
		{"many boots of half a day", []step{{2, 12 * time.Hour, 0, 0}, {3, 12 * time.Hour, 0, 0}, {4, 29 * day, 0, 0}}, true},
		{"a month without power, then a clock that is kept", []step{{2, time.Minute, 31 * day, kiosk.ClockNTP}}, true},
		{"a month without power, then a battery clock", []step{{2, time.Minute, 31 * day, kiosk.ClockRTC}}, true},
		{"a month without power, and nobody knows the time", []step{{2, time.Minute, 31 * day, kiosk.ClockRestored}}, false},
		{"a clock that somebody set a year ahead", []step{{1, day, 365 * day, kiosk.ClockSetByHand}}, false},
		{"a clock that was a month ahead for a moment", []step{{1, day, 31 * day, kiosk.ClockNTP}, {1, 2 * day, 2 * day, kiosk.ClockNTP}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var l kiosk.Lease
			if !l.Over() {
				t.Error("without a contact there is a lease")
			}
			l.Touch(kiosk.ID{1}, 0, contact)
			for _, s := range tt.steps {
				l.Count(kiosk.ID{s.boot}, kiosk.Reading{Wall: contact.Add(s.wall), Since: s.since, State: s.state})
			}
			if l.Over() != tt.over {
				t.Errorf("over: %v, want %v (%+v)", l.Over(), tt.over, l)
			}
			l.Touch(kiosk.ID{9}, time.Hour, contact.Add(day))
			if l.Over() {
				t.Error("a contact does not begin it anew")
			}
		})
	}
}
