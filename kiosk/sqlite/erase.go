package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"redstation/kiosk"
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
	return d.scrub(ctx)
}

// scrub brings the whole journal into the file and empties it: what was erased
// stands there in the pages of earlier commits until then. It does so over a
// connection of its own, because the writer's is always within a transaction.
func (d *DB) scrub(ctx context.Context) (err error) {
	var path string
	if err := d.read.QueryRowContext(ctx, `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path); err != nil {
		return fmt.Errorf("find the book's file: %w", err)
	}
	db, err := sql.Open("sqlite", dsn(path, "rw"))
	if err != nil {
		return fmt.Errorf("empty the book's journal: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return truncateJournal(ctx, db)
}

// truncateJournal waits for readers, moves the journal into the file, fsyncs it and
// cuts the journal to nothing.
func truncateJournal(ctx context.Context, db *sql.DB) error {
	var busy, pages, moved int
	if err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("empty the journal: %w", err)
	}
	if busy != 0 {
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.internal", "the journal is being read and could not be emptied: what was erased is in it until it is")
	}
	return nil
}
