package hub

import (
	"time"

	"redstation/kiosk"
)

// When was a record written? Its wall clock cannot be relied on, so the time is
// worked out from three things that can:
//
//   - the boot that it was written in, and how long after the boot's beginning: the
//     count of time since boot drifts, but is never stepped;
//   - the anchors of that boot, and of those before and after: moments at which the
//     hub or a time server told the time;
//   - when the hub received it, and everything written after it in the same book.
//
// What follows is all that the hub does with them, without a store or a clock, so
// that it can be done again by whoever wants to check it, or by a better method. The
// bounds hold if anchors keep their uncertainty and clocks drift no more than
// kiosk.Drift. Guesses (a person's word, a battery clock, the wall clock itself)
// choose the best time between the bounds and never move them.

// InstantVersion is the version of the method. Exports name it; it grows with every
// change that makes another time of the same records.
const InstantVersion = 1

// boot is what the hub knows of one boot of a booth.
type boot struct {
	kiosk.Boot
	last  time.Duration  // since boot, of its last record that has arrived
	begin time.Time      // it began no later than that: the least of receipt less time since boot; zero = not known
	words []kiosk.Anchor // in order; those that are nearest on both sides are enough
}

// moment is what a record says of its time.
type moment struct {
	since    time.Duration
	wall     time.Time
	state    kiosk.ClockState
	received time.Time // by the hub's clock
	created  time.Time // when the booth was added at the hub
}

// span is a stretch of time.
type span struct{ lo, hi time.Time }

func (s span) meets(o span) (span, bool) {
	s.lo, s.hi = latest(s.lo, o.lo), earliest(s.hi, o.hi)
	return s, !s.lo.After(s.hi)
}

func (s span) middle() time.Time { return s.lo.Add(s.hi.Sub(s.lo) / 2) }

// place says when a record of the boot chain[i] was written. The chain is a run of
// boots of one epoch in their order; it must reach to the nearest boots on both sides
// that have a proof, where there are any.
func place(chain []boot, i int, m moment) kiosk.Instant {
	s, confidence := chain[i].proven(m.since)
	if confidence == "" {
		s, confidence = between(chain, i, m)
	}
	s.hi = earliest(s.hi, m.received.Add(kiosk.AnchorSlack))
	s.lo = earliest(s.lo, s.hi) // what contradicts the receipt is not known better than it
	return kiosk.Instant{Lo: printable(s.lo.UTC()), Hi: printable(s.hi.UTC()), Best: printable(chain[i].guess(s, confidence, m).UTC()), Confidence: confidence}
}

// proven returns the time at since by the proofs of the boot. Where they contradict
// each other the hub's word counts; where that contradicts itself, somewhere among
// all of them the truth is. Without a proof the confidence is "".
func (b *boot) proven(since time.Duration) (span, kiosk.Confidence) {
	if s, ok := b.agreed(since, kiosk.AnchorSource.Proof); ok {
		return s, kiosk.TimeExact
	}
	if s, ok := b.agreed(since, func(s kiosk.AnchorSource) bool { return s == kiosk.AnchorHub }); ok {
		return s, kiosk.TimeExact
	}
	var all span
	for _, w := range b.words {
		if s := spanOf(w, since); w.Source.Proof() && all == (span{}) {
			all = s
		} else if w.Source.Proof() {
			all = span{earliest(all.lo, s.lo), latest(all.hi, s.hi)}
		}
	}
	if all == (span{}) {
		return all, ""
	}
	return all, kiosk.TimeBounded
}

// agreed returns what all anchors of some sources have in common, false where that
// is nothing.
func (b *boot) agreed(since time.Duration, counts func(kiosk.AnchorSource) bool) (s span, ok bool) {
	any := false
	for _, w := range b.words {
		switch {
		case !counts(w.Source):
		case !any:
			s, any, ok = spanOf(w, since), true, true
		case ok:
			s, ok = s.meets(spanOf(w, since))
		}
	}
	return s, ok
}

func spanOf(w kiosk.Anchor, since time.Duration) span {
	t, unc := w.At(since)
	return span{t.Add(-unc), t.Add(unc)}
}

// between bounds a record of a boot without a proof by its neighbours: it was written
// after the end of one boot and everything counted since, and before the beginning of
// another less everything that was still to come. Whatever arrived bounds it, too.
func between(chain []boot, i int, m moment) (span, kiosk.Confidence) {
	s, confidence := span{m.created, m.received.Add(kiosk.AnchorSlack)}, kiosk.TimeUnknown
	passed := slow(m.since)
	for j := i - 1; j >= 0; j-- {
		if end, c := chain[j].proven(chain[j].last); c != "" {
			s.lo, confidence = end.lo.Add(passed), kiosk.TimeBounded
			break
		}
		passed += slow(chain[j].last)
	}
	if begin, ok := chain[i].began(); ok {
		s.hi = earliest(s.hi, begin.Add(m.since+kiosk.Drift(m.since)))
	}
	left := slow(chain[i].last - m.since)
	for j := i + 1; j < len(chain); j++ {
		if begin, ok := chain[j].began(); ok {
			s.hi = earliest(s.hi, begin.Add(-left))
		}
		if _, c := chain[j].proven(0); c != "" {
			break
		}
		left += slow(chain[j].last)
	}
	return s, confidence
}

// began returns the latest time at which the boot can have begun.
func (b *boot) began() (time.Time, bool) {
	if s, c := b.proven(0); c != "" {
		return s.hi, true
	}
	return b.begin.Add(kiosk.Drift(b.last) + kiosk.AnchorSlack), !b.begin.IsZero()
}

// slow is the least time that can have passed while so much was counted.
func slow(counted time.Duration) time.Duration {
	counted = max(counted, 0)
	return counted - kiosk.Drift(counted)
}

// guess chooses the most likely time of the span.
func (b *boot) guess(s span, c kiosk.Confidence, m moment) time.Time {
	if c == kiosk.TimeExact {
		return s.middle()
	}
	for j := len(b.words) - 1; j >= 0; j-- {
		if t, _ := b.words[j].At(m.since); !b.words[j].Source.Proof() && !t.Before(s.lo) && !t.After(s.hi) {
			return t
		}
	}
	switch {
	case c == kiosk.TimeBounded:
		return s.middle()
	case m.state > kiosk.ClockBelowBuild && !m.wall.Before(s.lo) && !m.wall.After(s.hi):
		return m.wall
	}
	return s.hi
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
