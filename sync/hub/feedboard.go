package hub

import (
	"context"
	"errors"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// board knows how far every feed is and wakes those who wait for one: ten thousand
// booths wait on it and cost the database one question a second, together. What it
// knows is a hint. Whoever was woken, or was not, reads the database itself.
type board struct {
	db *sqldb.DB

	mu      sync.Mutex
	known   map[kiosk.Feed]uint64
	last    int64 // the latest time that a known feed was published in, ms
	waiting map[kiosk.Feed]map[chan struct{}]bool
	waiters int
	running bool // the loop that looks
}

// skew is how far the clocks of several hub processes may be apart, ms.
const skew = 60_000

func newBoard(db *sqldb.DB) *board {
	return &board{db: db, known: map[kiosk.Feed]uint64{}, waiting: map[kiosk.Feed]map[chan struct{}]bool{}}
}

// join returns a channel that gets a value when one of the feeds has grown. leave
// must be called.
func (b *board) join(ctx context.Context, feeds []kiosk.Feed) (woken <-chan struct{}, leave func()) {
	ch := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range feeds {
		if b.waiting[f] == nil {
			b.waiting[f] = map[chan struct{}]bool{}
		}
		b.waiting[f][ch] = true
	}
	b.waiters++
	if !b.running {
		b.running = true
		go b.run(context.WithoutCancel(ctx))
	}
	return ch, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.waiters--
		for _, f := range feeds {
			if delete(b.waiting[f], ch); len(b.waiting[f]) == 0 {
				delete(b.waiting, f)
			}
		}
	}
}

// run looks as long as anybody waits: another process may publish, too.
func (b *board) run(ctx context.Context) {
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	for range t.C {
		b.mu.Lock()
		idle := b.waiters == 0
		if idle {
			b.running = false
		}
		b.mu.Unlock()
		if idle {
			return
		}
		if err := b.look(ctx); errors.Is(err, sqldb.ErrClosed) {
			b.mu.Lock()
			b.running = false
			b.mu.Unlock()
			return
		}
	}
}

// look reads which feeds have grown, and wakes who waits for them.
func (b *board) look(ctx context.Context) error {
	b.mu.Lock()
	since := b.last - skew
	b.mu.Unlock()
	var feeds []sqldb.Feed
	err := b.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		feeds, err = tx.FeedsSince(ctx, since)
		return err
	})
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range feeds {
		b.last = max(b.last, f.At)
		if b.known[f.Name] == f.Ver {
			continue
		}
		b.known[f.Name] = f.Ver
		for ch := range b.waiting[f.Name] {
			select {
			case ch <- struct{}{}:
			default:
			}
		}
	}
	return nil
}
