// Package scrub takes what was erased out of the raw bytes of a SQLite file.
//
// SQLite's secure_delete overwrites what it deletes, but two kinds of copies stay: in
// the journal (the WAL) stand the pages as they were before, until it is emptied; and
// where a page was split or merged, the unused space of the pages around it may still
// hold rows that have moved away, and that space is not looked at when the row itself
// is deleted later. Whoever reads the file with a hex editor finds both.
//
// So this package goes over the pages of the tables that hold bodies, overwrites
// their unused space, as the file format defines it (sqlite.org/fileformat2.html,
// section 1.6), and empties the journal. It writes through SQLite, in transactions,
// beside whoever else uses the file.
package scrub

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// ErrBusy says that the journal is being read and could not be emptied: nothing is
// lost, and it may be tried again.
var ErrBusy = errors.New("the journal is being read and could not be emptied yet")

const (
	pagesAtOnce = 256 // pages that one walk collects
	writeAtOnce = 32  // pages that are written in one transaction, so that no writer waits long
	journalWait = 10 * time.Second
)

// File scrubs the tables of the database at path, and empties its journal. The
// program that calls it must have the driver "sqlite" in it.
func File(ctx context.Context, path string, tables ...string) (err error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=rw&_pragma=busy_timeout(10000)&_pragma=secure_delete(1)&_txlock=immediate"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return fmt.Errorf("scrub %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(2) // one walks, one writes
	for _, table := range tables {
		if err := scrubTable(ctx, db, table); err != nil {
			return fmt.Errorf("scrub table %s of %s: %w", table, path, err)
		}
	}
	return journal(ctx, db)
}

// page is a page of a table as it was read.
type page struct {
	number int64
	data   []byte
}

// scrubTable walks over the table's pages until it finds none that needs cleaning. A
// page that somebody changed since it was read is left to the next walk.
func scrubTable(ctx context.Context, db *sql.DB, table string) error {
	for {
		dirty, err := find(ctx, db, table)
		if err != nil || len(dirty) == 0 {
			return err
		}
		for len(dirty) > 0 {
			n := min(writeAtOnce, len(dirty))
			if err := write(ctx, db, dirty[:n]); err != nil {
				return err
			}
			dirty = dirty[n:]
		}
	}
}

// find returns pages of the table whose unused space is not empty.
func find(ctx context.Context, db *sql.DB, table string) ([]page, error) {
	rows, err := db.QueryContext(ctx, `SELECT p.pgno, p.data FROM dbstat s CROSS JOIN sqlite_dbpage p
WHERE s.name = $1 AND s.pagetype <> 'overflow' AND p.pgno = s.pageno`, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var dirty []page
	for rows.Next() && len(dirty) < pagesAtOnce {
		var p page
		if err := rows.Scan(&p.number, &p.data); err != nil {
			return nil, err
		}
		if _, changed := Clean(p.data); changed {
			dirty = append(dirty, p)
		}
	}
	return dirty, rows.Err()
}

// write cleans pages in one transaction, those that are still as they were read: a
// page that was given to something else meanwhile is so never touched.
func write(ctx context.Context, db *sql.DB, pages []page) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	for _, p := range pages {
		var now []byte
		if err := tx.QueryRowContext(ctx, `SELECT data FROM sqlite_dbpage WHERE pgno = $1`, p.number).Scan(&now); err != nil {
			return err
		}
		if !bytes.Equal(now, p.data) {
			continue
		}
		cleaned, _ := Clean(p.data)
		if _, err := tx.ExecContext(ctx, `UPDATE sqlite_dbpage SET data = $1 WHERE pgno = $2`, cleaned, p.number); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Clean returns a b-tree page with its unused space overwritten with zeros: the gap
// between the cell pointers and the cells, and the inside of the free blocks between
// cells. It reports false, and the page as it is, where there is nothing to do or the
// page is not what it should be.
func Clean(data []byte) (cleaned []byte, changed bool) {
	if len(data) < 512 {
		return data, false
	}
	head := 8 // of a leaf
	switch data[0] {
	case 2, 5:
		head = 12
	case 10, 13:
	default:
		return data, false
	}
	from, to := head+2*u16(data, 3), u16(data, 5)
	if to == 0 {
		to = 65536
	}
	if from > to || to > len(data) {
		return data, false
	}
	out := bytes.Clone(data)
	clear(out[from:to])
	last := to
	for at := u16(data, 1); at != 0; {
		if at < last || at+4 > len(data) {
			return data, false
		}
		next, size := u16(data, at), u16(data, at+2)
		if size < 4 || at+size > len(data) {
			return data, false
		}
		clear(out[at+4 : at+size])
		last, at = at+size, next
	}
	return out, !bytes.Equal(out, data)
}

func u16(b []byte, at int) int { return int(binary.BigEndian.Uint16(b[at:])) }

// journal waits for readers, moves the journal into the file, fsyncs it and cuts the
// journal to nothing.
func journal(ctx context.Context, db *sql.DB) error {
	for until := time.Now().Add(journalWait); ; {
		var busy, pages, moved int
		if err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
			return fmt.Errorf("empty the journal: %w", err)
		}
		if busy == 0 {
			return nil
		}
		if time.Now().After(until) {
			return ErrBusy
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
