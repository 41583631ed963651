package sqlite

import "context"

// Pragma reads a setting of the writing connection.
func (d *DB) Pragma(ctx context.Context, name string) (value string, err error) {
	err = d.do(ctx, func(w *writer) error {
		return w.conn.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value)
	})
	return value, err
}

// Relax sets the writer to synchronous=NORMAL, which loses what it confirmed: the
// negative control of the power cuts.
func (d *DB) Relax(ctx context.Context) error {
	return d.do(ctx, func(w *writer) error {
		for _, query := range []string{`COMMIT`, `PRAGMA synchronous = NORMAL`, `BEGIN IMMEDIATE`} { // not within a transaction
			if _, err := w.conn.ExecContext(ctx, query); err != nil {
				return err
			}
		}
		return nil
	})
}
