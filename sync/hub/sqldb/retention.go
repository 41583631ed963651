package sqldb

import (
	"context"
	"fmt"
)

// Rule says how long something is kept.
type Rule struct {
	Kind string // of records, or the first word of kinds with its dot; RuleAudit
	Days int64
	Done int64 // position up to which it has been carried out
}

// RuleAudit is the rule for lines of the audit log.
const RuleAudit = "audit"

// Rules returns what is kept for how long.
func (tx *Tx) Rules(ctx context.Context) ([]Rule, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT kind, days, done FROM retention ORDER BY kind`)
	if err != nil {
		return nil, fmt.Errorf("read retention: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Rule
	for rows.Next() {
		var r Rule
		if err := rows.Scan(&r.Kind, &r.Days, &r.Done); err != nil {
			return nil, fmt.Errorf("read retention: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// SetRule stores for how many days a kind is kept.
func (tx *Tx) SetRule(ctx context.Context, kind string, days int64) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO retention (kind, days) VALUES ($1, $2)
ON CONFLICT (kind) DO UPDATE SET days = excluded.days, done = 0`, kind, days)
	if err != nil {
		return fmt.Errorf("save retention of %s: %w", kind, err)
	}
	return nil
}

// DropRule keeps a kind for ever. It reports whether there was a rule.
func (tx *Tx) DropRule(ctx context.Context, kind string) (bool, error) {
	res, err := tx.tx.ExecContext(ctx, `DELETE FROM retention WHERE kind = $1`, kind)
	if err != nil {
		return false, fmt.Errorf("drop retention of %s: %w", kind, err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// RuleDone notes how far a rule has been carried out.
func (tx *Tx) RuleDone(ctx context.Context, kind string, pos int64) error {
	if _, err := tx.tx.ExecContext(ctx, `UPDATE retention SET done = $1 WHERE kind = $2`, pos, kind); err != nil {
		return fmt.Errorf("save retention of %s: %w", kind, err)
	}
	return nil
}

// ForgetAudit deletes the lines of the audit log from before a time, ms.
func (tx *Tx) ForgetAudit(ctx context.Context, before int64) error {
	if _, err := tx.tx.ExecContext(ctx, `DELETE FROM audit WHERE at < $1`, before); err != nil {
		return fmt.Errorf("forget audit lines: %w", err)
	}
	return nil
}

// EmptyLog brings SQLite's journal into the file and empties it, so that no earlier
// state of a page is left in it. Where a reader is in the way, the next time does it.
// PostgreSQL keeps its own house.
func (db *DB) EmptyLog(ctx context.Context) error {
	if db.Shared() {
		return nil
	}
	var busy, frames, moved int
	if err := db.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved); err != nil {
		return db.judge(fmt.Errorf("empty the journal: %w", err))
	}
	return nil
}
