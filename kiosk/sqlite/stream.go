package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"

	"redstation/kiosk"
)

// stream is how far one lane of one epoch is. The writer keeps those of this
// booth in memory, because the sync asks for them after every commit.
type stream struct {
	n    int64 // row of the epoch
	head kiosk.Head
}

// loadStreams reads the streams of the booth, as readStreams does.
func (w *writer) loadStreams(ctx context.Context, booth string) ([]stream, error) {
	return readStreams(ctx, w.conn, booth)
}

// readStreams reads the streams of a booth, oldest epoch first, urgent lane first.
func readStreams(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, booth string) ([]stream, error) {
	rows, err := db.QueryContext(ctx, `
SELECT e.n, e.epoch, s.lane, s.acked,
	COALESCE((SELECT MAX(seq) FROM record r WHERE r.epoch = s.epoch AND r.lane = s.lane), 0)
FROM stream s
JOIN epoch e ON e.n = s.epoch
WHERE e.booth = $1
ORDER BY e.n, s.lane DESC`, booth)
	if err != nil {
		return nil, fmt.Errorf("read streams: %w", err)
	}
	defer rows.Close()
	var out []stream
	for rows.Next() {
		var s stream
		var epoch []byte
		if err := rows.Scan(&s.n, &epoch, &s.head.Lane, &s.head.Acked, &s.head.Last); err != nil {
			return nil, fmt.Errorf("read streams: %w", err)
		}
		s.head.Epoch = kiosk.ID(epoch)
		out = append(out, s)
	}
	return out, rows.Err()
}

// streamsNow returns the writer's streams with the lengths of the running epoch.
func (s *state) streamsNow() []stream {
	out := slices.Clone(s.streams)
	for i := range out {
		if out[i].n == s.n {
			out[i].head.Last = s.lanes[out[i].head.Lane].size
		}
	}
	return out
}

// Heads returns the streams of this booth, oldest epoch first, the urgent lane first.
func (d *DB) Heads(ctx context.Context) ([]kiosk.Head, error) {
	streams := d.view.Load().streams
	heads := make([]kiosk.Head, len(streams))
	for i, s := range streams {
		var err error
		heads[i] = s.head
		if heads[i].Oldest, err = d.ages.oldest(ctx, d, s); err != nil {
			return nil, err
		}
	}
	return heads, nil
}

// Acknowledge notes that the city has a stream up to a seq, and keeps the checkpoint
// that it cosigned, if there is one. It only moves forward.
func (d *DB) Acknowledge(ctx context.Context, s kiosk.Stream, upTo uint64, note []byte) error {
	return d.do(ctx, func(w *writer) error {
		i := slices.IndexFunc(w.state.streams, func(have stream) bool { return have.head.Stream == s })
		if i < 0 {
			return refusal{kiosk.Errorf(kiosk.CodeNotFound, "error.epoch", "epoch %s is not one of this booth", s.Epoch)}
		}
		if upTo <= w.state.streams[i].head.Acked {
			return nil
		}
		w.state.streams = slices.Clone(w.state.streams) // the old ones may have to come back
		w.state.streams[i].head.Acked = upTo
		return w.exec(context.Background(), `UPDATE stream SET acked = $3, note = COALESCE($4, note) WHERE epoch = $1 AND lane = $2`,
			w.state.streams[i].n, s.Lane, upTo, note)
	})
}

// Note returns the last checkpoint of a stream that the city cosigned, nil where
// there is none. The error has CodeNotFound for a stream that is not in the book.
func (d *DB) Note(ctx context.Context, s kiosk.Stream) (note []byte, err error) {
	n, err := d.epochRow(ctx, s.Epoch)
	if err != nil {
		return nil, err
	}
	err = d.read.QueryRowContext(ctx, `SELECT note FROM stream WHERE epoch = $1 AND lane = $2`, n, s.Lane).Scan(&note)
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	return note, nil
}

// ages remembers the wall clock of each stream's first record that is not
// acknowledged, which changes only with an acknowledgement.
type ages struct {
	mu    sync.Mutex
	known map[kiosk.Stream]age
}

type age struct {
	seq  uint64
	wall time.Time
}

func (a *ages) oldest(ctx context.Context, d *DB, s stream) (time.Time, error) {
	first := s.head.Acked + 1
	if s.head.Last < first {
		return time.Time{}, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if have, ok := a.known[s.head.Stream]; ok && have.seq == first {
		return have.wall, nil
	}
	var b []byte
	err := d.read.QueryRowContext(ctx, `SELECT header FROM record WHERE epoch = $1 AND lane = $2 AND seq = $3`,
		s.n, s.head.Lane, first).Scan(&b)
	if err != nil {
		return time.Time{}, fmt.Errorf("read oldest record: %w", err)
	}
	header, err := kiosk.DecodeHeader(b)
	if err != nil {
		return time.Time{}, err
	}
	if a.known == nil {
		a.known = map[kiosk.Stream]age{}
	}
	a.known[s.head.Stream] = age{first, header.Wall()}
	return header.Wall(), nil
}
