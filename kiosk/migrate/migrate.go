// Package migrate brings a database to the form that a program expects, by
// numbered SQL files: each is applied once, in order, each in a transaction of
// its own together with the note that it was applied. Files are only ever added;
// a file that has been released never changes, and there is no way back down.
//
// A database that was written by a newer program is refused: an old program
// would not know what it must keep true.
package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
)

// ErrNewer says that the database was written by a newer version of the program.
var ErrNewer = errors.New("database was written by a newer version of this program: install that version, or restore the backup made before the upgrade")

// Step is one migration.
type Step struct {
	Number int
	Name   string // file name
	SQL    string
}

// Steps reads the files NNNN_name.sql at the root of fsys. It returns an error
// where a number is missing or stands twice: they run from 1 without a gap.
func Steps(fsys fs.FS) ([]Step, error) {
	names, err := fs.Glob(fsys, "*.sql") // sorted by name
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	steps := make([]Step, 0, len(names))
	for i, name := range names {
		digits, _, ok := strings.Cut(name, "_")
		n, err := strconv.Atoi(digits)
		if !ok || err != nil || len(digits) != 4 {
			return nil, fmt.Errorf("migration %s: want a name like 0001_init.sql", name)
		}
		if n != i+1 {
			return nil, fmt.Errorf("migration %s: want number %04d", name, i+1)
		}
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", name, err)
		}
		steps = append(steps, Step{Number: n, Name: name, SQL: string(b)})
	}
	return steps, nil
}

// DB is where steps are applied: a *sql.DB, or one connection of it.
type DB interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	BeginTx(ctx context.Context, o *sql.TxOptions) (*sql.Tx, error)
}

// Apply applies the steps of fsys that db has not seen. It is safe to call from
// several processes at once where transactions that write exclude each other from
// their beginning (SQLite, with IMMEDIATE), or where the caller holds a lock
// meanwhile (PostgreSQL): each step checks its turn inside its transaction. It
// returns ErrNewer where db knows steps that fsys does not.
func Apply(ctx context.Context, db DB, fsys fs.FS, log *slog.Logger) error {
	steps, err := Steps(fsys)
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS migration (
	number BIGINT PRIMARY KEY,
	name   TEXT NOT NULL
)`); err != nil {
		return fmt.Errorf("make migration table: %w", err)
	}
	var have int
	if err := db.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM migration`).Scan(&have); err != nil {
		return fmt.Errorf("read migration table: %w", err)
	}
	if have > len(steps) {
		return fmt.Errorf("step %d, this program knows %d: %w", have, len(steps), ErrNewer)
	}
	for _, s := range steps[have:] {
		if err := apply(ctx, db, s); err != nil {
			return fmt.Errorf("apply migration %s: %w", s.Name, err)
		}
		if log != nil {
			log.InfoContext(ctx, "migration applied", "name", s.Name)
		}
	}
	return nil
}

func apply(ctx context.Context, db DB, s Step) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	var have int
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM migration`).Scan(&have); err != nil {
		return err
	}
	if have >= s.Number {
		return nil // another process was first
	}
	if _, err := tx.ExecContext(ctx, s.SQL); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO migration (number, name) VALUES ($1, $2)`, s.Number, s.Name); err != nil {
		return err
	}
	return tx.Commit()
}
