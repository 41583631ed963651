package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"redstation/kiosk"
)

// Batch is a run of records that were accepted together.
type Batch struct {
	Booth    string
	Lane     kiosk.Lane
	Stream   int64
	First    uint64 // seq of the first record
	Received int64  // ms
	Root     []byte
	Records  []Record
}

// Record is a record as it is stored.
type Record struct {
	Kind string
	Raw  []byte // the five CBOR items of the wire
}

// rowSizes are how many records one INSERT takes; a batch is cut into the largest
// that fit. (Measured: 100 rows a statement cost half of one row a statement, and
// 500 no less than 100.)
var rowSizes = [...]int{100, 10, 1}

// statement is a text that runs often; stmt is its prepared form on
// SQLite's writer. On PostgreSQL the driver prepares what it sees again.
type statement struct {
	text string
	stmt *sql.Stmt
}

// statements are those that run for every batch or every item.
type statements struct {
	stream, next, batch statement
	saveStream          string
	item, supersede     statement
	addItem             statement
	records             [len(rowSizes)]statement
}

// write writes the texts of both engines.
func (s *statements) write() {
	s.stream.text = streamColumns + ` WHERE booth = $1 AND epoch = $2 AND lane = $3`
	s.saveStream = `UPDATE stream SET head = $1, edge = $2, frozen = $3, told_last = $4, told_oldest = $5 WHERE booth = $6 AND id = $7`
	s.item.text = liveQuery
	s.supersede.text = `UPDATE feed_item SET live = 0 WHERE feed = $1 AND ver = $2`
	s.addItem.text = `INSERT INTO feed_item (feed, ver, bucket, type, id, op, min_version, body, record, at, live)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)`
}

