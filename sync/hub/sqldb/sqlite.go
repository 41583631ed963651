package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"redstation/kiosk/migrate"
)

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

// openSQLite opens the file and brings it to this program's form.
func (db *DB) openSQLite(ctx context.Context, path string, readers int) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("open database %s: %w", path, err)
		}
	}()
	if err := createPrivate(path); err != nil {
		return err
	}
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
	db.written = &texts{stmts: map[string]*sql.Stmt{}, seen: map[string]int{}}
	return db.hot.prepare(ctx, db.write)
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
