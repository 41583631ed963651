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

	since        time.Time // the present span of refusals began
	before, here int       // refusals in the last span and in this one
}

// refusalSpan is how long refusals are counted together.
const refusalSpan = 10 * time.Second

// refuse counts a refusal and returns how many there were lately.
func (t *turns) refuse(now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch age := now.Sub(t.since); {
	case age > 2*refusalSpan:
		t.since, t.before, t.here = now, 0, 0
	case age > refusalSpan:
		t.since, t.before, t.here = now, t.here, 0
	}
	t.here++
	return t.before + t.here
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
