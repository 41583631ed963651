package pins

import "time"

// stableFor is how long a level is usually read before it counts.
const stableFor = 50 * time.Millisecond

// Change is what a reading completes.
type Change uint8

// The changes.
const (
	Nothing Change = iota
	Began          // the signal is there
	Lasts          // it has been there for the long time; said once each time
	Ended          // it is there no more
)

// Debouncer settles the readings of a signal (the door is open, the power is away)
// that comes and goes with bounces. It knows only readings and times: a reading
// counts when it was read again and again for the stable time without a break. The
// zero value is ready.
type Debouncer struct {
	Stable time.Duration // 0 is 50 ms
	Long   time.Duration // 0 is never

	begun bool
	on    bool      // as last read
	since time.Time // when it began to be read so
	last  time.Time

	known   bool // there is a settled state:
	settled bool // on
	began   time.Time
	told    bool // that it lasts
}

// Feed takes one reading and returns the change that it completes. A signal that is
// there from the start began; one that is not there is nothing. A time before the
// last one counts as the last one.
func (d *Debouncer) Feed(on bool, now time.Time) Change {
	if !d.begun || now.After(d.last) {
		d.last = now
	}
	now = d.last
	if !d.begun || on != d.on {
		d.begun, d.on, d.since = true, on, now
	}
	if d.known && d.on == d.settled {
		if d.settled && d.Long > 0 && !d.told && now.Sub(d.began) >= d.Long {
			d.told = true
			return Lasts
		}
		return Nothing
	}
	if now.Sub(d.since) < d.stable() {
		return Nothing
	}
	first := !d.known
	d.known, d.settled = true, d.on
	if d.settled {
		d.began, d.told = d.since, false
		return Began
	}
	if first {
		return Nothing
	}
	return Ended
}

// Next returns how long after now a reading is due even if nothing changes, at
// most an hour.
func (d *Debouncer) Next(now time.Time) time.Duration {
	switch {
	case !d.begun:
		return 0
	case !d.known || d.on != d.settled:
		return max(0, d.since.Add(d.stable()).Sub(now))
	case d.settled && d.Long > 0 && !d.told:
		return min(time.Hour, max(0, d.began.Add(d.Long).Sub(now)))
	}
	return time.Hour
}

func (d *Debouncer) stable() time.Duration {
	if d.Stable > 0 {
		return d.Stable
	}
	return stableFor
}
