package sqldb

import (
	"context"
	"fmt"
)

// Meta returns a fact about the store itself, or ErrNoRow.
func (tx *Tx) Meta(ctx context.Context, name string) (value string, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = $1`, name).Scan(&value)
	return value, found(err)
}

// SetMeta stores it.
func (tx *Tx) SetMeta(ctx context.Context, name, value string) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	if err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	return nil
}
