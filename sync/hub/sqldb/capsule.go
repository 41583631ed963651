package sqldb

import (
	"context"
	"fmt"

	"redstation/kiosk"
)

// Capsule is the capsule of a request, by its number: what its last paper opens.
type Capsule struct {
	Booth    string
	Number   string
	Lock     kiosk.ID // where the paper finds it
	Service  string
	Received int64 // ms: when the request arrived
	Pos      int64 // of the record that brought it
	Version  uint64
	Bytes    []byte
}

// Capsule returns the capsule of a request, or ErrNoRow.
func (tx *Tx) Capsule(ctx context.Context, booth, number string) (Capsule, error) {
	c := Capsule{Booth: booth, Number: number}
	var lock []byte
	var version int64
	err := tx.tx.QueryRowContext(ctx, `SELECT lock, service, received, pos, version, capsule FROM capsule WHERE booth = $1 AND number = $2`, booth, number).
		Scan(&lock, &c.Service, &c.Received, &c.Pos, &version, &c.Bytes)
	copy(c.Lock[:], lock)
	c.Version = uint64(version)
	return c, found(err)
}

// SaveCapsule stores a capsule in the place of an older paper's, or of an older
// version. It reports false where what is there came with a later record, or is as new.
func (tx *Tx) SaveCapsule(ctx context.Context, c Capsule) (bool, error) {
	res, err := tx.tx.ExecContext(ctx, `INSERT INTO capsule (booth, number, lock, service, received, pos, version, capsule) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (booth, number) DO UPDATE SET lock = excluded.lock, service = excluded.service, received = excluded.received,
	pos = excluded.pos, version = excluded.version, capsule = excluded.capsule
WHERE excluded.pos > capsule.pos OR excluded.pos = capsule.pos AND excluded.version > capsule.version`,
		c.Booth, c.Number, c.Lock[:], c.Service, c.Received, c.Pos, int64(c.Version), c.Bytes)
	if err != nil {
		return false, fmt.Errorf("save capsule of request %s: %w", c.Number, err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// DropCapsule forgets the capsule of a request: its paper is answered no more.
func (tx *Tx) DropCapsule(ctx context.Context, booth, number string) error {
	if _, err := tx.tx.ExecContext(ctx, `DELETE FROM capsule WHERE booth = $1 AND number = $2`, booth, number); err != nil {
		return fmt.Errorf("drop capsule of request %s: %w", number, err)
	}
	return nil
}
