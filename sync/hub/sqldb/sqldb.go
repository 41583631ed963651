// Package sqldb is the hub's store: rows in and rows out, on database/sql. The
// rules of what may be stored are not here but in package hub.
//
// Everything happens in transactions: Update for one that writes, View for one
// that only reads. There is one writer in a process and SQLite allows one at a
// time among processes, so that a command line can add a booth while the hub
// runs. An Update that returned without an error survives a power cut.
//
// The SQL is written for SQLite and PostgreSQL alike, with $1 placeholders; what
// an engine wants differently stands in its migrations. This build opens SQLite.
package sqldb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"redstation/kiosk"
	"redstation/kiosk/migrate"
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
	log         *slog.Logger
	hot         statements
	texts       *prepared     // what readers ask again and again
	places      chan struct{} // one for each reading transaction

	mu     sync.Mutex
	broken error          // why the file cannot be trusted any more
	gone   chan struct{}  // closed when broken is set
	closed bool           // no further transaction begins
	using  sync.WaitGroup // transactions under way
}

// Open opens the store and brings it to this program's form. dsn is a path or
// sqlite:PATH; "" is hub.db in Opts.Dir. The error is migrate.ErrNewer where the
// database belongs to a newer program.
func Open(ctx context.Context, dsn string, o Opts) (*DB, error) {
	path, err := pathOf(dsn, o.Dir)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	if err := createPrivate(path); err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	db := &DB{log: o.Log, gone: make(chan struct{})}
	if err := db.open(ctx, path, o.Readers); err != nil {
		db.Close() //nolint:errcheck // the first error says more
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	return db, nil
}

func pathOf(dsn, dir string) (string, error) {
	switch scheme, rest, ok := strings.Cut(dsn, ":"); {
	case dsn == "":
		return filepath.Join(dir, "hub.db"), nil
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.dsn", "this build keeps its data in SQLite only: give a path instead of a PostgreSQL address")
	case ok && scheme == "sqlite":
		return rest, nil
	case ok && strings.HasPrefix(rest, "//"):
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.dsn", "database %q: want a path or sqlite:PATH", scheme+"://...")
	}
	return dsn, nil
}

// createPrivate makes the file, so that nobody but its owner can read it.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// pragmas are the settings of every connection. busy_timeout comes first, so that
// the others wait, too. FULL, because NORMAL does not fsync a commit in WAL mode.
const pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_pragma=trusted_schema(0)&_pragma=temp_store(MEMORY)" +
	"&_pragma=cell_size_check(1)&_pragma=wal_autocheckpoint(4000)&_pragma=journal_size_limit(67108864)" +
	"&_dqs=0&_error_rc=1"

func (db *DB) open(ctx context.Context, path string, readers int) (err error) {
	base := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas
	if db.write, err = sql.Open("sqlite", base+"&_pragma=cache_size(-16000)&_txlock=immediate"); err != nil {
		return err
	}
	db.write.SetMaxOpenConns(1)
	db.write.SetConnMaxIdleTime(0)
	steps, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	if err := migrate.Apply(ctx, db.write, steps, db.log); err != nil {
		return err
	}
	if db.read, err = sql.Open("sqlite", base+"&_pragma=cache_size(-4000)&_pragma=query_only(1)"); err != nil {
		return err
	}
	// One connection more than there are readers: a statement is prepared beside the
	// transaction that wants it, and must not wait for that one's end.
	db.read.SetMaxOpenConns(readers + 1)
	db.read.SetMaxIdleConns(readers + 1)
	db.places = make(chan struct{}, readers)
	db.texts = &prepared{db: db.read, stmts: map[string]*sql.Stmt{}}
	return db.hot.prepare(ctx, db.write)
}

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
	tx  queryer
	hot *statements // nil where it only reads
}

// queryer is the part of a sql.Tx that the rows' methods use.
type queryer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	StmtContext(ctx context.Context, stmt *sql.Stmt) *sql.Stmt
}

// Update runs f in a transaction and commits it durably when f returns nil.
func (db *DB) Update(ctx context.Context, f func(*Tx) error) error {
	if err := db.Broken(); err != nil {
		return err
	}
	return db.judge(db.within(ctx, db.write, nil, func(tx *sql.Tx) error {
		if err := f(&Tx{tx: tx, hot: &db.hot}); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("commit: %w", err)
		}
		return nil
	}))
}

// View runs f in a transaction that sees one state of the store and only reads.
func (db *DB) View(ctx context.Context, f func(*Tx) error) error {
	select {
	case db.places <- struct{}{}:
		defer func() { <-db.places }()
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection: %w", ctx.Err())
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
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), o)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	return f(tx)
}

// judge finds out whether an error means that the file cannot be trusted any
// more. After a failed fsync nobody knows what is on the disk: the process must
// end and start again, and nothing more may be confirmed by this one.
func (db *DB) judge(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		db.mu.Lock()
		defer db.mu.Unlock()
		if db.broken == nil {
			db.broken = fmt.Errorf("the database failed and must be opened anew: %w", err)
			close(db.gone)
		}
	}
	return err
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
