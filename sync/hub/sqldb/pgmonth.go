package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// monthsAhead is for how many months besides the current one partitions stand ready.
const monthsAhead = 3

// MakeMonths makes the partitions of the records that come in now's month and the
// next ones; on SQLite there are none. Call it at least monthly: what arrives in a
// month that has none is kept in the partition for the rest, which is never lost and
// only slower to drop later.
func (db *DB) MakeMonths(ctx context.Context, now time.Time) error {
	if !db.pg {
		return nil
	}
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("wait for a connection: %w", err)
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	return db.pgMonths(ctx, conn, now)
}

func (db *DB) pgMonths(ctx context.Context, conn *sql.Conn, now time.Time) error {
	first := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	for i := range monthsAhead + 1 {
		from := first.AddDate(0, i, 0)
		name := from.Format("record_2006_01")
		var there bool
		if err := conn.QueryRowContext(ctx, `SELECT to_regclass($1) IS NOT NULL`, name).Scan(&there); err != nil {
			return fmt.Errorf("look for partition %s: %w", name, err)
		}
		if there {
			continue
		}
		err := makeMonth(ctx, conn, name, from, from.AddDate(0, 1, 0))
		if state(err) == "23514" {
			db.log.WarnContext(ctx, "partition not made because records of its month lie in the one for the rest", "partition", name)
			continue
		}
		if err != nil {
			return fmt.Errorf("make partition %s: %w", name, err)
		}
		db.log.InfoContext(ctx, "partition made", "partition", name)
	}
	return nil
}

func makeMonth(ctx context.Context, conn *sql.Conn, name string, from, to time.Time) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1, $2)`, lockSpace, lockMonths); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s PARTITION OF record FOR VALUES FROM (%d) TO (%d)`,
		name, from.UnixMilli(), to.UnixMilli())); err != nil {
		return err
	}
	return tx.Commit()
}
