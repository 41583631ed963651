package sqldb_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/kiosk/migrate"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
)

var update = flag.Bool("update", false, "write the golden files")

func open(t *testing.T) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), "", sqldb.Opts{Dir: t.TempDir(), Log: hubtest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestStore(t *testing.T) { hubtest.Store(t, open) }

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		dsn, file, want string
	}{
		{"", "hub.db", ""},
		{filepath.Join(dir, "a b#c?.db"), "a b#c?.db", ""},
		{"sqlite:" + filepath.Join(dir, "d.db"), "d.db", ""},
		{"postgres:city@db/hub?password=secret", "", "want a path"},
		{"mysql://db", "", "want a path"},
		{filepath.Join(dir, "none", "x.db"), "", "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.dsn, func(t *testing.T) {
			db, err := sqldb.Open(t.Context(), tt.dsn, sqldb.Opts{Dir: dir, Log: hubtest.Quiet()})
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n") {
					t.Errorf("got %v, want one line with %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			info, err := os.Stat(filepath.Join(dir, tt.file))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info, err)
			}
		})
	}
}

func TestTwoProcessesMayWrite(t *testing.T) {
	dir := t.TempDir()
	var dbs []*sqldb.DB
	for range 2 {
		db, err := sqldb.Open(t.Context(), "", sqldb.Opts{Dir: dir, Log: hubtest.Quiet()})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		dbs = append(dbs, db)
	}
	done := make(chan error)
	for i, db := range dbs {
		go func() {
			for n := range 50 {
				err := db.Update(context.Background(), func(tx *sqldb.Tx) error {
					return tx.SaveBooth(context.Background(), sqldb.Booth{ID: fmt.Sprintf("%d-%d", i, n), Name: "x"})
				})
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range dbs {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	err := dbs[0].View(t.Context(), func(tx *sqldb.Tx) error {
		s, err := tx.Stations(t.Context())
		if len(s) != 100 {
			t.Errorf("%d booths, want 100", len(s))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	dir := t.TempDir()
	db, err := sqldb.Open(t.Context(), "", sqldb.Opts{Dir: dir, Log: hubtest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	raw := bare(t, filepath.Join(dir, "hub.db"))
	if _, err := raw.Exec(`INSERT INTO migration (number, name) VALUES (9999, '9999_future.sql')`); err != nil {
		t.Fatal(err)
	}
	_, err = sqldb.Open(t.Context(), "", sqldb.Opts{Dir: dir, Log: hubtest.Quiet()})
	if !errors.Is(err, migrate.ErrNewer) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}

func bare(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestSchema holds the schema that the migrations make, and that their files never
// change once they are released.
func TestSchema(t *testing.T) {
	dir := t.TempDir()
	db, err := sqldb.Open(t.Context(), "", sqldb.Opts{Dir: dir, Log: hubtest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := bare(t, filepath.Join(dir, "hub.db")).Query(`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got bytes.Buffer
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s;\n\n", s)
	}
	const golden = "testdata/schema.golden"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the schema is not %s:\n%s", golden, got.Bytes())
	}
}

// TestLogQueriesUseIndexes walks no table from end to end for a page of the log.
func TestLogQueriesUseIndexes(t *testing.T) {
	dir := t.TempDir()
	db, err := sqldb.Open(t.Context(), "", sqldb.Opts{Dir: dir, Log: hubtest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	raw := bare(t, filepath.Join(dir, "hub.db"))
	lane := kiosk.LaneUrgent
	for _, q := range []kiosk.LogQuery{{}, {Booth: "07"}, {Kind: "a.b"}, {Booth: "07", Kind: "a.b"}, {Lane: &lane}} {
		for _, backward := range []bool{false, true} {
			q.Backward, q.Limit = backward, 50
			text, args := sqldb.LogQuery(q, 10, 1<<40)
			rows, err := raw.Query("EXPLAIN QUERY PLAN "+text, args...)
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var id, parent, unused int
				var detail string
				if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(detail, "SCAN") || strings.Contains(detail, "TEMP B-TREE") {
					t.Errorf("%+v: %s", q, detail)
				}
			}
			rows.Close()
		}
	}
}

// A caller that has gone away may not leave a transaction behind: Close waits for
// those under way, and afterwards one file holds everything.
func TestCloseWaitsForTransactionsAndLeavesOneFile(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		db, err := sqldb.Open(t.Context(), "", sqldb.Opts{Dir: dir, Log: hubtest.Quiet()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, leave := context.WithCancel(t.Context())
		begun, ended := make(chan struct{}), make(chan error, 1)
		go func() {
			ended <- db.View(ctx, func(tx *sqldb.Tx) error {
				_, err := tx.Stations(ctx)
				close(begun)
				<-ctx.Done()
				return err
			})
		}()
		<-begun
		if err := db.Update(t.Context(), func(tx *sqldb.Tx) error {
			return tx.SaveBooth(t.Context(), sqldb.Booth{ID: "07", Name: "North Hill"})
		}); err != nil {
			t.Fatal(err)
		}
		leave()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "hub.db-wal")); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("the WAL is still there: %v", err)
		}
		if err := db.View(t.Context(), func(*sqldb.Tx) error { return nil }); !errors.Is(err, sqldb.ErrClosed) {
			t.Fatalf("a transaction after Close: %v", err)
		}
	}
}
