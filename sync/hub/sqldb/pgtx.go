package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
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
		err := db.onTx(ctx, db.write, &sql.TxOptions{Isolation: level}, func(conn *sql.Conn, tx *sql.Tx) error {
			late := &late{conn: conn}
			return commit(tx, func(tx *Tx) error {
				err := f(tx)
				if err == nil {
					err = late.flush(ctx)
				}
				committing = err == nil
				return err
			}, &Tx{tx: clean{tx, late}, hot: &db.hot, pg: db, late: late})
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
			return f(&Tx{tx: clean{tx, nil}, pg: db})
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

// pgGlance asks without a transaction. A connection that turns out to be broken is
// replaced.
func (db *DB) pgGlance(ctx context.Context, f func(*Tx) error) error {
	for try := 1; ; try++ {
		err := db.on(ctx, db.read, func(conn *sql.Conn) error { return f(&Tx{tx: clean{conn, nil}, pg: db}) })
		if err == nil || try == maxTries || !lost(err) {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

// late are statements that wait until the next one whose result is needed, or for the
// commit: then all go to the server in one round trip.
type late struct {
	conn   *sql.Conn
	batch  pgx.Batch
	failed error // what could not be said at once
}

func (l *late) add(text string, args []any) { l.batch.Queue(text, cleanArgs(args)...) }

// flush runs them; on a nil one there are none.
func (l *late) flush(ctx context.Context) error {
	if l == nil || l.failed != nil || l.batch.Len() == 0 {
		return l.failure()
	}
	batch := l.batch
	l.batch = pgx.Batch{}
	l.failed = l.conn.Raw(func(driver any) error {
		return driver.(*stdlib.Conn).Conn().SendBatch(ctx, &batch).Close()
	})
	return l.failed
}

// failure is what went wrong; the transaction is then lost.
func (l *late) failure() error {
	if l == nil {
		return nil
	}
	return l.failed
}

// clean is a transaction whose texts have no byte that PostgreSQL refuses: a zero
// byte, or what is no UTF-8. Some of them quote what a booth sent, and no booth may
// hold its own queue up by that. What was to be run later is run before anything else.
type clean struct {
	queryer
	late *late
}

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
	if err := c.late.flush(ctx); err != nil {
		return nil, err
	}
	return c.queryer.ExecContext(ctx, text, cleanArgs(args)...)
}

// QueryContext asks for rows.
func (c clean) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if err := c.late.flush(ctx); err != nil {
		return nil, err
	}
	return c.queryer.QueryContext(ctx, text, cleanArgs(args)...)
}

// QueryRowContext asks for one row. After a statement that failed the server fails
// this one, too.
func (c clean) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	c.late.flush(ctx) //nolint:errcheck // it is kept, and ends the transaction
	return c.queryer.QueryRowContext(ctx, text, cleanArgs(args)...)
}
