package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// A record that is stored but has no place in the city's order yet has a
// provisional position: negative, made of its batch's id and of how many records
// stand before it there. It grows by one from record to record, as positions do.
const provisionalBits = 20 // a batch has at most 2^20 records

func provisional(batch int64) int64 { return -(batch << provisionalBits) }

// pgAppend stores the records and returns the provisional position of the first.
func (tx *Tx) pgAppend(ctx context.Context, b *Batch) (int64, error) {
	if len(b.Records) >= 1<<provisionalBits {
		return 0, fmt.Errorf("add batch of booth %s: %d records are too many", b.Booth, len(b.Records))
	}
	ids, err := tx.pgKinds(ctx, b.Records)
	if err != nil {
		return 0, err
	}
	kinds, raws := make([]int32, len(b.Records)), make([][]byte, len(b.Records))
	for i, r := range b.Records {
		kinds[i], raws[i] = ids[r.Kind], r.Raw
	}
	each := make([]int32, 0, len(ids))
	for _, id := range ids {
		each = append(each, id)
	}
	slices.Sort(each)
	var id int64
	err = tx.queryRow(ctx, &tx.hot.batch, int64(len(b.Records)), b.Booth, int64(b.Lane), b.Stream, int64(b.First), b.Received, b.Root, each).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("add batch of booth %s: %w", b.Booth, err)
	}
	if err := tx.later(ctx, tx.hot.records[0].text, b.Booth, b.Stream, int64(b.First), b.Received, kinds, raws); err != nil {
		return 0, fmt.Errorf("add records of booth %s: %w", b.Booth, err)
	}
	return provisional(id), nil
}

// pgWrite writes the texts that PostgreSQL wants differently.
func (s *statements) pgWrite() {
	s.write()
	s.stream.text += ` FOR UPDATE`
	s.batch.text = `INSERT INTO batch (n, booth, lane, stream, first, received, root, kinds) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`
	s.records[0].text = `INSERT INTO record (booth, stream, seq, received, kind, raw)
SELECT $1::text, $2::bigint, $3::bigint + x.n - 1, $4::bigint, x.kind, x.raw FROM unnest($5::integer[], $6::bytea[]) WITH ORDINALITY AS x (kind, raw, n)`
	s.next.text = `SELECT id, name FROM kind WHERE name = ANY($1::text[])`
}

// pgKinds returns the numbers of the kinds of the records, and gives new ones one.
func (tx *Tx) pgKinds(ctx context.Context, records []Record) (map[string]int32, error) {
	var names []string
	for i := range records {
		if i == 0 || records[i].Kind != records[i-1].Kind { // mostly they come in runs
			names = append(names, records[i].Kind)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if ids := tx.pg.kinds.known(names); ids != nil {
		return ids, nil
	}
	ids, err := kindsNamed(ctx, tx.tx, tx.hot.next.text, names)
	if err != nil {
		return nil, err
	}
	if len(ids) == len(names) {
		tx.pg.kinds.keep(ids)
		return ids, nil
	}
	// A new one is added beside the transaction: nobody who writes of the same kind is
	// to wait for this one's end. One more connection that reads is kept than there are
	// readers, so that this waits for none of them.
	if _, err := tx.pg.read.ExecContext(ctx, `INSERT INTO kind (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, names); err != nil {
		return nil, fmt.Errorf("add kinds: %w", err)
	}
	if ids, err = kindsNamed(ctx, tx.pg.read, tx.hot.next.text, names); err == nil && len(ids) != len(names) {
		err = fmt.Errorf("%d of %d kinds have a number", len(ids), len(names))
	}
	return ids, err
}

// kinds are numbers that are known to be in the database. They are forgotten with
// each new connection: it may lead to a database that was restored.
type kinds struct {
	mu  sync.Mutex
	ids map[string]int32
}

// known returns the numbers of all the names, or nil.
func (k *kinds) known(names []string) map[string]int32 {
	k.mu.Lock()
	defer k.mu.Unlock()
	ids := make(map[string]int32, len(names))
	for _, name := range names {
		id, ok := k.ids[name]
		if !ok {
			return nil
		}
		ids[name] = id
	}
	return ids
}

func (k *kinds) keep(ids map[string]int32) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ids == nil {
		k.ids = map[string]int32{}
	}
	if len(k.ids) < maxKinds {
		maps.Copy(k.ids, ids)
	}
}

func (k *kinds) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ids = nil
}

// maxKinds bounds the memory that strange kinds can take.
const maxKinds = 1000

func kindsNamed(ctx context.Context, in interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, text string, names []string) (map[string]int32, error) {
	rows, err := in.QueryContext(ctx, text, names)
	if err != nil {
		return nil, fmt.Errorf("read kinds: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	ids := make(map[string]int32, len(names))
	for rows.Next() {
		var id int32
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, fmt.Errorf("read kinds: %w", err)
		}
		ids[name] = id
	}
	return ids, rows.Err()
}

// pgStored names the month of each record by its batch's, so that one partition is
// read and not all.
const pgStored = `SELECT r.raw FROM batch b CROSS JOIN LATERAL (SELECT r.seq, r.raw FROM record r
	WHERE r.booth = b.booth AND r.stream = b.stream AND r.received = b.received AND r.seq >= b.first AND r.seq < b.first + b.n
	ORDER BY r.seq) r
WHERE b.booth = $4 AND b.stream = $1 AND b.first <= $2
	AND b.first >= (SELECT MAX(first) FROM batch WHERE booth = $4 AND stream = $1 AND first <= $3)
	AND r.seq BETWEEN $3 AND $2
ORDER BY r.seq`
