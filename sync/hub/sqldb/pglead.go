package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// Locks that hubs of one database keep each other out with. They are advisory, in
// a space of their own, and belong to a transaction or a connection, so that they
// end with it.
const (
	lockSpace   int32 = 0x52656453
	lockMigrate int32 = 1
	lockSeal    int32 = 2
	lockMonths  int32 = 3
	lockJobs    int32 = 100 // and above: see Job
)

// Job is something that one hub does for all.
type Job int32

// The jobs.
const (
	JobReconsider Job = iota // quarantined records are tried again
	JobHouse                 // ended sessions are forgotten, partitions made
	JobTimes                 // what stored records say of time is read anew
	JobPapers                // the papers of requests are answered
	JobLoans                 // loans and returns are put together
	JobWebhooks              // new records are sent to the city's systems
	JobConsents              // the ledger of consents is made
)

// leadCheck is how often whoever leads looks whether it still does.
const leadCheck = 5 * time.Second

// channel is what hubs tell each other by that there is something new.
const channel = "redstation_news"

// lock takes a lock until the transaction ends.
func (tx *Tx) lock(ctx context.Context, key int32) error {
	if _, err := tx.tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1, $2)`, lockSpace, key); err != nil {
		return fmt.Errorf("take lock %d: %w", key, err)
	}
	return nil
}

// Lead runs f unless another hub of the same database is at that job just now, and
// reports whether it did. The lead is lost with the connection that holds it; f's
// context ends when that is noticed, which takes some seconds, and meanwhile another
// hub may have begun: what f does must be right even then, by its transactions.
func (db *DB) Lead(ctx context.Context, job Job, f func(context.Context) error) (led bool, err error) {
	if !db.pg {
		return true, f(ctx)
	}
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return false, fmt.Errorf("wait for a connection: %w", err)
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	key := lockJobs + int32(job)
	if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1, $2)`, lockSpace, key).Scan(&led); err != nil || !led {
		return false, err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1, $2)`, lockSpace, key) //nolint:errcheck // it ends with the connection
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go watch(ctx, conn, cancel)
	return true, f(ctx)
}

// watch ends the lead when the connection that holds it does not answer any more.
func watch(ctx context.Context, conn *sql.Conn, end func()) {
	t := time.NewTicker(leadCheck)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			short, cancel := context.WithTimeout(ctx, leadCheck)
			err := conn.PingContext(short)
			cancel()
			if err != nil {
				end()
				return
			}
		}
	}
}

// notify tells all hubs, once the transaction is committed, that there is something
// new to read.
func (tx *Tx) notify(ctx context.Context) error {
	if _, err := tx.tx.ExecContext(ctx, `SELECT pg_notify($1, '')`, channel); err != nil {
		return fmt.Errorf("tell the other hubs: %w", err)
	}
	return nil
}

// Listen calls f whenever a hub of the same database told of something new, until
// ctx ends. It is a hint and may be missed: whoever waits looks by itself as well.
// On SQLite nobody tells.
func (db *DB) Listen(ctx context.Context, f func()) {
	for db.pg && ctx.Err() == nil {
		if err := db.listen(ctx, f); err != nil && ctx.Err() == nil {
			pause(ctx, 10) //nolint:errcheck // the loop looks
		}
	}
}

func (db *DB) listen(ctx context.Context, f func()) error {
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	return conn.Raw(func(under any) error {
		c := under.(*stdlib.Conn).Conn()
		if _, err := c.Exec(ctx, `LISTEN `+channel); err != nil {
			return err
		}
		defer c.Close(context.WithoutCancel(ctx)) //nolint:errcheck // so that nobody else hears
		for {
			if _, err := c.WaitForNotification(ctx); err != nil {
				return err
			}
			f()
		}
	})
}
