package sqldb

import (
	"context"
	"fmt"

	"redstation/kiosk"
)

// ForkNote is what a booth signed for records that were set aside.
type ForkNote struct {
	Booth    string
	Stream   kiosk.Stream
	Size     uint64
	Root     []byte
	Received int64  // ms
	Note     []byte // a signed note
}

// AddForkNote keeps a note. One that is there already stays as it is.
func (tx *Tx) AddForkNote(ctx context.Context, n ForkNote) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO fork_note (booth, epoch, lane, size, root, received, note)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		n.Booth, n.Stream.Epoch[:], int64(n.Stream.Lane), int64(n.Size), n.Root, n.Received, n.Note)
	if err != nil {
		return fmt.Errorf("keep note of fork: %w", err)
	}
	return nil
}

// ForkNotes returns the notes of a stream, smallest tree first.
func (tx *Tx) ForkNotes(ctx context.Context, booth string, s kiosk.Stream) ([]ForkNote, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT size, root, received, note FROM fork_note
WHERE booth = $1 AND epoch = $2 AND lane = $3 ORDER BY size, root`, booth, s.Epoch[:], int64(s.Lane))
	if err != nil {
		return nil, fmt.Errorf("list notes of forks: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []ForkNote
	for rows.Next() {
		n := ForkNote{Booth: booth, Stream: s}
		if err := rows.Scan(&n.Size, &n.Root, &n.Received, &n.Note); err != nil {
			return nil, fmt.Errorf("list notes of forks: %w", err)
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// ForkedStream says what was set aside of one stream.
type ForkedStream struct {
	Booth   string
	Stream  kiosk.Stream
	Records int
	First   uint64 // smallest and largest seq
	Last    uint64
	Begin   int64 // when the first and the last came, ms
	End     int64
	Head    uint64 // of what is stored
	Frozen  int64  // ms; 0 = it is not
	Done    int64  // when somebody had looked into it, ms; 0 = nobody has
}

// ForkedStreams lists the streams of which something was set aside.
func (tx *Tx) ForkedStreams(ctx context.Context) ([]ForkedStream, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT f.booth, f.epoch, f.lane, COUNT(*), MIN(f.seq), MAX(f.seq), MIN(f.received), MAX(f.received),
	COALESCE(MAX(s.head), 0), COALESCE(MAX(s.frozen), 0), COALESCE(MAX(d.at), 0)
FROM fork f LEFT JOIN stream s ON s.booth = f.booth AND s.epoch = f.epoch AND s.lane = f.lane
LEFT JOIN fork_done d ON d.booth = f.booth AND d.epoch = f.epoch AND d.lane = f.lane
GROUP BY f.booth, f.epoch, f.lane ORDER BY MIN(f.received), f.booth, f.lane`)
	if err != nil {
		return nil, fmt.Errorf("list forks: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []ForkedStream
	for rows.Next() {
		var f ForkedStream
		var epoch []byte
		if err := rows.Scan(&f.Booth, &epoch, &f.Stream.Lane, &f.Records, &f.First, &f.Last, &f.Begin, &f.End, &f.Head, &f.Frozen, &f.Done); err != nil {
			return nil, fmt.Errorf("list forks: %w", err)
		}
		copy(f.Stream.Epoch[:], epoch)
		out = append(out, f)
	}
	return out, rows.Err()
}

// SettleForks notes that somebody has looked into the forks of a booth, and returns
// how many streams that are.
func (tx *Tx) SettleForks(ctx context.Context, booth string, at int64) (int64, error) {
	r, err := tx.tx.ExecContext(ctx, `INSERT INTO fork_done (booth, epoch, lane, at)
SELECT booth, epoch, lane, CAST($1 AS BIGINT) FROM stream WHERE booth = $2 AND frozen > 0 ON CONFLICT DO NOTHING`, at, booth)
	if err != nil {
		return 0, fmt.Errorf("settle forks of booth %s: %w", booth, err)
	}
	return r.RowsAffected()
}

// ReopenFork makes a fork an alarm again.
func (tx *Tx) ReopenFork(ctx context.Context, booth string, s kiosk.Stream) error {
	_, err := tx.tx.ExecContext(ctx, `DELETE FROM fork_done WHERE booth = $1 AND epoch = $2 AND lane = $3`, booth, s.Epoch[:], int64(s.Lane))
	if err != nil {
		return fmt.Errorf("reopen fork of booth %s: %w", booth, err)
	}
	return nil
}

// Aside is a record that was set aside.
type Aside struct {
	Fork
	Received int64 // ms
}

// Asides returns at most limit records of a stream that were set aside, behind seq
// and leaf, in that order.
func (tx *Tx) Asides(ctx context.Context, booth string, s kiosk.Stream, seq uint64, leaf []byte, limit int) ([]Aside, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT seq, leaf, received, raw FROM fork
WHERE booth = $1 AND epoch = $2 AND lane = $3 AND (seq > $4 OR (seq = $4 AND leaf > $5)) ORDER BY seq, leaf LIMIT $6`,
		booth, s.Epoch[:], int64(s.Lane), int64(seq), notNull(leaf), int64(limit))
	if err != nil {
		return nil, fmt.Errorf("read records set aside: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Aside
	for rows.Next() {
		var a Aside
		if err := rows.Scan(&a.Seq, &a.Leaf, &a.Received, &a.Raw); err != nil {
			return nil, fmt.Errorf("read records set aside: %w", err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}
