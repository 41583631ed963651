package kiosk

import "time"

// Leases end on time though no clock of a booth can be relied on. A wall clock may
// fall back by years, and the time since boot stands still while the booth is off:
// by one alone, a booth that is stolen, or whose clock is set back, would keep for
// ever what it may keep for thirty days. So both are counted, and whichever has gone
// further decides:
//
//   - uptime: how long the machine has run, over all its boots, which no step of a
//     clock and no line that is down stops;
//   - the floor: how late it is at least, by the last word of something trusted (the
//     hub's signed time, a time server, a battery clock) and the time since. It moves
//     forward only, but for the hub's word, which puts a wrong one right.
//
// A lease that is renewed at contact with the hub begins at the hub's time. Every
// doubt ends it early, never late: a boot that ended without a word is counted up to
// the last moment at which it can have run.

// Tally is the booth's count of time at one moment. Keep both fields to compare with
// later.
type Tally struct {
	Uptime time.Duration `json:"uptime_ns"` // over all boots of the machine, as the book knows them
	Floor  time.Time     `json:"floor"`     // zero: nobody ever said the time
}

// Tally returns the count now. It is known once Start has returned.
func (b *Booth) Tally() Tally {
	since := b.clock.Read().Since
	b.times.mu.Lock()
	defer b.times.mu.Unlock()
	t := Tally{Uptime: b.times.kept.Ran + since, Floor: b.times.kept.Floor}
	if w := b.times.word; w.Source != "" {
		if late, _ := w.At(since); late.After(t.Floor) {
			t.Floor = late.UTC()
		}
	}
	return t
}

// Since returns how much time has passed since begin, by whichever count went
// further. It reports false where the two do not belong together: a book that was
// made anew or put back counts from somewhere else.
func (t Tally) Since(begin Tally) (passed time.Duration, ok bool) {
	passed = t.Uptime - begin.Uptime
	if passed < 0 {
		return 0, false
	}
	if !begin.Floor.IsZero() && !t.Floor.IsZero() {
		passed = max(passed, t.Floor.Sub(begin.Floor))
	}
	return passed, true
}

// Lease is a permission that ends by itself.
type Lease struct {
	Begun Tally
	Term  time.Duration
}

// Left returns how long the lease still runs, 0 where it is over. A lease that was
// begun by another book's count is over.
func (l Lease) Left(now Tally) time.Duration {
	passed, ok := now.Since(l.Begun)
	if !ok {
		return 0
	}
	return max(0, l.Term-passed)
}

// Over reports whether the lease has ended.
func (l Lease) Over(now Tally) bool { return l.Left(now) == 0 }
