package hub

import (
	"context"
	"slices"
	"sync"
	"time"

	"redstation/kiosk"
)

// news wakes those who wait for new records, and of them only those for whom
// something came. A commit of this process tells by itself. For what another
// process commits there is one look a second at the end of the log, however many
// wait, and none while nobody does.
type news struct {
	last func(context.Context) (int64, error)

	mu       sync.Mutex
	waiting  map[*listener]struct{}
	watching bool  // a goroutine looks at the end of the log
	seen     int64 // everything up to this position has been told of
}

// lookEvery is how soon at the latest a record of another process is told of, and
// sealed where that process has died.
const lookEvery = time.Second

// listener is one who waits. C holds a token when there is something to look at.
type listener struct {
	C chan struct{}
	interest
}

// interest says which records one waits for. Zero fields are for all.
type interest struct {
	booths []string
	kinds  []kiosk.Kind
	lane   *kiosk.Lane
}

func newNews(last func(context.Context) (int64, error)) *news {
	return &news{last: last, waiting: map[*listener]struct{}{}}
}

// listen begins to wait: what is committed from now on puts a token into C.
func (n *news) listen(i interest) *listener {
	l := &listener{C: make(chan struct{}, 1), interest: i}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waiting[l] = struct{}{}
	if !n.watching {
		n.watching = true
		go n.watch()
	}
	return l
}

// leave ends the wait.
func (n *news) leave(l *listener) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.waiting, l)
}

// count returns how many wait.
func (n *news) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.waiting)
}

// tell wakes all.
func (n *news) tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.wake(nil)
}

// arrived wakes those who wait for what the batch brought.
func (n *news) arrived(c *checked) {
	if c.pos == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if c.pos > n.seen+1 {
		n.wake(nil) // something came before it that nobody told of
	} else {
		n.wake(c)
	}
	n.seen = max(n.seen, c.pos+int64(len(c.records)-c.fresh)-1)
}

// wake gives a token to those whom the batch interests; nil is everyone.
func (n *news) wake(c *checked) {
	for l := range n.waiting {
		if c == nil || l.in(c) {
			select {
			case l.C <- struct{}{}:
			default: // it has one
			}
		}
	}
}

// in reports whether a record of the batch that was new is of interest.
func (i interest) in(c *checked) bool {
	if (i.lane != nil && *i.lane != c.Stream.Lane) || (i.booths != nil && !slices.Contains(i.booths, c.Booth)) {
		return false
	}
	if i.kinds == nil {
		return true
	}
	for _, r := range c.records[c.fresh:] {
		if slices.Contains(i.kinds, kiosk.Kind(r.Kind)) {
			return true
		}
	}
	return false
}

// watch looks at the end of the log as long as somebody waits. Where the store
// does not answer, the waiting ones find out by themselves.
func (n *news) watch() {
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	for range t.C {
		n.mu.Lock()
		if len(n.waiting) == 0 {
			n.watching = false
			n.mu.Unlock()
			return
		}
		n.mu.Unlock()
		last, err := n.last(context.Background())
		n.mu.Lock()
		if err == nil && last > n.seen {
			n.seen = last
			n.wake(nil)
		}
		n.mu.Unlock()
	}
}
