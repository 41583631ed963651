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
//
// A card that wears out changes bytes. A file of checksums says which page is not
// what it was; a book that is damaged is set aside, what can be read of it goes into
// a new one with a new epoch, and the booth goes on (sums.go, check.go, salvage.go).
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
	"&_pragma=cache_size(-4000)&_pragma=wal_autocheckpoint(0)&_pragma=journal_size_limit(8388608)" +
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
	sums    *sums
	boot    kiosk.Boot
	dir     string
	log0    wal  // the log as the last run left it
	moved   bool // the writer has brought all of the log into the book before it ended

	failing sync.Once
	broken  atomic.Bool

	ops      chan *op
	tends    chan *op
	full     chan struct{}
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
// the boot, finds out whether the book was rolled back, and starts the writer. A
// book that is damaged is salvaged first. Errors are one line that says what to do: a
// folder that cannot be written, a database of a newer program (migrate.ErrNewer).
func Open(ctx context.Context, dir string, clock kiosk.Clock, o Opts) (*DB, error) {
	path := filepath.Join(dir, FileName)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	d, err := openDB(ctx, dir, clock, o)
	if hurt, ok := errors.AsType[*damaged](err); ok {
		if err := d.salvage(ctx, hurt.Error()); err != nil {
			return nil, fmt.Errorf("open book %s: %w", path, err)
		}
		d, err = openDB(ctx, dir, clock, o)
	}
	if err != nil {
		return nil, fmt.Errorf("open book %s: %w", path, err)
	}
	return d, nil
}

// openDB opens the book once. After an error its files are closed again.
func openDB(ctx context.Context, dir string, clock kiosk.Clock, o Opts) (*DB, error) {
	d := &DB{clock: clock, log: o.Log, dir: dir, ops: make(chan *op, 256), tends: make(chan *op), full: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		appended: make(chan struct{}, 1), failed: make(chan error, 1)}
	if err := d.open(ctx, o.BootID); err != nil {
		return d, errors.Join(asDamage(err), d.closeFiles())
	}
	return d, nil
}

func (d *DB) open(ctx context.Context, bootID kiosk.ID) (err error) {
	path := d.in(FileName)
	if d.witness, err = openWitness(d.in(witnessName)); err != nil {
		return err
	}
	if err := d.goOnSalvaging(ctx); err != nil {
		return err
	}
	clean, err := d.openFiles(ctx, path)
	if err != nil {
		return err
	}
	if d.write, err = sql.Open("sqlite", dsn(path, "rw")); err != nil {
		return err
	}
	d.write.SetMaxOpenConns(1)
	if err := d.write.PingContext(ctx); err != nil {
		return err
	}
	if !clean {
		if err := d.quickCheck(ctx); err != nil {
			return err
		}
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
	return d.start(ctx, bootID)
}

// openFiles makes the book's file where there is none, and looks at what lies there.
func (d *DB) openFiles(ctx context.Context, path string) (clean bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false, err
	}
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil { // before SQLite has any lock on it
		return false, err
	}
	if d.sums, err = openSums(d.in(sumsName), path); err != nil {
		return false, err
	}
	return d.checkFiles(ctx, path)
}

// start starts the writer.
func (d *DB) start(ctx context.Context, bootID kiosk.ID) error {
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
	return "file:" + escape(path) + "?mode=" + mode + "&" + pragmas
}

func escape(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(path)
}

// Close ends the writer after what was handed to it, brings the log into the book,
// and closes the files. Those of a book that failed stay as they are: what is on the
// disk is for the next start to find out.
func (d *DB) Close() error {
	d.closing.Do(func() { close(d.stop) })
	<-d.done
	if d.broken.Load() {
		return d.witness.Close()
	}
	return d.closeFiles()
}

func (d *DB) closeFiles() error {
	var errs []error
	pages := map[uint32]bool{}
	for _, db := range []*sql.DB{d.read, d.write} { // the writer last: it cleans the log up
		if db == nil {
			continue
		}
		if db == d.write && d.sums.known() && !d.moved {
			var err error
			if pages, err = d.logged(); err != nil {
				errs = append(errs, err)
			}
		}
		errs = append(errs, db.Close())
	}
	if d.sums != nil {
		if d.left(pages) { // a reader was in the way of the last checkpoint
			errs = append(errs, d.renewSums(pages))
		}
		errs = append(errs, d.sums.Close())
	}
	if d.witness != nil {
		errs = append(errs, d.witness.Close())
	}
	return errors.Join(errs...)
}

// left reports whether closing the book brought pages into it.
func (d *DB) left(pages map[uint32]bool) bool {
	_, err := os.Stat(d.in(FileName) + "-wal")
	return len(pages) > 0 && errors.Is(err, fs.ErrNotExist)
}

// Failed carries the error of a commit that could not be brought to the disk, or of a
// page that makes no sense. After that nothing is written any more: what the kernel
// has cached can no longer be trusted, so the program must end and start again.
func (d *DB) Failed() <-chan error { return d.failed }

// fail ends the book. Damage is noted for the next start, which salvages.
func (d *DB) fail(err error) {
	d.failing.Do(func() {
		d.broken.Store(true)
		hurt, _ := errors.AsType[*damaged](err)
		if broken(err) || hurt != nil {
			note := replaceFile(d.in(suspectName), func(f *os.File) error {
				_, err := f.WriteString("met while the booth ran: " + err.Error())
				return err
			})
			if note != nil {
				d.log.Error("damage not noted for the next start", "err", note)
			}
		}
		d.failed <- err
	})
}

// noted ends the book where a reader met damage; a Reader has none to end.
func (d *DB) noted(err error) error {
	hurt, _ := errors.AsType[*damaged](err)
	if d.write != nil && (hurt != nil || broken(err) || unreadable(err)) {
		d.fail(err)
	}
	return err
}

// Appended wakes after commits that appended records.
func (d *DB) Appended() <-chan struct{} { return d.appended }

// Booth returns the booth's id.
func (d *DB) Booth() string { return d.view.Load().booth }

// Epoch returns the epoch that new records belong to.
func (d *DB) Epoch() kiosk.ID { return d.view.Load().epoch }

// Boot returns this boot.
func (d *DB) Boot() kiosk.Boot { return d.boot }
