package sqldb

import (
	"context"
	"fmt"
	"strings"

	"redstation/kiosk"
)

// Webhook is an address that new records are sent to.
type Webhook struct {
	ID      string
	URL     string
	Secret  []byte
	Kinds   []string    // none = all
	Lane    *kiosk.Lane // nil = both
	Private bool        // may lead into a private network
	Pos     int64       // what is up to here was delivered or given up
	Created int64       // ms
}

const webhookColumns = `SELECT id, url, secret, kinds, lane, private, pos, created FROM webhook`

func scanWebhook(row scanner) (Webhook, error) {
	var w Webhook
	var kinds string
	var lane, private int64
	err := row.Scan(&w.ID, &w.URL, &w.Secret, &kinds, &lane, &private, &w.Pos, &w.Created)
	w.Kinds, w.Private = list(kinds), private != 0
	if l := kiosk.Lane(lane); lane >= 0 {
		w.Lane = &l
	}
	return w, found(err)
}

// Webhook returns the webhook of that id, or ErrNoRow.
func (tx *Tx) Webhook(ctx context.Context, id string) (Webhook, error) {
	return scanWebhook(tx.tx.QueryRowContext(ctx, webhookColumns+` WHERE id = $1`, id))
}

// Webhooks returns all webhooks, the oldest first.
func (tx *Tx) Webhooks(ctx context.Context) ([]Webhook, error) {
	rows, err := tx.tx.QueryContext(ctx, webhookColumns+` ORDER BY created, id`)
	if err != nil {
		return nil, fmt.Errorf("list webhooks: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Webhook
	for rows.Next() {
		w, err := scanWebhook(rows)
		if err != nil {
			return nil, fmt.Errorf("list webhooks: %w", err)
		}
		out = append(out, w)
	}
	return out, rows.Err()
}

// SaveWebhook adds a webhook or stores how far it is.
func (tx *Tx) SaveWebhook(ctx context.Context, w Webhook) error {
	lane := int64(-1)
	if w.Lane != nil {
		lane = int64(*w.Lane)
	}
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO webhook (id, url, secret, kinds, lane, private, pos, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE SET pos = excluded.pos`,
		w.ID, w.URL, w.Secret, strings.Join(w.Kinds, " "), lane, int64(btoi(w.Private)), w.Pos, w.Created)
	if err != nil {
		return fmt.Errorf("save webhook: %w", err)
	}
	return nil
}

// DeleteWebhook removes a webhook with everything that was noted of it.
func (tx *Tx) DeleteWebhook(ctx context.Context, id string) error {
	for _, text := range [...]string{
		`DELETE FROM webhook_attempt WHERE delivery IN (SELECT id FROM webhook_delivery WHERE hook = $1)`,
		`DELETE FROM webhook_delivery WHERE hook = $1`,
		`DELETE FROM webhook WHERE id = $1`,
	} {
		if _, err := tx.tx.ExecContext(ctx, text, id); err != nil {
			return fmt.Errorf("remove webhook: %w", err)
		}
	}
	return nil
}
