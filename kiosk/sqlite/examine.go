package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"redstation/kiosk"
)

// Report is what can be said of a book from outside.
type Report struct {
	Booth     string
	Records   int64
	Enrolment *kiosk.Enrolment // nil: not enrolled
}

// Examine reads the book in dir without changing it, also while a booth writes it,
// and lets SQLite check that its pages are sound (PRAGMA quick_check). The error
// has CodeNotFound where there is no book, CodeInvalid where it is damaged, and else
// says what stands in the way.
func Examine(ctx context.Context, dir string) (r Report, err error) {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return r, kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "no book in %s", dir)
	}
	db, err := sql.Open("sqlite", dsn(path, "ro")+"&_pragma=query_only(1)")
	if err != nil {
		return r, fmt.Errorf("open book %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
		return r, kiosk.Errorf(kiosk.CodeInvalid, "error.internal", "book %s cannot be read: %w", path, err)
	}
	if verdict != "ok" {
		return r, kiosk.Errorf(kiosk.CodeInvalid, "error.internal", "book %s is damaged: %s", path, verdict)
	}
	if err := db.QueryRowContext(ctx, `SELECT booth, (SELECT COUNT(*) FROM record) FROM epoch ORDER BY n DESC LIMIT 1`).Scan(&r.Booth, &r.Records); err != nil {
		return r, fmt.Errorf("read book %s: %w", path, err)
	}
	e, enrolled, err := (&DB{read: db}).Enrolment(ctx)
	if err == nil && enrolled {
		r.Enrolment = &e
	}
	return r, err
}
