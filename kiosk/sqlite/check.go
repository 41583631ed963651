package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"redstation/kiosk"
)

// Whether the book can be trusted is asked before anything is served from it:
//
//  1. Each page that is not in the log against its checksum, at every start (see
//     sums.go for a book that another program changed).
//  2. The log: whether it ends as a power cut may leave it.
//  3. After a stop that was not in order (a log was left): PRAGMA quick_check.
//  4. The last records of both lanes against their Merkle tree and commitments, the
//     heads against what was acknowledged and against the witness.
//  5. Whether the last run met damage. It left a note.
//
// Any damage leads to a salvage. A book that is merely behind was restored from a
// backup, and begins a new epoch.
const (
	quickLimit = 30 * time.Second // a quick_check that takes longer is given up: the checksums hold
	tailLength = 2000             // records of a lane that are looked at
	sayEvery   = 2 * time.Second

	suspectName = FileName + ".suspect"
)

// damaged says that the book cannot be trusted.
type damaged struct {
	why string
	err error
}

func (d *damaged) Error() string {
	if d.err != nil {
		return fmt.Sprintf("the book is damaged: %s: %v", d.why, d.err)
	}
	return "the book is damaged: " + d.why
}

func (d *damaged) Unwrap() error { return d.err }

// asDamage turns an error that only a damaged file brings about into damaged.
func asDamage(err error) error {
	var known *damaged
	if errors.As(err, &known) || !broken(err) && !unreadable(err) {
		return err
	}
	return &damaged{why: "sqlite", err: err}
}

// broken reports whether SQLite met a page that makes no sense.
func broken(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && (e.Code()&0xff == lib.SQLITE_CORRUPT || e.Code()&0xff == lib.SQLITE_NOTADB)
}

// unreadable reports whether the card did not give a page back.
func unreadable(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && (e.Code() == lib.SQLITE_IOERR_READ || e.Code() == lib.SQLITE_IOERR_SHORT_READ || e.Code() == lib.SQLITE_IOERR_CORRUPTFS)
}

// checkFiles looks at the files before SQLite does. It returns whether the last stop
// was in order, and the checksums hold.
func (d *DB) checkFiles(ctx context.Context, path string) (clean bool, err error) {
	if why, err := os.ReadFile(d.in(suspectName)); err == nil {
		return false, &damaged{why: string(why)}
	}
	log, err := os.ReadFile(path + "-wal")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, &damaged{why: "log unreadable", err: err}
	}
	d.log0 = readWAL(log)
	if d.sums.known() {
		said := time.Now()
		bad := d.sums.verify(d.log0.pages(), func(done, all int) {
			if time.Since(said) > sayEvery {
				said = time.Now()
				d.log.InfoContext(ctx, "book is being checked", "page", done, "pages", all)
			}
		})
		if len(bad) > 0 && d.sums.foreign() {
			d.log.WarnContext(ctx, "book was changed by another program, and is looked at whole")
			return false, d.sums.forget()
		}
		if len(bad) > 0 {
			return false, &damaged{why: fmt.Sprintf("%d of %d pages differ from their checksums, the first is %d", len(bad), len(d.sums.of)/4, bad[0])}
		}
	}
	if !d.log0.torn() {
		return false, &damaged{why: "the log is broken before its end"}
	}
	return len(log) == 0 && d.sums.known(), nil
}

// quickCheck lets SQLite look at the shape of all pages, for as long as that may take.
func (d *DB) quickCheck(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, quickLimit)
	defer cancel()
	var verdict string
	query := `PRAGMA quick_check(1)`
	if !d.sums.known() { // nothing else vouches for the pages
		query = `PRAGMA integrity_check(1)`
	}
	err := d.write.QueryRowContext(ctx, query).Scan(&verdict)
	switch {
	case ctx.Err() != nil:
		d.log.WarnContext(ctx, "quick check given up", "after", quickLimit)
		return nil
	case err != nil:
		return err
	case verdict != "ok":
		return &damaged{why: verdict}
	}
	return nil
}

