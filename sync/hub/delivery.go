package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// nextDelivery returns the message that is to be sent now, nil where none is: the
// one that was begun; else a new one, which is written down before it is returned;
// else one that was given up and is to be sent once more.
func (h *Hub) nextDelivery(ctx context.Context, id string) (w sqldb.Webhook, d *sqldb.Delivery, body []byte, err error) {
	var p *pullPage
	now := sqldb.Millis(h.now())
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		if w, err = tx.Webhook(ctx, id); err != nil {
			return err
		}
		if d, err = firstDelivery(ctx, tx, id, sqldb.DeliveryPending); err != nil {
			return err
		}
		if d == nil {
			if p, err = hookPage(ctx, tx, w, nil); err != nil || len(p.rows) > 0 {
				return err
			}
		}
		if d == nil || d.Due > now {
			if d, err = firstDelivery(ctx, tx, id, sqldb.DeliveryAgain); err != nil || d == nil {
				return err
			}
		}
		p, err = hookPage(ctx, tx, w, d)
		return err
	})
	if err != nil || p == nil {
		return w, nil, nil, err
	}
	if d == nil {
		if d, err = h.newDelivery(ctx, w, p, now); err != nil || d == nil {
			return w, nil, nil, err
		}
	}
	body, err = message("records.stored", w.ID, sqldb.Time(d.Created), p)
	return w, d, body, err
}

func firstDelivery(ctx context.Context, tx *sqldb.Tx, hook, state string) (*sqldb.Delivery, error) {
	first, err := tx.Deliveries(ctx, hook, state, 1)
	if err != nil || len(first) == 0 {
		return nil, err
	}
	return &first[0], nil
}

// hookPage reads the records of a message, or those that the next one would have.
func hookPage(ctx context.Context, tx *sqldb.Tx, w sqldb.Webhook, d *sqldb.Delivery) (*pullPage, error) {
	q := pullQuery{after: w.Pos, kinds: kindsOf(w.Kinds), lane: w.Lane, limit: deliveryRows}
	if d == nil {
		return q.page(ctx, tx, deliveryBytes)
	}
	q.after, q.before = d.From, d.To+1
	return q.page(ctx, tx, math.MaxInt) // it is what it was
}

// newDelivery writes a message down. Where nothing matches there is none; how far
// that was looked at is noted now and then.
func (h *Hub) newDelivery(ctx context.Context, w sqldb.Webhook, p *pullPage, now int64) (*sqldb.Delivery, error) {
	if len(p.rows) == 0 {
		if p.next-w.Pos < skipAhead {
			return nil, nil
		}
		return nil, h.db.Update(ctx, func(tx *sqldb.Tx) error { return moveWebhook(ctx, tx, w.ID, p.next) })
	}
	d := &sqldb.Delivery{ID: "msg_" + randomHex(12), Hook: w.ID, From: w.Pos, To: p.next, N: len(p.rows), State: sqldb.DeliveryPending, Created: now, Due: now}
	begun := false
	err := h.db.Update(ctx, func(tx *sqldb.Tx) error {
		at, err := tx.Webhook(ctx, w.ID) // it may have been removed in the meantime
		if err != nil {
			return err
		}
		other, err := firstDelivery(ctx, tx, w.ID, sqldb.DeliveryPending)
		if begun = err == nil && other == nil && at.Pos == w.Pos; !begun {
			return err // another hub was quicker
		}
		return tx.SaveDelivery(ctx, *d)
	})
	if !begun {
		d = nil
	}
	return d, err
}

// moveWebhook notes that what is up to a position was delivered or given up.
func moveWebhook(ctx context.Context, tx *sqldb.Tx, id string, pos int64) error {
	w, err := tx.Webhook(ctx, id)
	if err != nil {
		return err
	}
	w.Pos = max(w.Pos, pos)
	return tx.SaveWebhook(ctx, w)
}

