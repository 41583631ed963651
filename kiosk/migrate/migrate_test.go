package migrate_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"redstation/kiosk/migrate"

	_ "modernc.org/sqlite"
)

func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "a.db")+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func files(kv ...string) fstest.MapFS {
	fs := fstest.MapFS{}
	for i := 0; i < len(kv); i += 2 {
		fs[kv[i]] = &fstest.MapFile{Data: []byte(kv[i+1])}
	}
	return fs
}

func TestEachStepIsAppliedOnce(t *testing.T) {
	db, one := open(t), files("0001_a.sql", "CREATE TABLE a (x); INSERT INTO a VALUES (1)")
	two := files("0001_a.sql", "CREATE TABLE a (x); INSERT INTO a VALUES (1)", "0002_b.sql", "INSERT INTO a VALUES (2)")
	for _, fs := range []fstest.MapFS{one, one, two, two} {
		if err := migrate.Apply(t.Context(), db, fs, nil); err != nil {
			t.Fatal(err)
		}
	}
	var n int
	if err := db.QueryRow("SELECT COUNT(*) FROM a").Scan(&n); err != nil || n != 2 {
		t.Errorf("%d rows, %v; want 2", n, err)
	}
	if err := migrate.Apply(t.Context(), db, one, nil); !errors.Is(err, migrate.ErrNewer) {
		t.Errorf("an older program: %v, want %v", err, migrate.ErrNewer)
	}
}

func TestAFailedStepLeavesNothing(t *testing.T) {
	db := open(t)
	bad := files("0001_a.sql", "CREATE TABLE a (x); INSERT INTO nowhere VALUES (1)")
	if err := migrate.Apply(t.Context(), db, bad, nil); err == nil || !strings.Contains(err.Error(), "0001_a.sql") {
		t.Errorf("error %v, want one that names the file", err)
	}
	if err := migrate.Apply(t.Context(), db, files("0001_a.sql", "CREATE TABLE a (x)"), nil); err != nil {
		t.Errorf("after it was mended: %v", err)
	}
}

func TestNumbersRunWithoutAGap(t *testing.T) {
	for _, names := range [][]string{{"0002_a.sql"}, {"0001_a.sql", "0003_b.sql"}, {"1_a.sql"}, {"0001.sql"}, {"0001_a.sql", "0001_b.sql"}} {
		fs := fstest.MapFS{}
		for _, n := range names {
			fs[n] = &fstest.MapFile{}
		}
		if _, err := migrate.Steps(fs); err == nil {
			t.Errorf("%v: no error", names)
		}
	}
}