// checkTails holds the last records of both lanes against their tree, and the heads
// against what the city and the witness know.
func (w *writer) checkTails(ctx context.Context) error {
	if w.state.n == 0 {
		return nil
	}
	for _, lane := range kiosk.Lanes() {
		if err := w.checkTail(ctx, lane); err != nil {
			return err
		}
	}
	if w.db.log0.longer() && w.db.witness.known.rolledBack(&w.state) {
		return &damaged{why: "the log is broken, and what it held was confirmed"}
	}
	return nil
}

func (w *writer) checkTail(ctx context.Context, lane kiosk.Lane) error {
	size := w.state.lanes[lane].size
	from := size - min(size, tailLength)
	tree, err := loadEdge(ctx, w.conn, w.state.n, lane, from)
	if err != nil {
		return &damaged{why: fmt.Sprintf("the tree of the %s lane", lane), err: err}
	}
	rows, err := w.conn.QueryContext(ctx, `
SELECT r.seq, r.header, r.hashes, b.facts, b.facts_salt, b.sealed, b.sealed_salt
FROM record r
LEFT JOIN body b ON b.epoch = r.epoch AND b.lane = r.lane AND b.seq = r.seq
WHERE r.epoch = $1 AND r.lane = $2 AND r.seq > $3
ORDER BY r.seq`, w.state.n, lane, from)
	if err != nil {
		return fmt.Errorf("check records: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var v volume
		if err := v.scan(rows); err != nil {
			return fmt.Errorf("check records: %w", err)
		}
		if v.seq != tree.size+1 || !bytes.Equal(tree.append(v.Header), v.hashes) || !v.sound(w.state.epoch, lane) {
			return &damaged{why: fmt.Sprintf("record %d of the %s lane does not match the tree", tree.size, lane)}
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("check records: %w", err)
	}
	if tree.size != size {
		return &damaged{why: fmt.Sprintf("the %s lane ends at %d, not at %d", lane, tree.size, size)}
	}
	return w.checkNote(ctx, lane)
}

// checkNote holds the tree against the last checkpoint that the city cosigned, a note
// whose second and third line are the size and the root.
func (w *writer) checkNote(ctx context.Context, lane kiosk.Lane) error {
	var note []byte
	err := w.conn.QueryRowContext(ctx, `SELECT note FROM stream WHERE epoch = $1 AND lane = $2`, w.state.n, lane).Scan(&note)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	lines := strings.Split(string(note), "\n")
	if len(lines) < 3 {
		return nil // none yet
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil || size > w.state.lanes[lane].size {
		return nil //nolint:nilerr // not of this tree: the heads say what that means
	}
	tree, err := loadEdge(ctx, w.conn, w.state.n, lane, size)
	if root := tree.root(); err != nil || base64.StdEncoding.EncodeToString(root[:]) != lines[2] {
		return &damaged{why: fmt.Sprintf("the %s lane is not what the city cosigned at %d", lane, size), err: err}
	}
	return nil
}

// volume is a record as it lies in the book.
type volume struct {
	kiosk.Record
	seq    uint64
	hashes []byte
}

func (v *volume) scan(row interface{ Scan(...any) error }) error {
	return row.Scan(&v.seq, &v.Header, &v.hashes, &v.Facts, &v.FactsSalt, &v.Sealed, &v.SealedSalt)
}

// sound reports whether the record is what its header says: of this stream and this
// seq, each body that is there as it was committed to.
func (v *volume) sound(epoch kiosk.ID, lane kiosk.Lane) bool {
	h, err := kiosk.DecodeHeader(v.Header)
	if err != nil || h.Epoch != epoch || h.Lane != lane || h.Seq != v.seq {
		return false
	}
	return v.bodySound(&h)
}

func (v *volume) bodySound(h *kiosk.Header) bool {
	return (v.Facts == nil || bytes.Equal(kiosk.Commit("facts", v.FactsSalt, v.Facts), h.FactsCommit)) &&
		(v.Sealed == nil || bytes.Equal(kiosk.Commit("sealed", v.SealedSalt, v.Sealed), h.SealedCommit))
}
