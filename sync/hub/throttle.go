package hub

import (
	"sync"
	"time"
)

// throttle holds back whoever fails again and again: after some free failures the
// pause doubles with each further one, up to a longest pause. A failure is
// forgotten after twice the longest pause.
type throttle struct {
	free           int
	first, longest time.Duration

	mu   sync.Mutex
	seen map[string]*failures
}

type failures struct {
	n     int
	until time.Time // nothing is let through before
	last  time.Time
}

// maxSeen bounds the memory that strangers can make the hub use.
const maxSeen = 10_000

func newThrottle(free int, first, longest time.Duration) *throttle {
	return &throttle{free: free, first: first, longest: longest, seen: map[string]*failures{}}
}

// wait returns how long key must wait before it may try, 0 if not at all.
func (t *throttle) wait(key string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.seen[key]; f != nil && now.Before(f.until) {
		return f.until.Sub(now)
	}
	return 0
}

// fail counts a failure of key.
func (t *throttle) fail(key string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.seen[key]
	if f == nil || now.Sub(f.last) > 2*t.longest {
		t.shrink(now)
		f = &failures{}
		t.seen[key] = f
	}
	f.n++
	f.last = now
	if over := f.n - t.free; over > 0 {
		f.until = now.Add(min(t.first<<min(over-1, 20), t.longest))
	}
}

// forgive forgets the failures of key.
func (t *throttle) forgive(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.seen, key)
}

// shrink makes room: first the forgotten ones go, then, if strangers filled it
// up, those who may try again.
func (t *throttle) shrink(now time.Time) {
	if len(t.seen) < maxSeen {
		return
	}
	for key, f := range t.seen {
		if now.Sub(f.last) > 2*t.longest || !now.Before(f.until) {
			delete(t.seen, key)
		}
	}
	for key := range t.seen {
		if len(t.seen) < maxSeen {
			return
		}
		delete(t.seen, key)
	}
}
