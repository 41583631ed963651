package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"redstation/kiosk"
)

// A damaged book is never mended in place. Its files are set aside, a new book is
// made of what can be read, and the booth goes on with that:
//
//	book.db.salvage     says that this is going on, and why
//	book.db.damaged-1   the old files, with -wal, -shm and .sums; they stay
//	book.db.image       the old book and its log in one, for reading
//	book.db.new         the new book; it gets its name when it is whole
//
// A power cut on the way is no harm: the next start goes on from where the files say
// that it is. What cannot be read is passed over, and an error is only what stands in
// the way of the new book.
const salvageName = FileName + ".salvage"

// order is what book.db.salvage holds.
type order struct {
	N   int    `json:"n"` // of the set of files
	Why string `json:"why"`
}

// asideSuffixes are those of a book's files, the book itself last: where its file is
// set aside, all are.
func asideSuffixes() []string { return []string{"-wal", "-shm", ".sums", ".schema", ""} }

func (d *DB) in(name string) string { return filepath.Join(d.dir, name) }

func (d *DB) aside(n int) string { return d.in(fmt.Sprintf("%s.damaged-%d", FileName, n)) }

// salvage makes a new book in the place of a damaged one.
func (d *DB) salvage(ctx context.Context, why string) error {
	d.log.ErrorContext(ctx, "book damaged, set aside and salvaged", "why", why)
	o := order{N: 1, Why: why}
	for ; ; o.N++ {
		if _, err := os.Lstat(d.aside(o.N)); errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	err := replaceFile(d.in(salvageName), func(f *os.File) error { return json.NewEncoder(f).Encode(o) })
	if err != nil {
		return fmt.Errorf("begin to salvage the book: %w", err)
	}
	return d.goOnSalvaging(ctx)
}

// goOnSalvaging finishes a salvage that was begun, if one was.
func (d *DB) goOnSalvaging(ctx context.Context) error {
	text, err := os.ReadFile(d.in(salvageName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var o order
	if err != nil || json.Unmarshal(text, &o) != nil || o.N < 1 {
		return fmt.Errorf("read %s: it does not say which files are set aside: look for %s.damaged-* and remove it", d.in(salvageName), FileName)
	}
	begun := time.Now()
	if err := d.setAside(o.N); err != nil {
		return fmt.Errorf("set the damaged book aside: %w", err)
	}
	path := d.in(FileName)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := d.rebuild(ctx, o); err != nil {
			return fmt.Errorf("make a new book of the damaged one: %w", err)
		}
	}
	for _, name := range []string{suspectName, FileName + ".image", salvageName} { // the order last
		if err := os.Remove(d.in(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("finish the salvage: %w", err)
		}
	}
	d.log.WarnContext(ctx, "book salvaged", "aside", filepath.Base(d.aside(o.N)), "took", time.Since(begun).Round(time.Millisecond).String())
	return syncDir(d.dir)
}

// setAside gives the book's files other names.
func (d *DB) setAside(n int) error {
	if _, err := os.Lstat(d.aside(n)); err == nil {
		return nil
	}
	for _, suffix := range asideSuffixes() {
		err := os.Rename(d.in(FileName)+suffix, d.aside(n)+suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return syncDir(d.dir)
}

// keptAside is how many damaged books are kept though all that could be read of them
// is at the city: somebody may want to know what happened.
const keptAside = 2

// sweepAside deletes damaged books but the newest, once nothing that came from them
// waits to be sent.
func (d *DB) sweepAside(ctx context.Context, keep int) error {
	sets, err := d.sentAside(ctx, keep)
	if err != nil {
		return err
	}
	for _, n := range sets {
		if err := d.removeAside(n); err != nil {
			return err
		}
	}
	return nil
}

// sentAside returns the damaged books, but for the newest few, of which nothing waits
// to be sent.
func (d *DB) sentAside(ctx context.Context, keep int) ([]int, error) {
	rows, err := d.read.QueryContext(ctx, `
SELECT n FROM damaged d
WHERE d.epoch IS NOT NULL AND NOT EXISTS (
	SELECT 1 FROM stream s JOIN epoch e ON e.n = s.epoch
	WHERE s.epoch <= d.epoch AND s.acked < COALESCE((SELECT MAX(seq) FROM record r WHERE r.epoch = s.epoch AND r.lane = s.lane), 0)
		AND (e.booth <> $1 OR s.epoch = d.epoch))
ORDER BY n DESC LIMIT -1 OFFSET $2`, kiosk.UnenrolledBooth, keep)
	if err != nil {
		return nil, fmt.Errorf("list damaged books: %w", err)
	}
	defer rows.Close()
	var out []int
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("list damaged books: %w", err)
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

func (d *DB) removeAside(n int) error {
	for _, suffix := range asideSuffixes() {
		if err := os.Remove(d.aside(n) + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("delete damaged book: %w", err)
		}
	}
	return nil
}

// Aside returns the names of the damaged books in the data folder.
func Aside(dir string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(dir, FileName+".damaged-*"))
	if err != nil {
		return nil, err
	}
	out := names[:0]
	for _, name := range names {
		if _, n, _ := strings.Cut(filepath.Base(name), "damaged-"); strings.Trim(n, "0123456789") == "" {
			out = append(out, filepath.Base(name))
		}
	}
	return out, nil
}
