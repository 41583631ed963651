package sqldb

import (
	"context"
	"errors"
	"fmt"

	"redstation/kiosk"
	"redstation/kiosk/scrub"
)

// Erasure is a record whose body was erased, or is to be as soon as it comes.
type Erasure struct {
	Booth  string
	At     kiosk.RecordAt
	Record kiosk.ID
	When   int64 // ms
}

// AddErasure notes a record whose body is not taken again. It reports whether it was
// new.
func (tx *Tx) AddErasure(ctx context.Context, e Erasure) (bool, error) {
	res, err := tx.tx.ExecContext(ctx, `INSERT INTO erasure (booth, epoch, lane, seq, record, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING`, e.Booth, e.At.Epoch[:], int64(e.At.Lane), int64(e.At.Seq), e.Record[:], e.When)
	if err != nil {
		return false, fmt.Errorf("note erasure: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Erasures returns all erasures, oldest first.
func (tx *Tx) Erasures(ctx context.Context) ([]Erasure, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT booth, epoch, lane, seq, record, at FROM erasure ORDER BY at, booth, epoch, lane, seq`)
	if err != nil {
		return nil, fmt.Errorf("list erasures: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Erasure
	for rows.Next() {
		var e Erasure
		var epoch, record []byte
		if err := rows.Scan(&e.Booth, &epoch, &e.At.Lane, &e.At.Seq, &record, &e.When); err != nil {
			return nil, fmt.Errorf("list erasures: %w", err)
		}
		copy(e.At.Epoch[:], epoch)
		copy(e.Record[:], record)
		out = append(out, e)
	}
	return out, rows.Err()
}

// ErasedIn returns which of the records first to last of a stream were erased.
func (tx *Tx) ErasedIn(ctx context.Context, booth string, s kiosk.Stream, first, last uint64) ([]uint64, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT seq FROM erasure WHERE booth = $1 AND epoch = $2 AND lane = $3 AND seq BETWEEN $4 AND $5`,
		booth, s.Epoch[:], int64(s.Lane), int64(first), int64(last))
	if err != nil {
		return nil, fmt.Errorf("read erasures of booth %s: %w", booth, err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []uint64
	for rows.Next() {
		var seq uint64
		if err := rows.Scan(&seq); err != nil {
			return nil, fmt.Errorf("read erasures of booth %s: %w", booth, err)
		}
		out = append(out, seq)
	}
	return out, rows.Err()
}

// AddErasureItem notes an item that tells booths of an erasure.
func (tx *Tx) AddErasureItem(ctx context.Context, record kiosk.ID, feed kiosk.Feed, ver uint64) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO erasure_item (record, feed, ver) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		record[:], string(feed), int64(ver))
	if err != nil {
		return fmt.Errorf("note item of erasure: %w", err)
	}
	return nil
}

// ErasureItems returns how far each feed must be carried out for an erasure to be
// done.
func (tx *Tx) ErasureItems(ctx context.Context, record kiosk.ID) (map[kiosk.Feed]uint64, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT feed, MAX(ver) FROM erasure_item WHERE record = $1 GROUP BY feed`, record[:])
	if err != nil {
		return nil, fmt.Errorf("read items of erasure: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	out := map[kiosk.Feed]uint64{}
	for rows.Next() {
		var feed kiosk.Feed
		var ver uint64
		if err := rows.Scan(&feed, &ver); err != nil {
			return nil, fmt.Errorf("read items of erasure: %w", err)
		}
		out[feed] = ver
	}
	return out, rows.Err()
}

// PosOf returns the position of a stored record of a stream, or ErrNoRow.
func (tx *Tx) PosOf(ctx context.Context, s Stream, seq uint64) (pos int64, err error) {
	query := `SELECT b.pos + $1 - b.first FROM batch b WHERE b.stream = $2 AND b.first <= $3 AND b.first + b.n > $4 AND b.booth = $5`
	if tx.pg != nil {
		query = pgPosOf
	}
	err = tx.tx.QueryRowContext(ctx, query, int64(seq), s.ID, int64(seq), int64(seq), s.Booth).Scan(&pos)
	return pos, found(err)
}

// EmptyRecord stores raw, which is the record without its body, in place of what is
// stored at a position.
func (tx *Tx) EmptyRecord(ctx context.Context, pos int64, raw []byte) error {
	query := `UPDATE record SET raw = $1 WHERE pos = $2`
	if tx.pg != nil {
		query = pgEmptyRecord
	}
	if _, err := tx.tx.ExecContext(ctx, query, raw, pos); err != nil {
		return fmt.Errorf("empty record %d: %w", pos, err)
	}
	return nil
}

// ForksOf returns what was set aside under one seq.
func (tx *Tx) ForksOf(ctx context.Context, booth string, at kiosk.RecordAt) ([]Fork, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT seq, leaf, raw FROM fork WHERE booth = $1 AND epoch = $2 AND lane = $3 AND seq = $4`,
		booth, at.Epoch[:], int64(at.Lane), int64(at.Seq))
	if err != nil {
		return nil, fmt.Errorf("read forks of booth %s: %w", booth, err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Fork
	for rows.Next() {
		var f Fork
		if err := rows.Scan(&f.Seq, &f.Leaf, &f.Raw); err != nil {
			return nil, fmt.Errorf("read forks of booth %s: %w", booth, err)
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// EmptyFork stores raw in place of what was set aside.
func (tx *Tx) EmptyFork(ctx context.Context, booth string, at kiosk.RecordAt, leaf, raw []byte) error {
	_, err := tx.tx.ExecContext(ctx, `UPDATE fork SET raw = $1 WHERE booth = $2 AND epoch = $3 AND lane = $4 AND seq = $5 AND leaf = $6`,
		raw, booth, at.Epoch[:], int64(at.Lane), int64(at.Seq), leaf)
	if err != nil {
		return fmt.Errorf("empty fork of booth %s: %w", booth, err)
	}
	return nil
}

// Scrub takes what was erased out of the raw bytes of the file and of its journal,
// where the pages of earlier commits stand until then. It reads the tables of records
// from end to end. The error has CodeUnavailable where readers hold it up for long;
// nothing is lost, and it may be called again.
func (db *DB) Scrub(ctx context.Context) error {
	if db.pg {
		return db.pgScrub(ctx)
	}
	var path string
	if err := db.read.QueryRowContext(ctx, `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path); err != nil {
		return fmt.Errorf("find the database's file: %w", err)
	}
	err := scrub.File(ctx, path, "record", "fork", "feed_item")
	if errors.Is(err, scrub.ErrBusy) {
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.erase", "%w", err)
	}
	return db.judge(err)
}
