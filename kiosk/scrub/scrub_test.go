package scrub_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"redstation/kiosk/scrub"

	_ "modernc.org/sqlite"
)

// Rows that are written into the middle split pages, and shrinking rows merge them:
// copies of rows stay in the unused space. After a scrub none of a deleted row is
// found, the others are as they were, and the file is sound.
func TestNothingOfADeletedRowStays(t *testing.T) {
	for _, rowid := range []string{"", " WITHOUT ROWID"} {
		for seed := range uint64(4) {
			path := filepath.Join(t.TempDir(), "a.db")
			db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(0)&_pragma=secure_delete(1)")
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			exec := func(query string, args ...any) {
				t.Helper()
				if _, err := db.Exec(query, args...); err != nil {
					t.Fatal(err)
				}
			}
			exec(`CREATE TABLE body (lane INTEGER, seq INTEGER, b BLOB, PRIMARY KEY (lane, seq))` + rowid)
			r := rand.New(rand.NewPCG(seed, 1))
			word := func(i int) []byte { return fmt.Appendf(nil, "<%08d-%d>", i*7919+1e7, seed) }
			for i := range 400 {
				exec(`INSERT INTO body VALUES ($1, $2, $3)`, r.IntN(2), i, bytes.Repeat(word(i), 1+r.IntN(40)))
			}
			for i := range 400 {
				if i%2 == 0 {
					exec([]string{`UPDATE body SET b = NULL WHERE seq = $1`, `DELETE FROM body WHERE seq = $1`}[r.IntN(2)], i)
				}
			}
			if err := scrub.File(t.Context(), path, "body"); err != nil {
				t.Fatal(err)
			}
			raw := files(t, path)
			for i := range 400 {
				if got, want := bytes.Contains(raw, word(i)), i%2 == 1; got != want {
					t.Fatalf("seed %d%s: row %d found: %v, want %v", seed, rowid, i, got, want)
				}
			}
			var verdict string
			if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
				t.Fatalf("seed %d: %q, %v", seed, verdict, err)
			}
			var n int
			if err := db.QueryRow(`SELECT COUNT(*) FROM body WHERE b IS NOT NULL`).Scan(&n); err != nil || n != 200 {
				t.Fatalf("seed %d: %d rows are left, %v", seed, n, err)
			}
		}
	}
}

// files returns the bytes of the database and of its journal.
func files(t *testing.T, path string) []byte {
	t.Helper()
	var all []byte
	for _, name := range []string{path, path + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

func TestAPageThatIsNoneIsLeftAlone(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		page := make([]byte, 512)
		for i := range page {
			page[i] = byte(r.Uint32())
		}
		page[0] = []byte{0, 2, 5, 10, 13}[r.IntN(5)]
		if r.IntN(2) == 0 {
			page[1], page[3], page[5] = page[1]&1, 0, page[5]&1 // offsets that may fit
		}
		if out, _ := scrub.Clean(page); len(out) != len(page) || out[0] != page[0] {
			t.Fatalf("page %x became %x", page, out)
		}
	}
}
