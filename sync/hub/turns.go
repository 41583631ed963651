package hub

import (
	"sync"
	"time"
)

// turns see to it that no booth has more of a desk than its share. A booth has at
// most maxUnderWay requests under way. While the desk is crowded it has also to pay
// for each from a bucket that fills slowly; where nobody waits, the bucket is not
// asked, so that one booth with a long backlog may have the whole hub.
type turns struct {
	mu     sync.Mutex
	booths map[string]*turn

	since        time.Time // the present span began
	before, here count     // in the last span, and in this one
}

// count is what happened in a span.
type count struct{ refused, served int }

const (
	// countSpan is how long is counted together.
	countSpan = 10 * time.Second
	// slowPace is what the hub takes for a request at most, as far as is foreseen.
	slowPace = 3 * time.Millisecond
)

// refuse counts a refusal and returns how long the hub will take, at its present pace,
// for all who were refused lately.
func (t *turns) refuse(now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	t.here.refused++
	pace, span := slowPace, now.Sub(t.since)
	if t.before != (count{}) {
		span += countSpan
	}
	if served := t.before.served + t.here.served; served > 0 {
		pace = min(pace, span/time.Duration(served))
	}
	return time.Duration(t.before.refused+t.here.refused) * pace
}

// serve counts a request that was served.
func (t *turns) serve(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	t.here.served++
}

// turn begins a new span where it is time.
func (t *turns) turn(now time.Time) {
	switch age := now.Sub(t.since); {
	case age > 2*countSpan:
		t.since, t.before, t.here = now, count{}, count{}
	case age > countSpan:
		t.since, t.before, t.here = t.since.Add(countSpan), t.here, count{}
	}
}

type turn struct {
	underWay int
	bucket   float64 // requests that may still come at once
	filled   time.Time
}

const (
	maxUnderWay = 4
	bucketSize  = 20
	bucketRate  = 10 // requests a second
	// maxTurns is how many booths are remembered; with a full bucket one need not be.
	maxTurns = 4096
)

func newTurns() *turns { return &turns{booths: map[string]*turn{}} }

// enter reports whether it is the booth's turn, and counts its request as under way
// then.
func (t *turns) enter(booth string, now time.Time, crowded bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.booths[booth]
	if u == nil {
		t.shrink(now)
		u = &turn{bucket: bucketSize, filled: now}
		t.booths[booth] = u
	}
	u.bucket = min(bucketSize, u.bucket+bucketRate*now.Sub(u.filled).Seconds())
	u.filled = now
	if u.underWay >= maxUnderWay || (crowded && u.bucket < 1) {
		return false
	}
	u.bucket = max(0, u.bucket-1)
	u.underWay++
	return true
}

// leave ends a request of the booth.
func (t *turns) leave(booth string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.booths[booth].underWay--
}

// shrink forgets the booths whose bucket is full again.
func (t *turns) shrink(now time.Time) {
	if len(t.booths) < maxTurns {
		return
	}
	for id, u := range t.booths {
		if u.underWay == 0 && u.bucket+bucketRate*now.Sub(u.filled).Seconds() >= bucketSize {
			delete(t.booths, id)
		}
	}
}
