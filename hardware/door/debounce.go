package door

import (
	"time"

	"redstation/kiosk"
)

// The usual times.
const (
	stableFor = 50 * time.Millisecond
	leftOpen  = 2 * time.Minute
)

// Debouncer turns what is read at the contact into door events. It knows only
// levels and times: a level counts when it was read again and again for the stable
// time without a break. The zero value is ready.
type Debouncer struct {
	Stable   time.Duration // 0 is 50 ms
	LeftOpen time.Duration // 0 is 2 minutes

	begun bool
	open  bool      // as last read
	since time.Time // when it began to be read so
	last  time.Time

	known    bool // there is a settled state:
	settled  bool // open
	openedAt time.Time
	told     bool // that it was left open
}

// Feed takes one reading and returns the event that it completes, or "". A time
// before the last one counts as the last one.
func (d *Debouncer) Feed(open bool, now time.Time) kiosk.DoorEvent {
	if !d.begun || now.After(d.last) {
		d.last = now
	}
	now = d.last
	if !d.begun || open != d.open {
		d.begun, d.open, d.since = true, open, now
	}
	if d.known && d.open == d.settled {
		if d.settled && !d.told && now.Sub(d.openedAt) >= d.leftOpen() {
			d.told = true
			return kiosk.DoorLeftOpen
		}
		return ""
	}
	if now.Sub(d.since) < d.stable() {
		return ""
	}
	first := !d.known
	d.known, d.settled = true, d.open
	if d.settled {
		d.openedAt, d.told = d.since, false
		return kiosk.DoorOpened
	}
	if first {
		return "" // closed at the start is no event
	}
	return kiosk.DoorClosed
}

// Next returns how long after now a reading is due even if nothing changes, at
// most an hour.
func (d *Debouncer) Next(now time.Time) time.Duration {
	switch {
	case !d.begun:
		return 0
	case !d.known || d.open != d.settled:
		return max(0, d.since.Add(d.stable()).Sub(now))
	case d.settled && !d.told:
		return min(time.Hour, max(0, d.openedAt.Add(d.leftOpen()).Sub(now)))
	}
	return time.Hour
}

func (d *Debouncer) stable() time.Duration {
	if d.Stable > 0 {
		return d.Stable
	}
	return stableFor
}

func (d *Debouncer) leftOpen() time.Duration {
	if d.LeftOpen > 0 {
		return d.LeftOpen
	}
	return leftOpen
}
