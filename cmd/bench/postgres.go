package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"redstation/sync/hub/pgtest"
)

// postgres measures records from booth to hub into PostgreSQL, with fsync, and prints
// beside it what the two engines take at most: COPY of the same rows by one
// connection, and inserts into SQLite.
func (r *rig) postgres(ctx context.Context) error {
	s, err := pgtest.Start(pgtest.Opts{Durable: true})
	if errors.Is(err, pgtest.ErrMissing) {
		fmt.Println("records from booth to hub into PostgreSQL: not measured, it is not installed (make deps)")
		return nil
	}
	if err != nil {
		return err
	}
	defer s.Stop()
	own := &rig{options: r.options, dir: filepath.Join(r.dir, "postgres"), load: r.load, binary: r.binary, db: s.DSN("postgres", "postgres")}
	defer own.stopAll()
	if err := os.Mkdir(own.dir, 0o700); err != nil {
		return err
	}
	if err := own.fill(ctx); err != nil {
		return err
	}
	bare, err := own.bare(ctx, "pgreceiver")
	if err != nil {
		return err
	}
	ours, err := own.push(ctx)
	if err != nil {
		return err
	}
	row("records from booth to hub into PostgreSQL", "/s", ours.perSecond(), bare.perSecond(), true)
	return own.raw(ctx)
}

// raw prints what each engine takes of the same rows, with nothing around it.
func (r *rig) raw(ctx context.Context) error {
	rows, err := bookRows(ctx, r.boothDir())
	if err != nil {
		return err
	}
	for _, engine := range []struct {
		name string
		fill func(context.Context, [][]any) error
	}{{"COPY into PostgreSQL", r.copyRows}, {"inserts into SQLite", r.insertRows}} {
		begin := time.Now()
		if err := engine.fill(ctx, rows); err != nil {
			return fmt.Errorf("%s: %w", engine.name, err)
		}
		rate := float64(len(rows)) / time.Since(begin).Seconds()
		fmt.Printf("%-44s %14s %14s\n", "  "+engine.name+" alone, the same rows", "", figure(rate, "/s"))
	}
	return nil
}

// bookRows reads a booth's records as the columns of the reference's table.
func bookRows(ctx context.Context, dir string) (out [][]any, err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "book.db")+"?mode=ro")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, sentRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var part [5][]byte
		if err := rows.Scan(&part[0], &part[1], &part[2], &part[3], &part[4]); err != nil {
			return nil, err
		}
		out = append(out, []any{int64(len(out) + 1), part[0], part[1], part[2], part[3], part[4]})
	}
	return out, rows.Err()
}

var bareColumns = []string{"n", "header", "facts", "facts_salt", "sealed", "sealed_salt"}

func (r *rig) copyRows(ctx context.Context, rows [][]any) error {
	c, err := pgx.Connect(ctx, r.db)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, `CREATE TABLE bare_copy (n BIGINT PRIMARY KEY, header BYTEA, facts BYTEA, facts_salt BYTEA, sealed BYTEA, sealed_salt BYTEA)`); err != nil {
		return err
	}
	for ; len(rows) > 0; rows = rows[min(bareBatch, len(rows)):] {
		if _, err := c.CopyFrom(ctx, pgx.Identifier{"bare_copy"}, bareColumns, pgx.CopyFromRows(rows[:min(bareBatch, len(rows))])); err != nil {
			return err
		}
	}
	return nil
}

func (r *rig) insertRows(ctx context.Context, rows [][]any) error {
	db, err := openBare(ctx, r.dir)
	if err != nil {
		return err
	}
	defer db.Close()
	for ; len(rows) > 0; rows = rows[min(bareBatch, len(rows)):] {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
		stmt, err := tx.PrepareContext(ctx, bareInsert)
		if err != nil {
			return err
		}
		for _, row := range rows[:min(bareBatch, len(rows))] {
			if _, err := stmt.ExecContext(ctx, row...); err != nil {
				return err
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}
