package sqldb

import (
	"context"
	"errors"
	"fmt"

	"redstation/kiosk"
)

// Stream is what the hub knows of one stream of one booth.
type Stream struct {
	ID         int64
	Booth      string
	Stream     kiosk.Stream
	Head       uint64 // seq of the last stored record
	Edge       []byte // right edge of the Merkle tree, 32 bytes a level
	Frozen     int64  // ms; 0 = it is not
	ToldLast   uint64 // the booth's own head, from its last hello
	ToldOldest int64  // ms by the booth's clock; 0 = none
}

const streamColumns = `SELECT id, booth, epoch, lane, head, edge, frozen, told_last, told_oldest FROM stream`

// LockStream returns the stream, makes it where it is new, and holds it until the
// transaction ends.
func (tx *Tx) LockStream(ctx context.Context, booth string, s kiosk.Stream) (Stream, error) {
	got, err := scanStream(tx.queryRow(ctx, &tx.hot.stream, booth, s.Epoch[:], int64(s.Lane)))
	if !errors.Is(found(err), ErrNoRow) {
		return got, err
	}
	if _, err := tx.tx.ExecContext(ctx, `INSERT INTO stream (booth, epoch, lane, edge) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		booth, s.Epoch[:], int64(s.Lane), []byte{}); err != nil {
		return Stream{}, fmt.Errorf("add stream of booth %s: %w", booth, err)
	}
	return scanStream(tx.queryRow(ctx, &tx.hot.stream, booth, s.Epoch[:], int64(s.Lane)))
}

// AddStream adds a stream that the booth has not yet.
func (tx *Tx) AddStream(ctx context.Context, booth string, s kiosk.Stream) (Stream, error) {
	out := Stream{Booth: booth, Stream: s}
	err := tx.tx.QueryRowContext(ctx, `INSERT INTO stream (booth, epoch, lane, edge) VALUES ($1, $2, $3, $4) RETURNING id`,
		booth, s.Epoch[:], int64(s.Lane), []byte{}).Scan(&out.ID)
	if err != nil {
		return out, fmt.Errorf("add stream of booth %s: %w", booth, err)
	}
	return out, nil
}

// SaveStream stores what may change of a stream.
func (tx *Tx) SaveStream(ctx context.Context, s Stream) error {
	err := tx.later(ctx, tx.hot.saveStream, int64(s.Head), notNull(s.Edge), s.Frozen, int64(s.ToldLast), s.ToldOldest, s.Booth, s.ID)
	if err != nil {
		return fmt.Errorf("save stream of booth %s: %w", s.Booth, err)
	}
	return nil
}

// Streams returns the streams of a booth, oldest first.
func (tx *Tx) Streams(ctx context.Context, booth string) ([]Stream, error) {
	rows, err := tx.tx.QueryContext(ctx, streamColumns+` WHERE booth = $1 ORDER BY id`, booth)
	if err != nil {
		return nil, fmt.Errorf("list streams of booth %s: %w", booth, err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Stream
	for rows.Next() {
		s, err := scanStream(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// notNull returns b, or empty bytes for nil: SQLite returns empty bytes as nil.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// scanner is a row.
type scanner interface{ Scan(...any) error }

func scanStream(row scanner) (Stream, error) {
	var s Stream
	var epoch []byte
	err := row.Scan(&s.ID, &s.Booth, &epoch, &s.Stream.Lane, &s.Head, &s.Edge, &s.Frozen, &s.ToldLast, &s.ToldOldest)
	copy(s.Stream.Epoch[:], epoch)
	return s, err
}