// message writes what is sent: the records without what is sealed in them.
func message(sort, hook string, at time.Time, p *pullPage) ([]byte, error) {
	type data struct {
		Webhook string     `json:"webhook"`
		Records []wire.Row `json:"records"`
	}
	rows := []wire.Row{}
	for i := range p.rows {
		row := pullRow(&p.rows[i])
		row.Sealed, row.SealedSalt = nil, nil
		rows = append(rows, row)
	}
	body, err := json.Marshal(struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      data      `json:"data"`
	}{sort, at, data{hook, rows}})
	if err != nil {
		return nil, fmt.Errorf("write message: %w", err)
	}
	return body, nil
}

// errNotReceived says that an attempt failed, which has been noted, and that what
// comes after it waits.
var errNotReceived = errors.New("not received")

// attempt sends a message and notes how that went. A message that the end of the
// program interrupts is left as it is: it may have arrived, and is sent again.
func (h *Hub) attempt(ctx context.Context, w sqldb.Webhook, d sqldb.Delivery, body []byte) error {
	at, was := h.now(), d.State
	done := h.poster.post(ctx, w, d.ID, body)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	conclude(&d, done, h.now())
	h.metrics.attempted(done)
	line := sqldb.DeliveryAttempt{Delivery: d.ID, At: sqldb.Millis(at), MS: done.took.Milliseconds(), Status: done.status, Error: d.Error}
	err := h.db.Update(context.WithoutCancel(ctx), func(tx *sqldb.Tx) error {
		is, err := tx.Delivery(ctx, d.ID)
		if err != nil {
			return err // the webhook was removed in the meantime
		}
		if is.State != was {
			return tx.AddDeliveryAttempt(ctx, line) // another hub was quicker
		}
		if was == sqldb.DeliveryPending && d.State != was {
			if err := moveWebhook(ctx, tx, w.ID, d.To); err != nil {
				return err
			}
		}
		return errors.Join(tx.SaveDelivery(ctx, d), tx.AddDeliveryAttempt(ctx, line))
	})
	if err == nil && done.err != nil {
		h.log.WarnContext(ctx, "webhook delivery failed", "webhook", w.ID, "delivery", d.ID, "tries", d.Tries, "status", done.status, "state", d.State)
		if d.State == sqldb.DeliveryPending {
			err = errNotReceived
		}
	}
	return err
}

// conclude notes in the delivery how an attempt ended and when the next one is: full
// jitter under a ceiling that doubles, or when the receiver asks for it, and a last
// one at the end of the delivery's life.
func conclude(d *sqldb.Delivery, done posted, now time.Time) {
	d.Tries++
	d.Ended = sqldb.Millis(now)
	if done.err == nil {
		d.State, d.Error = sqldb.DeliveryDelivered, ""
		return
	}
	d.Error = strings.ToValidUTF8(fmt.Sprintf("%.300s", strings.ReplaceAll(done.err.Error(), "\n", " ")), "")
	end := sqldb.Time(d.Created).Add(deliveryLife)
	if d.State == sqldb.DeliveryAgain || !now.Before(end) {
		d.State = sqldb.DeliveryDead
		return
	}
	ceiling := min(firstPause<<min(d.Tries-1, 20), longestPause)
	due := now.Add(max(time.Second, done.retry, rand.N(ceiling)))
	if due.After(end) {
		due = end
	}
	d.Ended, d.Due = 0, sqldb.Millis(due)
}

// TestWebhook sends a message without records, signed like any other, and returns
// the status of the answer and how long it took. The error says in one line why it
// was not received; it has CodeNotFound where there is no such webhook.
func (h *Hub) TestWebhook(ctx context.Context, id string) (status int, took time.Duration, err error) {
	var w sqldb.Webhook
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		w, err = webhookOf(ctx, tx, id)
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	body, err := message("webhook.tested", w.ID, h.now(), &pullPage{})
	if err != nil {
		return 0, 0, err
	}
	done := h.poster.post(ctx, w, "msg_"+randomHex(12), body)
	return done.status, done.took, done.err
}
