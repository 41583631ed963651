package sqldb

import (
	"context"
	"fmt"

	"redstation/kiosk"
)

// Checkpoint is the last cosigned checkpoint of a stream.
type Checkpoint struct {
	Booth  string
	Stream kiosk.Stream
	Size   uint64
	Note   []byte // a signed note
	Key    []byte // the booth's Ed25519 public key that signed it
	HubKey []byte // the hub's
}

const checkpointColumns = `SELECT booth, epoch, lane, size, note, pubkey, hubkey FROM checkpoint`

// Checkpoint returns the checkpoint of a stream, or ErrNoRow.
func (tx *Tx) Checkpoint(ctx context.Context, booth string, s kiosk.Stream) (Checkpoint, error) {
	c, err := scanCheckpoint(tx.tx.QueryRowContext(ctx, checkpointColumns+` WHERE booth = $1 AND epoch = $2 AND lane = $3`,
		booth, s.Epoch[:], int64(s.Lane)))
	return c, found(err)
}

// SaveCheckpoint keeps a checkpoint in place of the stream's older one.
func (tx *Tx) SaveCheckpoint(ctx context.Context, c Checkpoint) error {
	err := tx.later(ctx, `INSERT INTO checkpoint (booth, epoch, lane, size, note, pubkey, hubkey)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (booth, epoch, lane) DO UPDATE SET size = excluded.size, note = excluded.note, pubkey = excluded.pubkey,
	hubkey = excluded.hubkey`,
		c.Booth, c.Stream.Epoch[:], int64(c.Stream.Lane), int64(c.Size), c.Note, c.Key, c.HubKey)
	if err != nil {
		return fmt.Errorf("save checkpoint of booth %s: %w", c.Booth, err)
	}
	return nil
}

// Checkpoints returns the checkpoints of a booth, or of all for "", in a steady order.
func (tx *Tx) Checkpoints(ctx context.Context, booth string) ([]Checkpoint, error) {
	text, args := checkpointColumns, []any{}
	if booth != "" {
		text, args = text+` WHERE booth = $1`, append(args, booth)
	}
	rows, err := tx.tx.QueryContext(ctx, text+` ORDER BY booth, epoch, lane`, args...)
	if err != nil {
		return nil, fmt.Errorf("list checkpoints: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Checkpoint
	for rows.Next() {
		c, err := scanCheckpoint(rows)
		if err != nil {
			return nil, fmt.Errorf("list checkpoints: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func scanCheckpoint(row scanner) (Checkpoint, error) {
	var c Checkpoint
	var epoch []byte
	err := row.Scan(&c.Booth, &epoch, &c.Stream.Lane, &c.Size, &c.Note, &c.Key, &c.HubKey)
	copy(c.Stream.Epoch[:], epoch)
	return c, err
}
