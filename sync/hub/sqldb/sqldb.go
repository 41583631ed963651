// Package sqldb is the hub's store: rows in and rows out, on database/sql. The
// rules of what may be stored are not here but in package hub.
//
// Everything happens in transactions: Update for one that writes, UpdateBooth and
// UpdateFrom for one that writes what a booth sent, View for one that only reads, Glance
// for one question. Whoever writes
// in an Update may reason as if nobody else did: on SQLite there is one writer at a
// time, among processes too, and on PostgreSQL transactions that disturb each other
// are run again. So each may run more than once, and only the last run counts. One
// that returned without an error survives a power cut.
//
// The engine is chosen by the DSN. The rows' methods are one text for SQLite and
// PostgreSQL, with $1 placeholders, and stand in the files named after the rows;
// each engine has migrations of its own, and what PostgreSQL wants differently
// beyond that stands in the files whose names begin with pg.
//
// The city's order: every record has a position, without gaps. On SQLite the one
// writer gives it in the transaction that stores the record. On PostgreSQL many
// hubs commit at once and in any order, so positions are given afterwards, to what
// is committed (Seal); what is not sealed yet is not read by anybody.
package sqldb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"

	"redstation/kiosk"
)

//go:embed migrations
var migrations embed.FS

var (
	// ErrNoRow says that there is no such row.
	ErrNoRow = errors.New("no such row")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("the store is closed")
)

// Opts are the choices of a store; the zero value works.
type Opts struct {
	Dir     string       // where hub.db is when the DSN is empty; "" = the working directory
	Log     *slog.Logger // nil = slog.Default
	Readers int          // connections that read; 0 = 4
}

// DB is the hub's store. It is safe for concurrent use.
type DB struct {
	write, read *sql.DB
	pg          bool  // PostgreSQL, else SQLite
	kinds       kinds // on PostgreSQL
	log         *slog.Logger
	hot         statements
	texts       *prepared     // what readers of SQLite ask again and again
	written     *texts        // what its writer says again and again
	places      chan struct{} // one for each reading transaction
	serial      chan struct{} // on PostgreSQL, held by a transaction that is SERIALIZABLE

	mu     sync.Mutex
	broken error          // why the file cannot be trusted any more
	gone   chan struct{}  // closed when broken is set
	closed bool           // no further transaction begins
	using  sync.WaitGroup // transactions under way
}

// Open opens the store and brings it to this program's form. dsn is a path or
// sqlite:PATH, "" is hub.db in Opts.Dir; or postgres://USER@HOST/DATABASE, as libpq
// reads it, with its environment and password file. No error names a password. The
// error is migrate.ErrNewer where the database belongs to a newer program.
func Open(ctx context.Context, dsn string, o Opts) (*DB, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	db := &DB{log: o.Log, gone: make(chan struct{}), serial: make(chan struct{}, 1), pg: isPostgres(dsn)}
	open, at := db.openSQLite, ""
	if db.pg {
		open, at = db.openPostgres, dsn
	} else {
		var err error
		if at, err = pathOf(dsn, o.Dir); err != nil {
			return nil, err
		}
	}
	if err := open(ctx, at, o.Readers); err != nil {
		db.Close() //nolint:errcheck // the first error says more
		return nil, err
	}
	return db, nil
}

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

func pathOf(dsn, dir string) (string, error) {
	switch scheme, rest, ok := strings.Cut(dsn, ":"); {
	case dsn == "":
		return filepath.Join(dir, "hub.db"), nil
	case ok && scheme == "sqlite":
		return rest, nil
	case ok && (strings.HasPrefix(rest, "//") || scheme == "postgres" || scheme == "postgresql"):
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.dsn", "database %q: want a path, sqlite:PATH or postgres://USER@HOST/DATABASE", scheme+":...")
	}
	return dsn, nil
}

// Shared reports whether several hubs may work on the store at once. Positions are
// then given by Seal.
func (db *DB) Shared() bool { return db.pg }

// Writers is how many transactions may write at once.
func (db *DB) Writers() int { return db.write.Stats().MaxOpenConnections }

// Close waits for the transactions under way and closes the store. The file is
// then whole by itself: no WAL is left beside it.
func (db *DB) Close() error {
	db.mu.Lock()
	db.closed = true
	db.mu.Unlock()
	db.using.Wait()
	var errs []error
	for _, d := range []*sql.DB{db.read, db.write} { // the writer last: it cleans the WAL up
		if d != nil {
			errs = append(errs, d.Close())
		}
	}
	return errors.Join(errs...)
}

// Tx is one transaction. Its methods are in the files named after the rows.
type Tx struct {
	tx   queryer
	hot  *statements // nil where it only reads
	pg   *DB         // nil on SQLite
	late *late       // on PostgreSQL; nil where it only reads
}

