package sqldb

import "context"

// Size returns how large the database is, in bytes.
func (tx *Tx) Size(ctx context.Context) (bytes int64, err error) {
	text := `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
	if tx.pg != nil {
		text = `SELECT pg_database_size(current_database())`
	}
	err = tx.tx.QueryRowContext(ctx, text).Scan(&bytes)
	return bytes, err
}

// CountQuarantined counts the records in quarantine.
func (tx *Tx) CountQuarantined(ctx context.Context) (n int64, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM quarantine`).Scan(&n)
	return n, err
}
