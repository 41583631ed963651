// Package sqlite keeps the booth's book in one SQLite file, book.db.
//
// A booth loses power without warning, so a commit is only a commit once it is on
// the disk: the journal is a WAL with synchronous=FULL. (With NORMAL a commit is
// not fsynced, and a printed receipt could outlive its row.) There is one
// writer. Writers that wait while a commit is being fsynced share the next one
// (group commit), which is what makes FULL affordable: many clients cost one fsync.
//
// Readers use a pool of their own, read-only, and see the last commit.
//
// Beside the book lies a small file, witness, that says how far the book had
// come. A book that is behind its witness was rolled back, by a restored backup
// or a card that lied about its writes; it then begins a new epoch and a new
// series of numbers, so that nothing is issued or sent under the same name twice.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"redstation/kiosk"
	"redstation/kiosk/migrate"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// FileName is the book's file in the data folder.
const FileName = "book.db"

// pragmas of every connection; busy_timeout must come first, so that the others
// wait for a lock instead of failing.
const pragmas = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_pragma=trusted_schema(0)&_pragma=temp_store(MEMORY)" +
	"&_pragma=cache_size(-4000)&_pragma=wal_autocheckpoint(1000)&_pragma=journal_size_limit(8388608)" +
	"&_pragma=cell_size_check(1)&_txlock=immediate&_dqs=0"

// Opts tunes a book. The zero value works.
type Opts struct {
	Log    *slog.Logger
	BootID kiosk.ID // the kernel's id of this boot; zero: each Open counts as a boot
}

// DB is an open book. It implements kiosk.Book, and what the sync agent needs.
type DB struct {
	write   *sql.DB
	read    *sql.DB
	clock   kiosk.Clock
	log     *slog.Logger
	witness *witness
	boot    kiosk.Boot

	ops      chan *op
	stop     chan struct{}
	done     chan struct{}
	closing  sync.Once
	appended chan struct{}
	failed   chan error

	requests atomic.Int64 // last request number that was given out
	view     atomic.Pointer[view]
	ages     ages
}

// view is what readers may know of the writer's state after a commit.
type view struct {
	booth string
	epoch kiosk.ID
	n     int64 // row of the epoch

	streams []stream
}

// Open opens or creates the book in dir. It brings the schema up to date, counts
// the boot, finds out whether the book was rolled back, and starts the writer.
// Errors are one line that says what to do: a folder that cannot be written, a
// database of a newer program (migrate.ErrNewer), a file that is no database.
func Open(ctx context.Context, dir string, clock kiosk.Clock, o Opts) (*DB, error) {
	path := filepath.Join(dir, FileName)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	d := &DB{clock: clock, log: o.Log, ops: make(chan *op, 256), stop: make(chan struct{}), done: make(chan struct{}),
		appended: make(chan struct{}, 1), failed: make(chan error, 1)}
	if err := d.open(ctx, path, o.BootID); err != nil {
		return nil, fmt.Errorf("open book %s: %w", path, errors.Join(err, d.closeFiles()))
	}
	return d, nil
}

func (d *DB) open(ctx context.Context, path string, bootID kiosk.ID) error {
	var err error
	if d.write, err = sql.Open("sqlite", dsn(path, "rwc")); err != nil {
		return err
	}
	d.write.SetMaxOpenConns(1)
	if err := d.write.PingContext(ctx); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	if err := migrate.Apply(ctx, d.write, steps, d.log); err != nil {
		return err
	}
	if d.read, err = sql.Open("sqlite", dsn(path, "ro")+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	d.read.SetMaxOpenConns(2)
	if d.witness, err = openWitness(filepath.Join(filepath.Dir(path), witnessName)); err != nil {
		return err
	}
	w, err := newWriter(ctx, d)
	if err != nil {
		return err
	}
	if err := w.begin(ctx, bootID); err != nil {
		return errors.Join(err, w.close())
	}
	go w.run()
	return nil
}

// dsn escapes the path as a file: URI.
func dsn(path, mode string) string {
	path = strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(path)
	return "file:" + path + "?mode=" + mode + "&" + pragmas
}

// Close ends the writer after what was handed to it, and closes the files.
func (d *DB) Close() error {
	d.closing.Do(func() { close(d.stop) })
	<-d.done
	return d.closeFiles()
}

func (d *DB) closeFiles() error {
	var errs []error
	for _, db := range []*sql.DB{d.read, d.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if d.witness != nil {
		errs = append(errs, d.witness.Close())
	}
	return errors.Join(errs...)
}

// Failed carries the error of a commit that could not be brought to the disk.
// After that nothing is written any more: what the kernel has cached can no longer
// be trusted, so the program must end and start again.
func (d *DB) Failed() <-chan error { return d.failed }

// Appended wakes after commits that appended records.
func (d *DB) Appended() <-chan struct{} { return d.appended }

// Booth returns the booth's id.
func (d *DB) Booth() string { return d.view.Load().booth }

// Epoch returns the epoch that new records belong to.
func (d *DB) Epoch() kiosk.ID { return d.view.Load().epoch }

// Boot returns this boot.
func (d *DB) Boot() kiosk.Boot { return d.boot }
