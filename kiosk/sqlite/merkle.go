package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"

	"redstation/kiosk"
)

// The Merkle log of a stream is that of RFC 6962 (golang.org/x/mod/sumdb/tlog); a
// record's header is its leaf. Record n (from 0) completes the subtrees of the
// levels 0 to k, where k is the number of trailing ones of n; their hashes stand
// in the record's own row, so that no second table grows beside it.

// edge is the right edge of a log: for each bit that is set in size, the hash of
// the complete subtree of that level.
type edge struct {
	size   uint64
	hashes [64]tlog.Hash
}

// append adds a leaf and returns the hashes that it completes, lowest level first.
func (e *edge) append(leaf []byte) []byte {
	h := tlog.RecordHash(leaf)
	out := append(make([]byte, 0, 2*tlog.HashSize), h[:]...)
	level := 0
	for ; e.size>>level&1 == 1; level++ {
		h = tlog.NodeHash(e.hashes[level], h)
		out = append(out, h[:]...)
	}
	e.hashes[level] = h
	e.size++
	return out
}

// root returns the root of the tree.
func (e *edge) root() tlog.Hash {
	h, begun := tlog.Hash(sha256.Sum256(nil)), false
	for level := range bits.Len64(e.size) {
		switch {
		case e.size>>level&1 == 0:
		case begun:
			h = tlog.NodeHash(e.hashes[level], h)
		default:
			h, begun = e.hashes[level], true
		}
	}
	return h
}

// loadEdge reads the right edge of a stored log of that size.
func loadEdge(ctx context.Context, db querier, epoch int64, lane kiosk.Lane, size uint64) (edge, error) {
	e := edge{size: size}
	var done uint64 // records under the subtrees to the left
	for level := bits.Len64(size) - 1; level >= 0; level-- {
		if size>>level&1 == 0 {
			continue
		}
		done += 1 << level
		h, err := storedHash(ctx, db, epoch, lane, level, done>>level-1)
		if err != nil {
			return edge{}, err
		}
		e.hashes[level] = h
	}
	return e, nil
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// storedHash reads the hash of the i-th complete subtree of a level.
func storedHash(ctx context.Context, db querier, epoch int64, lane kiosk.Lane, level int, i uint64) (tlog.Hash, error) {
	seq := (i + 1) << level // the record that completes it
	var b []byte
	err := db.QueryRowContext(ctx, `SELECT hashes FROM record WHERE epoch = $1 AND lane = $2 AND seq = $3`, epoch, lane, seq).Scan(&b)
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("read hash of %s record %d: %w", lane, seq, err)
	}
	if len(b) < (level+1)*tlog.HashSize {
		return tlog.Hash{}, fmt.Errorf("read hash of %s record %d: row holds %d bytes, level %d is missing", lane, seq, len(b), level)
	}
	return tlog.Hash(b[level*tlog.HashSize:][:tlog.HashSize]), nil
}

// Root returns the Merkle root of the first size records of a stream.
func (d *DB) Root(ctx context.Context, s kiosk.Stream, size uint64) ([32]byte, error) {
	n, err := d.epochRow(ctx, s.Epoch)
	if err != nil {
		return [32]byte{}, err
	}
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for k, index := range indexes {
			level, i := tlog.SplitStoredHashIndex(index)
			var err error
			if out[k], err = storedHash(ctx, d.read, n, s.Lane, level, uint64(i)); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
	root, err := tlog.TreeHash(int64(size), read)
	if err != nil {
		return [32]byte{}, fmt.Errorf("root of %s stream at %d: %w", s.Lane, size, err)
	}
	return root, nil
}
