package sqldb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"redstation/kiosk/kiosktest"
	"redstation/kiosk/migrate"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
)

// A hub that is killed in the middle of a migration left a store of the version
// before; the next start brings it to the form of a new one.
func TestT20AMigrationThatIsInterruptedIsDoneAtTheNextStart(t *testing.T) {
	steps, err := migrate.Steps(os.DirFS("migrations/sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	fresh := t.TempDir()
	startIn(t, fresh)
	want := schemaIn(t, fresh)
	p := kiosktest.Prove(t, "T20", "migration of the hub killed after every statement, on SQLite", kiosktest.Runs{Short: 1, Release: 1})
	for p.Next() {
		before := fstest.MapFS{}
		for _, s := range steps {
			statements := strings.SplitAfter(s.SQL, ";\n")
			for n := range len(statements) + 1 {
				dir := killedWithin(t, before, statements[:n])
				p.Count("kills", 1)
				startIn(t, dir)
				if got := schemaIn(t, dir); got != want {
					t.Fatalf("%s killed after %d statements: got the schema\n%s\nwant\n%s", s.Name, n, got, want)
				}
			}
			before[s.Name] = &fstest.MapFile{Data: []byte(s.SQL)}
		}
	}
}

// startIn opens the store in a folder and closes it again.
func startIn(t *testing.T, dir string) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), "", sqldb.Opts{Dir: dir, Log: hubtest.Quiet()})
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func schemaIn(t *testing.T, dir string) (text string) {
	t.Helper()
	if err := bare(t, filepath.Join(dir, "hub.db")).QueryRow(`SELECT group_concat(sql, ';' ORDER BY type, name) FROM sqlite_schema`).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// killedWithin returns a folder as a kill leaves it within the transaction that has
// carried out these statements: what is not committed may stand in the log.
func killedWithin(t *testing.T, before fstest.MapFS, statements []string) string {
	t.Helper()
	dir, cut := t.TempDir(), t.TempDir()
	db := bare(t, filepath.Join(dir, "hub.db")+"?_pragma=journal_mode(WAL)&_pragma=cache_size(1)&_txlock=immediate")
	if err := migrate.Apply(t.Context(), db, before, nil); err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() //nolint:errcheck // that is the point
	for _, s := range statements {
		if _, err := tx.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	for _, name := range []string{"hub.db", "hub.db-wal"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(cut, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cut
}