// prepare writes and prepares the texts for SQLite.
func (s *statements) prepare(ctx context.Context, db *sql.DB) error {
	s.write()
	s.next.text = `SELECT pos + n FROM batch ORDER BY pos DESC LIMIT 1`
	s.batch.text = `INSERT INTO batch (pos, n, booth, lane, stream, first, received, root) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	all := []*statement{&s.stream, &s.next, &s.batch, &s.item, &s.supersede, &s.addItem}
	for i, n := range rowSizes {
		s.records[i].text = `INSERT INTO record (pos, kind, raw) VALUES ` + values(n, 3)
		all = append(all, &s.records[i])
	}
	for _, one := range all {
		var err error
		if one.stmt, err = db.PrepareContext(ctx, one.text); err != nil {
			return fmt.Errorf("prepare %s: %w", one.text[:min(len(one.text), 40)], err)
		}
	}
	return nil
}

// exec and queryRow run a statement in the transaction, which closes it when it
// ends.
func (tx *Tx) exec(ctx context.Context, s *statement, args ...any) error {
	var err error
	if s.stmt != nil {
		_, err = tx.stmt(ctx, s).ExecContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	} else {
		_, err = tx.tx.ExecContext(ctx, s.text, args...)
	}
	return err
}

// stmt is a prepared statement in SQLite's writing transaction.
func (tx *Tx) stmt(ctx context.Context, s *statement) *sql.Stmt {
	return tx.tx.(writing).StmtContext(ctx, s.stmt)
}

func (tx *Tx) queryRow(ctx context.Context, s *statement, args ...any) *sql.Row {
	if s.stmt != nil {
		return tx.stmt(ctx, s).QueryRowContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return tx.tx.QueryRowContext(ctx, s.text, args...)
}

// values returns n tuples of placeholders. They are SQLite's nameless ones: $1 is a
// name there, and to bind one by its name takes a walk over all of them. (Measured
// with 100 rows a statement: half of the time of an INSERT.)
func values(n, columns int) string {
	tuple := "(" + strings.Repeat("?, ", columns-1) + "?)"
	return strings.Repeat(tuple+", ", n-1) + tuple
}

// AppendBatch stores the records at the end of the city's order and returns the
// position of the first; the others follow it without a gap. On SQLite positions grow
// in the order of commits, because there is one writer: a reader that has seen
// position n has seen all below. On PostgreSQL the position is a provisional one,
// negative, until the batch is sealed.
func (tx *Tx) AppendBatch(ctx context.Context, b *Batch) (pos int64, err error) {
	if tx.pg != nil {
		return tx.pgAppend(ctx, b)
	}
	err = tx.queryRow(ctx, &tx.hot.next).Scan(&pos)
	if errors.Is(found(err), ErrNoRow) {
		pos = 1
	} else if err != nil {
		return 0, fmt.Errorf("find next position: %w", err)
	}
	if err := tx.exec(ctx, &tx.hot.batch, pos, int64(len(b.Records)), b.Booth, int64(b.Lane), b.Stream,
		int64(b.First), b.Received, b.Root); err != nil {
		return 0, fmt.Errorf("add batch of booth %s: %w", b.Booth, err)
	}
	return pos, tx.addRecords(ctx, pos, b.Records)
}

func (tx *Tx) addRecords(ctx context.Context, pos int64, records []Record) error {
	kinds := make(map[string]any, 16)
	args := make([]any, 0, 3*rowSizes[0])
	for i, size := range rowSizes {
		for ; len(records) >= size; records = records[size:] {
			args = args[:0]
			for _, r := range records[:size] {
				kind, ok := kinds[r.Kind]
				if !ok {
					id, err := tx.kind(ctx, r.Kind)
					if err != nil {
						return err
					}
					kind = id
					kinds[r.Kind] = kind
				}
				args = append(args, pos, kind, r.Raw)
				pos++
			}
			if err := tx.exec(ctx, &tx.hot.records[i], args...); err != nil {
				return fmt.Errorf("add records: %w", err)
			}
		}
	}
	return nil
}

// kind returns the number of a kind, and gives it one where it is new.
func (tx *Tx) kind(ctx context.Context, name string) (id int64, err error) {
	const query = `SELECT id FROM kind WHERE name = $1`
	err = tx.tx.QueryRowContext(ctx, query, name).Scan(&id)
	if !errors.Is(found(err), ErrNoRow) {
		return id, err
	}
	if _, err := tx.tx.ExecContext(ctx, `INSERT INTO kind (name) VALUES ($1)`, name); err != nil {
		return 0, fmt.Errorf("add kind: %w", err)
	}
	return id, tx.tx.QueryRowContext(ctx, query, name).Scan(&id)
}

// Stored returns the raw records of a stream from seq first to last, in order.
func (tx *Tx) Stored(ctx context.Context, s Stream, first, last uint64) ([][]byte, error) {
	query, args := `SELECT r.raw FROM batch b CROSS JOIN record r
WHERE b.stream = $1 AND b.first <= $2
	AND b.first >= (SELECT MAX(first) FROM batch WHERE stream = $1 AND first <= $3) AND r.pos >= b.pos AND r.pos < b.pos + b.n
	AND r.pos - b.pos + b.first >= $3 AND r.pos - b.pos + b.first <= $2
ORDER BY b.first, r.pos`, []any{s.ID, int64(last), int64(first)}
	if tx.pg != nil {
		query, args = pgStored, append(args, s.Booth)
	}
	rows, err := tx.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read stored records: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	out := make([][]byte, 0, last-first+1)
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, fmt.Errorf("read stored records: %w", err)
		}
		out = append(out, raw)
	}
	return out, rows.Err()
}

// Fork is a record under a seq that is known with other bytes.
type Fork struct {
	Seq  uint64
	Leaf []byte
	Raw  []byte
}

// AddForks sets records aside. Those that are there already stay as they are.
func (tx *Tx) AddForks(ctx context.Context, s Stream, received int64, forks []Fork) error {
	for _, f := range forks {
		if _, err := tx.tx.ExecContext(ctx, `INSERT INTO fork (booth, epoch, lane, seq, leaf, received, raw)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
			s.Booth, s.Stream.Epoch[:], int64(s.Stream.Lane), int64(f.Seq), f.Leaf, received, f.Raw); err != nil {
			return fmt.Errorf("set fork aside: %w", err)
		}
	}
	return nil
}

// Forks counts the records that were set aside.
func (tx *Tx) Forks(ctx context.Context) (n int, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM fork`).Scan(&n)
	return n, err
}
