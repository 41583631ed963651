package sqldb

import (
	"context"
	"fmt"
)

// BoothKey is a key that a booth has had.
type BoothKey struct {
	Key   []byte // Ed25519 public key
	Since int64  // ms
}

// NoteKey remembers that the booth has had the key.
func (tx *Tx) NoteKey(ctx context.Context, booth string, key []byte, since int64) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO booth_key (booth, pubkey, since) VALUES ($1, $2, $3) ON CONFLICT (booth, pubkey) DO NOTHING`, booth, key, since)
	if err != nil {
		return fmt.Errorf("note key of booth %s: %w", booth, err)
	}
	return nil
}

// BoothKeys returns the keys that a booth has had, oldest first.
func (tx *Tx) BoothKeys(ctx context.Context, booth string) ([]BoothKey, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT pubkey, since FROM booth_key WHERE booth = $1 ORDER BY since, pubkey`, booth)
	if err != nil {
		return nil, fmt.Errorf("read keys of booth %s: %w", booth, err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []BoothKey
	for rows.Next() {
		var k BoothKey
		if err := rows.Scan(&k.Key, &k.Since); err != nil {
			return nil, fmt.Errorf("read keys of booth %s: %w", booth, err)
		}
		out = append(out, k)
	}
	return out, rows.Err()
}
