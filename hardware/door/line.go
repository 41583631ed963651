package door

import (
	"time"

	"redstation/hardware/pins"
	"redstation/kiosk"
)

const (
	steadyFor  = 50 * time.Millisecond // the level stood still for so long: it is not flapping now
	flapsFor   = 30 * time.Second      // without standing still: nobody moves a door like that
	believable = 10 * time.Second      // of standing still, and a line that flapped is believed again
)

// Line judges whether what the contact says can be believed. Like a Debouncer it
// knows only readings and times. The zero value is ready.
type Line struct {
	loop pins.Debouncer
	cut  bool

	begun    bool
	open     bool      // as last read
	since    time.Time // when it began to be read so
	restless time.Time // when the level began to move without standing still; zero while it stands
	flapping bool
}

// Feed takes one reading of the contact and of the line that guards its cable. It
// returns DoorCut or DoorFlapping when the line went bad, DoorBack when it is good
// again, and "" otherwise. A cable that is cut while its contact flaps is told as
// cut, too.
func (l *Line) Feed(open, cut bool, now time.Time) kiosk.DoorEvent {
	switch l.loop.Feed(cut, now) {
	case pins.Began:
		l.cut, l.flapping, l.begun, l.restless = true, false, false, time.Time{}
		return kiosk.DoorCut
	case pins.Ended:
		l.cut = false
		return kiosk.DoorBack
	}
	if cut || l.cut {
		return ""
	}
	return l.feed(open, now)
}

func (l *Line) feed(open bool, now time.Time) kiosk.DoorEvent {
	if !l.begun || open != l.open {
		if l.begun && l.restless.IsZero() {
			l.restless = now
		}
		l.begun, l.open, l.since = true, open, now
	}
	steady := now.Sub(l.since)
	if steady >= steadyFor {
		l.restless = time.Time{}
	}
	switch {
	case l.flapping && steady >= believable:
		l.flapping = false
		return kiosk.DoorBack
	case !l.flapping && !l.restless.IsZero() && now.Sub(l.restless) >= flapsFor:
		l.flapping = true
		return kiosk.DoorFlapping
	}
	return ""
}

// Next returns how long after now a reading of the guard is due.
func (l *Line) Next(now time.Time) time.Duration { return l.loop.Next(now) }
