package hub

import (
	"context"
	"errors"
	"sync"
	"time"

	"redstation/sync/hub/sqldb"
)

// Several hubs may work on one database. None has a state of its own that matters:
// challenges are derived from the hub's key, sessions, codes and heads are in the
// database, and what is counted in memory (how often somebody failed, how many are
// served at once) is counted by each for itself.
//
// What they commit side by side gets its place in the city's order afterwards. A
// record is acknowledged when it is committed and read when it is sealed, a moment
// later: at once by the hub that took it, by any of them within a second if that one
// died in between.

// sealPause is the time between two seals while much comes in: so more goes into one.
const sealPause = 20 * time.Millisecond

// sealing makes sure that one goroutine of this process seals at a time, and that
// what is committed meanwhile is sealed after that.
type sealing struct {
	mu         sync.Mutex
	busy, more bool
}

// begin reports whether the caller is to seal.
func (s *sealing) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.more = true
	if s.busy {
		return false
	}
	s.busy, s.more = true, false
	return true
}

// again reports whether there is more to seal.
func (s *sealing) again() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	again := s.more
	s.busy, s.more = again, false
	return again
}

// publish lets what was committed be read, and wakes those who wait for it. A nil
// batch is whatever there is.
func (h *Hub) publish(ctx context.Context, c *checked) {
	switch {
	case !h.db.Shared():
		h.news.arrived(c)
	case h.sealing.begin():
		go h.seal(context.WithoutCancel(ctx))
	}
}

func (h *Hub) seal(ctx context.Context) {
	for {
		n, err := h.db.Seal(ctx)
		if n > 0 {
			h.news.tell()
		}
		if err != nil && !errors.Is(err, sqldb.ErrClosed) {
			h.log.ErrorContext(ctx, "records not given their positions yet", "error", err)
		}
		if !h.sealing.again() {
			return
		}
		time.Sleep(sealPause)
	}
}

// keepOrder seals what a hub left that died, and passes the news of the others on,
// until ctx ends.
func (h *Hub) keepOrder(ctx context.Context) {
	if !h.db.Shared() {
		return
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { h.db.Listen(ctx, h.news.tell) })
	every(ctx, lookEvery, func() { h.publish(ctx, nil) })
}

// every does something again and again, the first time after d, until ctx ends.
func every(ctx context.Context, d time.Duration, do func()) {
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			do()
		}
	}
}

// keepHouse forgets what has ended and makes room for what comes: one hub for all.
func (h *Hub) keepHouse(ctx context.Context) {
	_, err := h.db.Lead(ctx, sqldb.JobHouse, func(ctx context.Context) error {
		h.tidyFeeds(ctx)
		emptied, err := h.Retain(ctx)
		if emptied > 0 {
			h.log.InfoContext(ctx, "records emptied, their time was over", "records", emptied)
		}
		return errors.Join(err, h.expireSessions(ctx), h.db.MakeMonths(ctx, h.now()))
	})
	if err != nil && ctx.Err() == nil {
		h.log.ErrorContext(ctx, "house not kept", "error", err)
	}
}

// reconsider tries quarantined records again: one hub for all.
func (h *Hub) reconsider(ctx context.Context) {
	released := 0
	_, err := h.db.Lead(ctx, sqldb.JobReconsider, func(ctx context.Context) (err error) {
		released, err = h.Reconsider(ctx)
		return err
	})
	if err != nil && ctx.Err() == nil {
		h.log.ErrorContext(ctx, "quarantine not reconsidered", "error", err)
	} else if released > 0 {
		h.log.InfoContext(ctx, "records released from quarantine", "records", released)
	}
}

// remakeTimes reads anew what stored records say of time, where another version of the
// program had read it: one hub for all.
func (h *Hub) remakeTimes(ctx context.Context) {
	made := 0
	_, err := h.db.Lead(ctx, sqldb.JobTimes, func(ctx context.Context) (err error) {
		made, err = h.RemakeTimes(ctx)
		return err
	})
	if err != nil && ctx.Err() == nil {
		h.log.ErrorContext(ctx, "times not made anew", "error", err)
	} else if made > 0 {
		h.log.InfoContext(ctx, "times made anew", "records", made)
	}
}
