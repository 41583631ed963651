package sqldb

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"redstation/kiosk"
)

// Row is a stored record with what the hub knows of it.
type Row struct {
	Pos      int64
	Kind     string
	Raw      []byte
	Received int64 // ms
}

// Log returns at most q.Limit rows that match, in the hub's order or backwards.
// q.Limit must be positive.
func (tx *Tx) Log(ctx context.Context, q kiosk.LogQuery) ([]Row, error) {
	lo, hi, err := tx.bounds(ctx, q)
	if err != nil || lo > hi {
		return nil, err
	}
	write := logQuery
	if tx.pg != nil {
		write = pgLogQuery
	}
	text, args := write(q, lo, hi)
	rows, err := tx.tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	out := make([]Row, 0, min(q.Limit, 64))
	for rows.Next() {
		var r Row
		if err := rows.Scan(&r.Pos, &r.Kind, &r.Raw, &r.Received); err != nil {
			return nil, fmt.Errorf("read log: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// bounds turns cursors and times into the first and last position.
func (tx *Tx) bounds(ctx context.Context, q kiosk.LogQuery) (lo, hi int64, err error) {
	lo, hi = q.After+1, math.MaxInt64
	if q.Before > 0 {
		hi = q.Before - 1
	}
	if !q.Since.IsZero() {
		var p int64
		if err := tx.tx.QueryRowContext(ctx, `SELECT COALESCE(MIN(pos), $1) FROM batch WHERE received >= $2`,
			int64(math.MaxInt64), q.Since.UnixMilli()).Scan(&p); err != nil {
			return 0, 0, fmt.Errorf("find first position: %w", err)
		}
		lo = max(lo, p)
	}
	if !q.Until.IsZero() {
		var p int64
		if err := tx.tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(pos + n - 1), 0) FROM batch WHERE received < $1`,
			q.Until.UnixMilli()).Scan(&p); err != nil {
			return 0, 0, fmt.Errorf("find last position: %w", err)
		}
		hi = min(hi, p)
	}
	return lo, hi, nil
}

// logQuery writes the query. Which booth and lane a record belongs to stands once
// in its batch, so that filters on them walk over batches first; CROSS JOIN keeps
// SQLite to that order.
func logQuery(q kiosk.LogQuery, lo, hi int64) (text string, args []any) {
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	order := ""
	if q.Backward {
		order = " DESC"
	}
	if q.Booth == "" && q.Lane == nil {
		text = `SELECT r.pos, (SELECT k.name FROM kind k WHERE k.id = r.kind), r.raw, (SELECT b.received FROM batch b WHERE b.pos <= r.pos ORDER BY b.pos DESC LIMIT 1)
FROM record r WHERE r.pos BETWEEN ` + arg(lo) + ` AND ` + arg(hi)
	} else {
		text = `SELECT r.pos, (SELECT k.name FROM kind k WHERE k.id = r.kind), r.raw, b.received FROM batch b CROSS JOIN record r
WHERE b.pos >= COALESCE((SELECT MAX(pos) FROM batch WHERE pos <= ` + arg(lo) + `), 0) AND b.pos <= ` + arg(hi) + `
	AND r.pos >= b.pos AND r.pos < b.pos + b.n AND r.pos BETWEEN ` + arg(lo) + ` AND ` + arg(hi)
		if q.Booth != "" {
			text += ` AND b.booth = ` + arg(q.Booth)
		}
		if q.Lane != nil {
			text += ` AND b.lane = ` + arg(int64(*q.Lane))
		}
	}
	if q.Kind != "" {
		text += ` AND r.kind = (SELECT id FROM kind WHERE name = ` + arg(string(q.Kind)) + `)`
	}
	if q.Booth == "" && q.Lane == nil {
		text += ` ORDER BY r.pos` + order
	} else {
		text += ` ORDER BY b.pos` + order + `, r.pos` + order
	}
	return text + ` LIMIT ` + arg(int64(q.Limit)), args
}

// Row returns one stored record, or ErrNoRow.
func (tx *Tx) Row(ctx context.Context, pos int64) (Row, error) {
	r := Row{Pos: pos}
	query := `SELECT k.name, r.raw, (SELECT b.received FROM batch b WHERE b.pos <= r.pos ORDER BY b.pos DESC LIMIT 1)
FROM record r JOIN kind k ON k.id = r.kind WHERE r.pos = $1`
	if tx.pg != nil {
		query = pgRow
	}
	err := tx.tx.QueryRowContext(ctx, query, pos).Scan(&r.Kind, &r.Raw, &r.Received)
	return r, found(err)
}

// LastPos returns the position of the last record that has one, 0 where there is none.
func (tx *Tx) LastPos(ctx context.Context) (pos int64, err error) {
	query := `SELECT COALESCE(MAX(pos), 0) FROM record`
	if tx.pg != nil {
		query = `SELECT next - 1 FROM seal`
	}
	err = tx.tx.QueryRowContext(ctx, query).Scan(&pos)
	return pos, err
}

// Kinds returns the kinds that the log holds, by name.
func (tx *Tx) Kinds(ctx context.Context) ([]kiosk.Kind, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT name FROM kind WHERE name <> '' ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list kinds: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []kiosk.Kind
	for rows.Next() {
		var k kiosk.Kind
		if err := rows.Scan(&k); err != nil {
			return nil, fmt.Errorf("list kinds: %w", err)
		}
		out = append(out, k)
	}
	return out, rows.Err()
}

// Quarantined is a record that is stored and could not be made sense of.
type Quarantined struct {
	Pos     int64
	Reason  string
	Version string // of the program that tried last
	Tries   int
}

// Quarantine notes a record that makes no sense, or that it still makes none.
func (tx *Tx) Quarantine(ctx context.Context, pos int64, reason, version string) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO quarantine (pos, reason, version, tries) VALUES ($1, $2, $3, 1)
ON CONFLICT (pos) DO UPDATE SET reason = excluded.reason, version = excluded.version, tries = quarantine.tries + 1`, pos, reason, version)
	if err != nil {
		return fmt.Errorf("quarantine record %d: %w", pos, err)
	}
	return nil
}

// Release takes a record out of the quarantine.
func (tx *Tx) Release(ctx context.Context, pos int64) error {
	_, err := tx.tx.ExecContext(ctx, `DELETE FROM quarantine WHERE pos = $1`, pos)
	return err
}

// Quarantined returns at most limit records in quarantine behind the cursor.
func (tx *Tx) Quarantined(ctx context.Context, after int64, limit int) ([]Quarantined, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT pos, reason, version, tries FROM quarantine WHERE pos > $1 ORDER BY pos LIMIT $2`, after, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list quarantine: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Quarantined
	for rows.Next() {
		var q Quarantined
		if err := rows.Scan(&q.Pos, &q.Reason, &q.Version, &q.Tries); err != nil {
			return nil, fmt.Errorf("list quarantine: %w", err)
		}
		out = append(out, q)
	}
	return out, rows.Err()
}
