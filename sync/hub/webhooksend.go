package hub

import (
	"context"
	"errors"
	"sync"
	"time"

	"redstation/sync/hub/sqldb"
)

// How deliveries go.
const (
	deliveryRows  = 100             // records in one message
	deliveryBytes = 512 << 10       // of them, as they are stored
	deliveryLife  = 24 * time.Hour  // after which a delivery that fails is given up
	firstPause    = 5 * time.Second // after a failure: a random part of it, and of twice as much after each further one
	longestPause  = time.Hour
	keepDelivered = 30 * 24 * time.Hour
	passEvery     = time.Second            // the longest that a due delivery waits
	passPause     = 100 * time.Millisecond // the shortest time between two looks at what is new
	skipAhead     = 10_000                 // positions without a match after which that is noted
)

// SendWebhooks sends new records to the webhooks until ctx ends, one hub for all
// that share a database. Each webhook gets its records in order, at least once: a
// message is written down before it is sent, so that what a power cut interrupts is
// sent again under the same id. One that fails holds up those after it, for that
// webhook, until it is received or given up. Should two hubs send at once for a
// moment, as when the lead passes on, a message may come twice, under one id.
func (h *Hub) SendWebhooks(ctx context.Context) error {
	for ctx.Err() == nil {
		if _, err := h.db.Lead(ctx, sqldb.JobWebhooks, h.sendWebhooks); err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "webhooks not sent", "error", err)
		}
		rest(ctx, 5*time.Second)
	}
	return nil
}

// rest waits, or less where ctx ends.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// sendWebhooks keeps one goroutine for each webhook that has something to send.
func (h *Hub) sendWebhooks(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := h.news.listen(interest{})
	defer h.news.leave(l)
	tick := time.NewTicker(passEvery)
	defer tick.Stop()
	busy, done := map[string]bool{}, make(chan string, maxWebhooks)
	var purged time.Time
	for {
		if now := h.now(); now.Sub(purged) > time.Hour {
			purged = now
			if err := h.purgeDeliveries(ctx, now); err != nil {
				return err
			}
		}
		hooks, err := h.hookIDs(ctx)
		if err != nil {
			return err
		}
		for _, id := range hooks {
			if !busy[id] {
				busy[id] = true
				wg.Go(func() {
					h.serveWebhook(ctx, id)
					select {
					case done <- id:
					case <-ctx.Done():
					}
				})
			}
		}
		rest(ctx, passPause)
		for looking := true; looking; {
			select {
			case <-ctx.Done():
				return nil
			case id := <-done:
				delete(busy, id)
			case <-l.C:
				looking = false
			case <-tick.C:
				looking = false
			}
		}
	}
}

func (h *Hub) hookIDs(ctx context.Context) (ids []string, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		hooks, err := tx.Webhooks(ctx)
		ids = nil
		for _, w := range hooks {
			ids = append(ids, w.ID)
		}
		return err
	})
	return ids, err
}

func (h *Hub) purgeDeliveries(ctx context.Context, now time.Time) error {
	return h.db.Update(ctx, func(tx *sqldb.Tx) error { return tx.PurgeDeliveries(ctx, sqldb.Millis(now.Add(-keepDelivered))) })
}

// serveWebhook sends what is due for one webhook, message after message, until
// nothing is or one fails.
func (h *Hub) serveWebhook(ctx context.Context, id string) {
	for ctx.Err() == nil {
		w, d, body, err := h.nextDelivery(ctx, id)
		if err == nil && d != nil {
			if err = h.attempt(ctx, w, *d, body); err == nil {
				continue
			}
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, sqldb.ErrNoRow) && !errors.Is(err, errNotReceived) {
			h.log.ErrorContext(ctx, "webhook not served", "webhook", id, "error", err)
		}
		return
	}
}