// later runs a statement at the latest when the transaction commits: for those that
// change what is known to be there, and whose result nobody needs. On PostgreSQL they
// go to the server together.
func (tx *Tx) later(ctx context.Context, text string, args ...any) error {
	if tx.late != nil {
		tx.late.add(text, args)
		return nil
	}
	_, err := tx.tx.ExecContext(ctx, text, args...)
	return err
}

// queryer is the part of a sql.Tx that the rows' methods use.
type queryer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Update runs f in a transaction and commits it durably when f returns nil. f may
// run more than once.
func (db *DB) Update(ctx context.Context, f func(*Tx) error) error {
	if db.pg {
		return db.pgUpdate(ctx, sql.LevelSerializable, f)
	}
	if err := db.Broken(); err != nil {
		return err
	}
	db.written.prepare(ctx, db.write)
	return db.judge(db.within(ctx, db.write, nil, func(tx *sql.Tx) error {
		return commit(tx, f, &Tx{tx: writing{tx, db.written}, hot: &db.hot})
	}))
}

// UpdateBooth is Update for what one booth sent: f has that booth and its streams
// to itself, and disturbs no other booth's transaction.
func (db *DB) UpdateBooth(ctx context.Context, booth string, f func(*Tx) error) error {
	if db.pg {
		return db.pgUpdateBooth(ctx, booth, f)
	}
	return db.Update(ctx, f)
}

// UpdateFrom is UpdateBooth for an f that begins with NoteContact or NoteHello: that
// takes the booth's row by itself.
func (db *DB) UpdateFrom(ctx context.Context, f func(*Tx) error) error {
	if db.pg {
		return db.pgUpdate(ctx, sql.LevelReadCommitted, f)
	}
	return db.Update(ctx, f)
}

func commit(under *sql.Tx, f func(*Tx) error, tx *Tx) error {
	if err := f(tx); err != nil {
		return err
	}
	if err := under.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Glance runs f, which asks one question, without a transaction around it.
func (db *DB) Glance(ctx context.Context, f func(*Tx) error) error {
	select {
	case db.places <- struct{}{}:
		defer func() { <-db.places }()
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection: %w", ctx.Err())
	}
	if db.pg {
		return db.pgGlance(ctx, f)
	}
	return db.on(ctx, db.read, func(conn *sql.Conn) error { return f(&Tx{tx: glancing{conn, db.texts}}) })
}

// View runs f in a transaction that sees one state of the store and only reads.
func (db *DB) View(ctx context.Context, f func(*Tx) error) error {
	select {
	case db.places <- struct{}{}:
		defer func() { <-db.places }()
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection: %w", ctx.Err())
	}
	if db.pg {
		return db.pgView(ctx, f)
	}
	return db.within(ctx, db.read, &sql.TxOptions{ReadOnly: true}, func(tx *sql.Tx) error {
		return f(&Tx{tx: reading{tx, db.texts}})
	})
}

// within runs f in a transaction on a connection of its own and returns when the
// connection has been given back. ctx ends the wait for a connection and, through
// f, each query, but not the transaction itself: database/sql would roll that back
// in the background, some time after we returned.
func (db *DB) within(ctx context.Context, pool *sql.DB, o *sql.TxOptions, f func(*sql.Tx) error) error {
	return db.onTx(ctx, pool, o, func(_ *sql.Conn, tx *sql.Tx) error { return f(tx) })
}

// onTx is within for an f that needs the connection, too.
func (db *DB) onTx(ctx context.Context, pool *sql.DB, o *sql.TxOptions, f func(*sql.Conn, *sql.Tx) error) error {
	return db.on(ctx, pool, func(conn *sql.Conn) error {
		whole := context.WithoutCancel(ctx)
		if db.pg {
			var end context.CancelFunc
			whole, end = context.WithTimeout(whole, txTime)
			defer end()
		}
		tx, err := conn.BeginTx(whole, o)
		if err != nil {
			return fmt.Errorf("begin transaction: %w", err)
		}
		defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
		return f(conn, tx)
	})
}

// on runs f on a connection of its own.
func (db *DB) on(ctx context.Context, pool *sql.DB, f func(*sql.Conn) error) error {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return fmt.Errorf("begin transaction: %w", ErrClosed)
	}
	db.using.Add(1)
	db.mu.Unlock()
	defer db.using.Done()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("wait for a connection: %w", err)
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	return f(conn)
}

// Broken returns why the store takes no more writes, or nil.
func (db *DB) Broken() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.broken
}

// Gone is closed when the store breaks.
func (db *DB) Gone() <-chan struct{} { return db.gone }

// found turns "no rows" into ErrNoRow.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoRow
	}
	return err
}
