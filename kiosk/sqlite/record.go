package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"redstation/kiosk"
)

// append gives the record its place at the end of its lane.
func (w *writer) append(ctx context.Context, d kiosk.Draft) error {
	if len(d.Sealed) > 0 && d.Epoch != w.state.epoch {
		return kiosk.ErrEpochChanged
	}
	e := &w.state.lanes[d.Lane]
	r, err := d.Enter(w.state.booth, w.state.epoch, e.size+1)
	if err != nil {
		return err
	}
	hashes := e.append(r.Header)
	if err := w.exec(ctx, `INSERT INTO record (epoch, lane, seq, header, hashes) VALUES ($1, $2, $3, $4, $5)`,
		w.state.n, d.Lane, e.size, r.Header, hashes); err != nil {
		return fmt.Errorf("append %s: %w", d.Kind, err)
	}
	if err := w.exec(ctx, `INSERT INTO body (epoch, lane, seq, facts, facts_salt, sealed, sealed_salt) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		w.state.n, d.Lane, e.size, r.Facts, r.FactsSalt, r.Sealed, r.SealedSalt); err != nil {
		return fmt.Errorf("append body of %s: %w", d.Kind, err)
	}
	return nil
}

// Append writes a record that changes no other state.
func (d *DB) Append(ctx context.Context, record kiosk.Draft) error {
	return d.do(ctx, func(w *writer) error { return w.append(context.Background(), record) })
}

// Records returns at most max records of a stream after a seq, in order and without a
// gap. It stops before maxBytes are passed, but returns one record if there is one.
// Of a stream that was salvaged it returns only what can be proven to belong there.
func (d *DB) Records(ctx context.Context, s kiosk.Stream, after uint64, max, maxBytes int) ([]kiosk.Record, error) {
	n, err := d.epochRow(ctx, s.Epoch)
	if err != nil {
		return nil, err
	}
	if d.Epoch() != s.Epoch {
		if _, err := loadEdge(ctx, d.read, n, s.Lane, after); err != nil {
			return nil, d.noted(ignoreNoRow(err))
		}
	}
	rows, err := d.read.QueryContext(ctx, `
SELECT r.seq, r.header, b.facts, b.facts_salt, b.sealed, b.sealed_salt
FROM record r
LEFT JOIN body b ON b.epoch = r.epoch AND b.lane = r.lane AND b.seq = r.seq
WHERE r.epoch = $1 AND r.lane = $2 AND r.seq > $3
ORDER BY r.seq
LIMIT $4`, n, s.Lane, after, max)
	if err != nil {
		return nil, d.noted(fmt.Errorf("read records: %w", err))
	}
	defer rows.Close()
	out := make([]kiosk.Record, 0, min(max, 512))
	size := 0
	for rows.Next() {
		var r kiosk.Record
		var seq uint64
		if err := rows.Scan(&seq, &r.Header, &r.Facts, &r.FactsSalt, &r.Sealed, &r.SealedSalt); err != nil {
			return nil, d.noted(fmt.Errorf("read records: %w", err))
		}
		if seq != after+uint64(len(out))+1 {
			break
		}
		size += len(r.Header) + len(r.Facts) + len(r.FactsSalt) + len(r.Sealed) + len(r.SealedSalt)
		if size > maxBytes && len(out) > 0 {
			break
		}
		out = append(out, r)
	}
	return out, d.noted(rows.Err())
}

func ignoreNoRow(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// epochRow returns the row of an epoch. The error has CodeNotFound.
func (d *DB) epochRow(ctx context.Context, epoch kiosk.ID) (int64, error) {
	if v := d.view.Load(); v.epoch == epoch {
		return v.n, nil
	}
	var n int64
	err := d.read.QueryRowContext(ctx, `SELECT n FROM epoch WHERE epoch = $1`, epoch[:]).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, kiosk.Errorf(kiosk.CodeNotFound, "error.epoch", "epoch %s is not in this book", epoch)
	}
	if err != nil {
		return 0, fmt.Errorf("find epoch: %w", err)
	}
	return n, nil
}
