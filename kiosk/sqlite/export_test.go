package sqlite

import "context"

// Pragma reads a setting of the writing connection.
func (d *DB) Pragma(ctx context.Context, name string) (value string, err error) {
	err = d.do(ctx, func(w *writer) error {
		return w.conn.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value)
	})
	return value, err
}
