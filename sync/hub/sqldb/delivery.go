package sqldb

import (
	"context"
	"fmt"
)

// The states of a delivery.
const (
	DeliveryPending   = "pending"   // to be sent, and what comes after it waits
	DeliveryDelivered = "delivered" // received
	DeliveryDead      = "dead"      // given up
	DeliveryAgain     = "again"     // was given up, to be sent once more
)

// Delivery is one message to a webhook. Times are ms.
type Delivery struct {
	ID       string
	Hook     string
	From, To int64 // the records that match after From, up to To
	N        int   // so many
	State    string
	Created  int64
	Due      int64 // next attempt
	Ended    int64
	Tries    int
	Error    string // of the last attempt
}

const deliveryColumns = `SELECT id, hook, from_pos, to_pos, n, state, created, due, ended, tries, error FROM webhook_delivery`

func scanDelivery(row scanner) (Delivery, error) {
	var d Delivery
	err := row.Scan(&d.ID, &d.Hook, &d.From, &d.To, &d.N, &d.State, &d.Created, &d.Due, &d.Ended, &d.Tries, &d.Error)
	return d, found(err)
}

// Delivery returns the delivery of that id, or ErrNoRow.
func (tx *Tx) Delivery(ctx context.Context, id string) (Delivery, error) {
	return scanDelivery(tx.tx.QueryRowContext(ctx, deliveryColumns+` WHERE id = $1`, id))
}

// Deliveries returns at most limit deliveries of a webhook that are in a state, in
// the order of their records.
func (tx *Tx) Deliveries(ctx context.Context, hook, state string, limit int) ([]Delivery, error) {
	rows, err := tx.tx.QueryContext(ctx, deliveryColumns+` WHERE hook = $1 AND state = $2 ORDER BY to_pos, id LIMIT $3`, hook, state, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Delivery
	for rows.Next() {
		d, err := scanDelivery(rows)
		if err != nil {
			return nil, fmt.Errorf("list deliveries: %w", err)
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// CountDeliveries counts a webhook's deliveries in a state.
func (tx *Tx) CountDeliveries(ctx context.Context, hook, state string) (n int, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM webhook_delivery WHERE hook = $1 AND state = $2`, hook, state).Scan(&n)
	return n, err
}

// SaveDelivery adds a delivery or stores what may change of it.
func (tx *Tx) SaveDelivery(ctx context.Context, d Delivery) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO webhook_delivery (id, hook, from_pos, to_pos, n, state, created, due, ended, tries, error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, due = excluded.due, ended = excluded.ended, tries = excluded.tries, error = excluded.error`,
		d.ID, d.Hook, d.From, d.To, int64(d.N), d.State, d.Created, d.Due, d.Ended, int64(d.Tries), d.Error)
	if err != nil {
		return fmt.Errorf("save delivery: %w", err)
	}
	return nil
}

// PurgeDeliveries forgets what was delivered before a time, with its attempts.
func (tx *Tx) PurgeDeliveries(ctx context.Context, before int64) error {
	if _, err := tx.tx.ExecContext(ctx, `DELETE FROM webhook_attempt WHERE delivery IN
	(SELECT id FROM webhook_delivery WHERE state = $1 AND ended < $2)`, DeliveryDelivered, before); err != nil {
		return fmt.Errorf("forget attempts: %w", err)
	}
	if _, err := tx.tx.ExecContext(ctx, `DELETE FROM webhook_delivery WHERE state = $1 AND ended < $2`, DeliveryDelivered, before); err != nil {
		return fmt.Errorf("forget deliveries: %w", err)
	}
	return nil
}

// DeliveryAttempt is one attempt at a delivery.
type DeliveryAttempt struct {
	Delivery string
	At       int64 // ms
	MS       int64 // how long it took
	Status   int   // of HTTP; 0 = there was no answer
	Error    string
}

// AddDeliveryAttempt notes an attempt.
func (tx *Tx) AddDeliveryAttempt(ctx context.Context, a DeliveryAttempt) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO webhook_attempt (delivery, at, ms, status, error) VALUES ($1, $2, $3, $4, $5)`,
		a.Delivery, a.At, a.MS, int64(a.Status), a.Error)
	if err != nil {
		return fmt.Errorf("note attempt: %w", err)
	}
	return nil
}

// DeliveryAttempts returns the last attempts at a webhook's deliveries, newest first.
func (tx *Tx) DeliveryAttempts(ctx context.Context, hook string, limit int) ([]DeliveryAttempt, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT a.delivery, a.at, a.ms, a.status, a.error
FROM webhook_attempt a JOIN webhook_delivery d ON d.id = a.delivery
WHERE d.hook = $1 ORDER BY a.id DESC LIMIT $2`, hook, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list attempts: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []DeliveryAttempt
	for rows.Next() {
		var a DeliveryAttempt
		if err := rows.Scan(&a.Delivery, &a.At, &a.MS, &a.Status, &a.Error); err != nil {
			return nil, fmt.Errorf("list attempts: %w", err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}
