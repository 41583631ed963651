package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"redstation/kiosk"
	"redstation/kiosk/migrate"
)

// rebuild makes book.db of what can be read of the files that were set aside. Records
// prove themselves, by their tree and their commitments, and are read wherever they
// still stand; rows of the state are read from pages that are whole.
type rebuild struct {
	*DB
	from *sql.DB   // the image
	to   *sql.Conn // the new book, in one transaction
	ids  map[int64]kiosk.ID
	salvaged
}

// salvaged is what is said of a salvage, in the record "book.salvaged" and in the
// table damaged.
type salvaged struct {
	Aside  int            `json:"aside"`
	Why    string         `json:"why"`
	Pages  int            `json:"pages"` // bad ones
	Loose  uint64         `json:"loose"` // of all epochs, as below
	Lost   uint64         `json:"lost"`
	Before string         `json:"before,omitempty"`
	Lanes  map[string]old `json:"lanes,omitempty"` // of the epoch before
}

// old is a stream that a damaged book leaves behind.
type old struct {
	Last  uint64 `json:"last"`  // that is known to have been
	Acked uint64 `json:"acked"` // by the city
	Root  string `json:"root"`  // of its tree at acked, hexadecimal; "" where it cannot be told
	Sent  uint64 `json:"sent"`  // the stream itself goes on to here
	Loose uint64 `json:"loose"` // records that come inside others
	Lost  uint64 `json:"lost"`  // records that nobody can read any more
	Empty uint64 `json:"empty"` // records that have lost their body and were not sent
}

func (d *DB) rebuild(ctx context.Context, o order) (err error) {
	im, err := d.makeImage(ctx, o.N)
	if err != nil {
		d.log.ErrorContext(ctx, "damaged book not copied", "err", err) // what was copied is read
	}
	path := d.in(FileName + ".new")
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// No journal: a file that is not whole is made anew.
	db, err := sql.Open("sqlite", "file:"+escape(path)+"?mode=rwc&_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_dqs=0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	if err := migrate.Apply(ctx, db, steps, nil); err != nil {
		return err
	}
	r := &rebuild{DB: d, ids: map[int64]kiosk.ID{}, salvaged: salvaged{Aside: o.N, Why: o.Why, Pages: len(im.bad)}}
	if r.to, err = db.Conn(ctx); err != nil {
		return err
	}
	if err := r.fill(ctx, &im); err != nil {
		return errors.Join(err, r.to.Close())
	}
	if err := errors.Join(r.to.Close(), db.Close()); err != nil {
		return err
	}
	return d.take(path)
}

// fill fills the new book in one transaction.
func (r *rebuild) fill(ctx context.Context, im *image) error {
	if err := r.exec(ctx, `BEGIN`); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{r.records, func(context.Context) error { return im.blank() }, r.tables, r.bookings, r.mirror, r.epochs, r.settle} {
		if err := r.open(im); err != nil {
			return err
		}
		if err := errors.Join(step(ctx), r.from.Close()); err != nil {
			return err
		}
	}
	j, err := json.Marshal(r.salvaged)
	if err != nil {
		return err
	}
	if err := r.exec(ctx, `INSERT INTO damaged (n, facts) VALUES ($1, $2) ON CONFLICT (n) DO UPDATE SET epoch = NULL, facts = excluded.facts`, r.Aside, string(j)); err != nil {
		return err
	}
	return r.exec(ctx, `COMMIT`)
}

// open opens the image anew: what SQLite has read of it is forgotten.
func (r *rebuild) open(im *image) (err error) {
	r.from, err = sql.Open("sqlite", "file:"+escape(im.path)+"?mode=ro&immutable=1&_pragma=query_only(1)&_pragma=cell_size_check(1)&_dqs=0")
	return err
}

func (r *rebuild) exec(ctx context.Context, query string, args ...any) error {
	_, err := r.to.ExecContext(ctx, query, args...)
	return err
}

// take brings the new book to the disk and gives it its name.
func (d *DB) take(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path, d.in(FileName)); err != nil {
		return err
	}
	return syncDir(d.dir)
}
