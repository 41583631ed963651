package sqldb

import (
	"context"
	"fmt"
	"math"

	"redstation/kiosk"
)

// SaveConsent writes the ledger's line of a filing, beside a withdrawal that may have
// come before it. A second record with the same number changes nothing.
func (tx *Tx) SaveConsent(ctx context.Context, c kiosk.ConsentLine) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO consent (number, booth, service, given, wording, lang, pack, helped, paper, pos) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (number) DO UPDATE SET booth = excluded.booth, service = excluded.service, given = excluded.given, wording = excluded.wording,
	lang = excluded.lang, pack = excluded.pack, helped = excluded.helped, paper = excluded.paper, pos = excluded.pos WHERE consent.pos = 0`,
		c.Number, c.Booth, c.Service, bit(c.Given), c.Text, string(c.Lang), c.Pack, bit(c.Helped), c.Paper, c.Pos)
	if err != nil {
		return fmt.Errorf("save consent of %s: %w", c.Number, err)
	}
	return nil
}

// WithdrawConsent notes that the consent of a receipt was taken back. The first time
// counts.
func (tx *Tx) WithdrawConsent(ctx context.Context, number string, at, pos int64) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO consent (number, withdrawn, withdrawn_pos) VALUES ($1, $2, $3)
ON CONFLICT (number) DO UPDATE SET withdrawn = excluded.withdrawn, withdrawn_pos = excluded.withdrawn_pos WHERE consent.withdrawn = 0`, number, at, pos)
	if err != nil {
		return fmt.Errorf("withdraw consent of %s: %w", number, err)
	}
	return nil
}

// Consents returns a page of the ledger, newest first, without what stands in the
// records and the booths.
func (tx *Tx) Consents(ctx context.Context, q kiosk.ConsentQuery) ([]kiosk.ConsentLine, error) {
	before := q.Before
	if before <= 0 {
		before = math.MaxInt64
	}
	text := `SELECT number, booth, service, given, wording, lang, pack, helped, paper, pos, withdrawn, withdrawn_pos FROM consent WHERE pos > 0 AND pos < $1`
	args := []any{before}
	for _, f := range []struct{ column, value string }{{"booth", q.Booth}, {"service", q.Service}, {"number", q.Number}, {"wording", q.Text}} {
		if f.value != "" {
			args = append(args, f.value)
			text += fmt.Sprintf(` AND %s = $%d`, f.column, len(args))
		}
	}
	switch q.State {
	case kiosk.ConsentGiven:
		text += ` AND given = 1 AND withdrawn = 0`
	case kiosk.ConsentRefused:
		text += ` AND given = 0 AND withdrawn = 0`
	case kiosk.ConsentWithdrawn:
		text += ` AND withdrawn > 0`
	}
	args = append(args, q.Limit)
	rows, err := tx.tx.QueryContext(ctx, text+fmt.Sprintf(` ORDER BY pos DESC LIMIT $%d`, len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("read consents: %w", err)
	}
	defer rows.Close()
	var list []kiosk.ConsentLine
	for rows.Next() {
		var c kiosk.ConsentLine
		var given, helped, withdrawn int64
		var lang string
		if err := rows.Scan(&c.Number, &c.Booth, &c.Service, &given, &c.Text, &lang, &c.Pack, &helped, &c.Paper, &c.Pos, &withdrawn, &c.WithdrawnPos); err != nil {
			return nil, fmt.Errorf("read consents: %w", err)
		}
		c.Given, c.Helped, c.Lang = given != 0, helped != 0, kiosk.Lang(lang)
		if withdrawn > 0 {
			c.Withdrawn = Time(withdrawn)
		}
		list = append(list, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read consents: %w", err)
	}
	return list, nil
}

// bit is a yes or no as both engines keep it.
func bit(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
