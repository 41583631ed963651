package sqlite_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/migrate"
	"redstation/kiosk/sqlite"
)

// schemaOf returns what SQLite says of the schema of the book in dir.
func schemaOf(t testing.TB, dir string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.FileName)+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var text string
	if err := db.QueryRow(`SELECT group_concat(sql, ';' ORDER BY type, name) FROM sqlite_schema`).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// A program that is killed in the middle of a migration left a book of the version
// before; the next start brings it to the form of a new one.
func TestT20AMigrationThatIsInterruptedIsDoneAtTheNextStart(t *testing.T) {
	steps, err := migrate.Steps(os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	fresh := t.TempDir()
	must(t, reopen(t, fresh, kiosktest.NewClock()).book.Close())
	want := schemaOf(t, fresh)
	p := kiosktest.Prove(t, "T20", "migration of the book killed after every statement", kiosktest.Runs{Short: 1, Release: 1})
	for p.Next() {
		before := fstest.MapFS{}
		for _, s := range steps {
			statements := strings.SplitAfter(s.SQL, ";\n")
			for n := range len(statements) + 1 {
				dir := killedWithin(t, before, statements[:n])
				p.Count("kills", 1)
				r := reopen(t, dir, kiosktest.NewClock())
				if r.ticket() != "L001" {
					t.Errorf("%s killed after %d statements: the booth does not serve", s.Name, n)
				}
				must(t, r.book.Close())
				if got := schemaOf(t, dir); got != want {
					t.Fatalf("%s killed after %d statements: got the schema\n%s\nwant\n%s", s.Name, n, got, want)
				}
			}
			before[s.Name] = &fstest.MapFile{Data: []byte(s.SQL)}
		}
	}
}

// killedWithin returns a data folder as a kill leaves it within the transaction that
// has carried out these statements.
func killedWithin(t *testing.T, before fstest.MapFS, statements []string) string {
	t.Helper()
	ctx, dir := context.Background(), fastDir(t)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.FileName)+"?_pragma=journal_mode(WAL)&_pragma=cache_size(1)&_txlock=immediate")
	must(t, err)
	defer db.Close()
	must(t, migrate.Apply(ctx, db, before, nil))
	tx, err := db.Begin()
	must(t, err)
	defer tx.Rollback() //nolint:errcheck // that is the point
	for _, s := range statements {
		if _, err := tx.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	cut := fastDir(t)
	takePhoto(t, dir).put(t, cut)
	return cut
}

// A book of the first version comes with what it holds.
func TestABookOfAnOlderProgramKeepsWhatItHolds(t *testing.T) {
	r := newRig(t)
	slip := mustFile(t, r)
	must(t, r.book.Close())
	db, err := sql.Open("sqlite", filepath.Join(r.dir, sqlite.FileName))
	must(t, err)
	steps, err := migrate.Steps(os.DirFS("migrations"))
	must(t, err)
	first := slices.IndexFunc(steps, func(s migrate.Step) bool { return strings.Contains(s.Name, "heal") })
	for _, s := range steps[first:] { // as if they had never been
		for _, m := range regexp.MustCompile(`(?m)^CREATE (TABLE|INDEX|UNIQUE INDEX) (\w+)`).FindAllStringSubmatch(s.SQL, -1) {
			if m[1] == "TABLE" {
				_, err := db.Exec(`DROP TABLE ` + m[2])
				must(t, err)
			}
		}
		for _, m := range regexp.MustCompile(`(?m)^ALTER TABLE (\w+) ADD COLUMN (\w+)`).FindAllStringSubmatch(s.SQL, -1) {
			for _, i := range regexp.MustCompile(`(?m)^CREATE INDEX (\w+) ON `+m[1]+` `).FindAllStringSubmatch(s.SQL, -1) {
				_, err := db.Exec(`DROP INDEX IF EXISTS ` + i[1])
				must(t, err)
			}
			_, err := db.Exec(`ALTER TABLE ` + m[1] + ` DROP COLUMN ` + m[2])
			must(t, err)
		}
	}
	_, err = db.Exec(`DELETE FROM migration WHERE number > $1`, first)
	must(t, err)
	must(t, db.Close())
	must(t, os.Remove(filepath.Join(r.dir, sqlite.FileName+".sums")))
	r.open()
	found := false
	for _, rec := range r.records() {
		if number, ok := numberFiled(t, rec); ok && number == slip {
			found = true
		}
	}
	if !found || r.book.Booth() != "07" || r.book.Boot().ID == (kiosk.ID{}) {
		t.Errorf("request %s is not in the book of %s any more", slip, r.book.Booth())
	}
}
