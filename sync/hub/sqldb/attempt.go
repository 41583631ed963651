package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"redstation/kiosk"
)

// Tally counts how a booth's attempts ended.
type Tally struct {
	Good, Bad int64
}

// AddTally adds to a booth's counts; a booth that is not there has none.
func (tx *Tx) AddTally(ctx context.Context, booth string, c Tally) error {
	_, err := tx.tx.ExecContext(ctx, `UPDATE attempt_count SET good = good + $1, bad = bad + $2 WHERE booth = $3`, c.Good, c.Bad, booth)
	if err != nil {
		return fmt.Errorf("count attempts of booth %s: %w", booth, err)
	}
	return nil
}

// BeginTally gives a booth its counts, which begin at zero, unless it has some.
func (tx *Tx) BeginTally(ctx context.Context, booth string) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO attempt_count (booth, good, bad, written) VALUES ($1, 0, 0, 0) ON CONFLICT (booth) DO NOTHING`, booth)
	if err != nil {
		return fmt.Errorf("count attempts of booth %s: %w", booth, err)
	}
	return nil
}

// Tally returns a booth's counts; zero where it has none.
func (tx *Tx) Tally(ctx context.Context, booth string) (c Tally, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT good, bad FROM attempt_count WHERE booth = $1`, booth).Scan(&c.Good, &c.Bad)
	if errors.Is(err, sql.ErrNoRows) {
		return Tally{}, nil
	}
	if err != nil {
		return Tally{}, fmt.Errorf("read attempts of booth %s: %w", booth, err)
	}
	return c, nil
}

// AddAttempt keeps a failed attempt in the place of the oldest where there are as many
// as are kept. The booth must be there.
func (tx *Tx) AddAttempt(ctx context.Context, booth string, a kiosk.Attempt, keep int) error {
	var n int64
	err := tx.tx.QueryRowContext(ctx, `INSERT INTO attempt_count (booth, good, bad, written) VALUES ($1, 0, 0, 1)
ON CONFLICT (booth) DO UPDATE SET written = attempt_count.written + 1 RETURNING written`, booth).Scan(&n)
	if err != nil {
		return fmt.Errorf("number attempt of booth %s: %w", booth, err)
	}
	_, err = tx.tx.ExecContext(ctx, `INSERT INTO attempt (booth, slot, n, at, what, trouble, detail, bytes, took_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (booth, slot) DO UPDATE SET n = excluded.n, at = excluded.at, what = excluded.what, trouble = excluded.trouble,
	detail = excluded.detail, bytes = excluded.bytes, took_ms = excluded.took_ms`,
		booth, n%int64(keep), n, Millis(a.At), a.What, a.Trouble, a.Detail, a.Bytes, a.Took.Milliseconds())
	if err != nil {
		return fmt.Errorf("note attempt of booth %s: %w", booth, err)
	}
	return nil
}

// Attempts returns a booth's failed attempts that are kept, newest first.
func (tx *Tx) Attempts(ctx context.Context, booth string) ([]kiosk.Attempt, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT at, what, trouble, detail, bytes, took_ms FROM attempt WHERE booth = $1 ORDER BY n DESC`, booth)
	if err != nil {
		return nil, fmt.Errorf("read attempts of booth %s: %w", booth, err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []kiosk.Attempt
	for rows.Next() {
		var a kiosk.Attempt
		var at, took int64
		if err := rows.Scan(&at, &a.What, &a.Trouble, &a.Detail, &a.Bytes, &took); err != nil {
			return nil, fmt.Errorf("read attempts of booth %s: %w", booth, err)
		}
		a.At, a.Took = Time(at), time.Duration(took)*time.Millisecond
		out = append(out, a)
	}
	return out, rows.Err()
}
