package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"redstation/kiosk"
	"redstation/kiosk/migrate"
)

// Reader reads a book that a booth may be writing at the same time. It changes
// nothing, not even the schema.
type Reader struct {
	db        *DB
	enrolment *kiosk.Enrolment
}

// OpenReader opens the book in dir for reading. What it shows is what the book held
// when it was opened, and what is written behind that. The error has CodeNotFound
// where there is no book, CodeConflict where the book's schema is not this
// program's, and else says what stands in the way.
func OpenReader(ctx context.Context, dir string) (*Reader, error) {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "there is no book in %s: name the booth's data folder", dir)
	}
	db, err := sql.Open("sqlite", dsn(path, "ro")+"&_pragma=query_only(1)")
	if err != nil {
		return nil, fmt.Errorf("open book %s: %w", path, err)
	}
	r := &Reader{db: &DB{read: db}}
	if err := r.load(ctx); err != nil {
		return nil, fmt.Errorf("read book %s: %w", path, errors.Join(err, db.Close()))
	}
	return r, nil
}

func (r *Reader) load(ctx context.Context) error {
	var have int
	if err := r.db.read.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM migration`).Scan(&have); err != nil {
		return err
	}
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	known, err := migrate.Steps(steps)
	if err != nil {
		return err
	}
	switch {
	case have > len(known):
		return migrate.ErrNewer
	case have < len(known):
		return kiosk.Errorf(kiosk.CodeConflict, "error.schema", "it was written by an older version of this program: start the booth once with this one")
	}
	e, enrolled, err := r.db.Enrolment(ctx)
	if err != nil {
		return err
	}
	v := &view{}
	if enrolled {
		r.enrolment = &e
		if v.streams, err = readStreams(ctx, r.db.read, e.Booth); err != nil {
			return err
		}
	}
	r.db.view.Store(v)
	return nil
}

// Enrolment returns which city the booth belongs to, or nil.
func (r *Reader) Enrolment() *kiosk.Enrolment { return r.enrolment }

// Heads returns the streams of the booth, as Heads of DB does.
func (r *Reader) Heads(ctx context.Context) ([]kiosk.Head, error) { return r.db.Heads(ctx) }

// Records returns records of a stream, as Records of DB does.
func (r *Reader) Records(ctx context.Context, s kiosk.Stream, after uint64, max, maxBytes int) ([]kiosk.Record, error) {
	return r.db.Records(ctx, s, after, max, maxBytes)
}

// Root returns the Merkle root of the first size records of a stream.
func (r *Reader) Root(ctx context.Context, s kiosk.Stream, size uint64) ([32]byte, error) {
	return r.db.Root(ctx, s, size)
}

// Note returns the last checkpoint of a stream that the city cosigned, or nil.
func (r *Reader) Note(ctx context.Context, s kiosk.Stream) ([]byte, error) { return r.db.Note(ctx, s) }

// Close closes the book.
func (r *Reader) Close() error { return r.db.read.Close() }
