package hub

import (
	"context"
	"errors"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// What goes wrong between a booth and the hub is written down at the hub, because a
// booth that never gets through cannot say so: the last attempts of each booth that
// failed or broke off, with how much had come by then and how long it took. Those
// that went well are only counted.

// aborted is the trouble of an attempt that the other end broke off.
const aborted = "aborted"

// attemptsKept is how many failed attempts are kept of each booth.
const attemptsKept = 50

// talliesEvery is how often the counts of what went well are stored.
const talliesEvery = time.Minute

// visit is a request of a booth while it is served.
type visit struct {
	booth string
	what  string // the desk
	began time.Time
	bytes int64 // of its body that came
}

type visitKey struct{}

func (v *visit) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, visitKey{}, v)
}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// tally counts in memory how the booths' attempts ended.
type tally struct {
	mu     sync.Mutex
	counts map[string]sqldb.Tally
}

// note counts an attempt.
func (t *tally) note(v *visit, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[string]sqldb.Tally{}
	}
	c := t.counts[v.booth]
	if status < 300 {
		c.Good++
	} else {
		c.Bad++
	}
	t.counts[v.booth] = c
}

// take returns what was counted and begins anew.
func (t *tally) take() map[string]sqldb.Tally {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts := t.counts
	t.counts = nil
	return counts
}

// talliesAtOnce bounds a transaction, and so how long booths wait behind it.
const talliesAtOnce = 500

// storeTallies adds what was counted to the store.
func (h *Hub) storeTallies(ctx context.Context) error {
	counts := h.tally.take()
	for len(counts) > 0 {
		err := h.db.Update(ctx, func(tx *sqldb.Tx) error {
			n := 0
			for booth, c := range counts {
				if n++; n > talliesAtOnce {
					break
				}
				if err := tx.AddTally(ctx, booth, c); err != nil {
					return err
				}
				delete(counts, booth)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// keepTallies stores the counts now and then, and once more at the end.
func (h *Hub) keepTallies(ctx context.Context) {
	t := time.NewTicker(talliesEvery)
	defer t.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		if err := h.storeTallies(context.WithoutCancel(ctx)); err != nil {
			h.log.ErrorContext(ctx, "attempts not counted", "error", err)
		}
	}
}

// note writes a failed attempt down, not more often than every ten seconds for each
// booth: strangers who use its name shall not push its own attempts out.
func (h *Hub) note(ctx context.Context, booth, trouble, detail string) {
	now := h.now()
	if h.noted.wait(booth, now) > 0 {
		return
	}
	h.noted.fail(booth, now)
	h.log.WarnContext(ctx, "booth refused", "booth", booth, "trouble", trouble, "detail", detail)
	a := kiosk.Attempt{At: now, Trouble: trouble, Detail: detail}
	if v := visitOf(ctx); v != nil {
		a.What, a.Bytes, a.Took = v.what, v.bytes, time.Since(v.began)
	}
	err := h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		if _, err := tx.Booth(ctx, booth); errors.Is(err, sqldb.ErrNoRow) {
			return nil // a name that a stranger made up
		} else if err != nil {
			return err
		}
		return errors.Join(tx.NoteError(ctx, booth, trouble+": "+detail, sqldb.Millis(now)), tx.AddAttempt(ctx, booth, a, attemptsKept))
	})
	if err != nil {
		h.log.ErrorContext(ctx, "failed attempt not noted", "booth", booth, "error", err)
	}
}

// Attempts returns the last failed attempts of a booth, newest first, and how many
// went well and how many did not since it was first enrolled. The error has
// CodeNotFound.
func (h *Hub) Attempts(ctx context.Context, booth string) (list []kiosk.Attempt, good, bad int64, err error) {
	if err := h.storeTallies(ctx); err != nil {
		return nil, 0, 0, err
	}
	if _, err := h.boothOf(ctx, booth); err != nil {
		return nil, 0, 0, kiosk.Errorf(kiosk.CodeNotFound, "error.booth", "no booth %q has been enrolled", booth)
	}
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		var c sqldb.Tally
		if c, err = tx.Tally(ctx, booth); err != nil {
			return err
		}
		good, bad = c.Good, c.Bad
		list, err = tx.Attempts(ctx, booth)
		return err
	})
	return list, good, bad, err
}
