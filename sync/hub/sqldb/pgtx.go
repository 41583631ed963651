package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Transactions on PostgreSQL. An Update is SERIALIZABLE, so that its rules hold as
// if it were alone; where the server finds that two disturbed each other, one is
// rolled back and run again; those of one hub take turns, because on small tables, which
// the server reads whole, any two disturb each other. What a booth sends goes by UpdateBooth: READ COMMITTED
// under a lock of the booth's row, which is as good, because rules of what a booth
// sends look at that booth only, and which lets booths pass each other.

const (
	maxTries = 12              // of one transaction
	txTime   = 2 * time.Minute // after which a transaction is given up: a server may vanish without a word
)

// pgUpdate runs f in a transaction that writes, again where the server asks for it
// or the connection broke before the commit. After a connection that broke in
// mid-commit nobody knows whether it happened, so that is left to the caller.
func (db *DB) pgUpdate(ctx context.Context, level sql.IsolationLevel, f func(*Tx) error) error {
	if level == sql.LevelSerializable {
		select {
		case db.serial <- struct{}{}:
			defer func() { <-db.serial }()
		case <-ctx.Done():
			return fmt.Errorf("wait for a turn to write: %w", ctx.Err())
		}
	}
	for try := 1; ; try++ {
		committing := false
		err := db.within(ctx, db.write, &sql.TxOptions{Isolation: level}, func(tx *sql.Tx) error {
			return commit(tx, func(tx *Tx) error {
				err := f(tx)
				committing = err == nil
				return err
			}, &Tx{tx: clean{tx}, hot: &db.hot, pg: db})
		})
		if err == nil || try == maxTries || !(disturbed(err) || (lost(err) && !committing)) {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

// pgUpdateBooth begins with the booth's row, and so do all: none waits for another
// crosswise.
func (db *DB) pgUpdateBooth(ctx context.Context, booth string, f func(*Tx) error) error {
	return db.pgUpdate(ctx, sql.LevelReadCommitted, func(tx *Tx) error {
		if _, err := tx.tx.ExecContext(ctx, `SELECT 1 FROM booth WHERE id = $1 FOR NO KEY UPDATE`, booth); err != nil {
			return fmt.Errorf("lock booth %s: %w", booth, err)
		}
		return f(tx)
	})
}

// pgView runs f in a transaction that only reads, all from one state. A connection
// that turns out to be broken before f has begun is replaced.
func (db *DB) pgView(ctx context.Context, f func(*Tx) error) error {
	for try := 1; ; try++ {
		begun := false
		err := db.within(ctx, db.read, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, func(tx *sql.Tx) error {
			begun = true
			return f(&Tx{tx: clean{tx}, pg: db})
		})
		if err == nil || begun || try == maxTries || !lost(err) {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

// pause waits a little before the next try: up to 2 ms, then up to 4, at most 1 s.
func pause(ctx context.Context, try int) error {
	t := time.NewTimer(rand.N(min(time.Millisecond<<try, time.Second)))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// clean is a transaction whose texts have no byte that PostgreSQL refuses: a zero
// byte, or what is no UTF-8. Some of them quote what a booth sent, and no booth may
// hold its own queue up by that.
type clean struct{ *sql.Tx }

func cleanArgs(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}

// ExecContext runs a statement.
func (c clean) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	return c.Tx.ExecContext(ctx, text, cleanArgs(args)...)
}

// QueryContext asks for rows.
func (c clean) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return c.Tx.QueryContext(ctx, text, cleanArgs(args)...)
}

// QueryRowContext asks for one row.
func (c clean) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	return c.Tx.QueryRowContext(ctx, text, cleanArgs(args)...)
}
