package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"redstation/kiosk"
	"redstation/kiosk/scrub"
)

// Erase empties the bodies of records: facts, sealed bytes and their salts. Headers
// and their proofs stay. When it returns, the bodies are gone from the file and from
// its journal, durably. A record that is not in this book, or is empty already, is
// passed over, so that the whole list of erasures can be applied again after the
// book was restored.
func (d *DB) Erase(ctx context.Context, records ...kiosk.RecordAt) error {
	found := false
	err := d.do(ctx, func(w *writer) error {
		for _, r := range records {
			erased, err := w.insert(context.Background(), `UPDATE body SET facts = NULL, facts_salt = NULL, sealed = NULL, sealed_salt = NULL
WHERE epoch = (SELECT n FROM epoch WHERE epoch = $1) AND lane = $2 AND seq = $3
	AND (facts IS NOT NULL OR facts_salt IS NOT NULL OR sealed IS NOT NULL OR sealed_salt IS NOT NULL)`, r.Epoch[:], r.Lane, int64(r.Seq))
			if err != nil {
				return fmt.Errorf("erase record %s: %w", r, err)
			}
			found = found || erased
		}
		return nil
	})
	if err != nil || !found {
		return err
	}
	return scrubFile(ctx, d.read, "body")
}

// scrubFile takes what was erased out of the raw bytes of a database of ours. It does
// so over a connection of its own, because the writer's is always within a
// transaction.
func scrubFile(ctx context.Context, db *sql.DB, table string) error {
	var path string
	if err := db.QueryRowContext(ctx, `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path); err != nil {
		return fmt.Errorf("find the database's file: %w", err)
	}
	return scrub.File(ctx, path, table)
}
