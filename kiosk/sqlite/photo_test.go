package sqlite_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/sqlite"
)

// photo is a data folder as it lies on the disk, with the times of its files.
type photo map[string]file

type file struct {
	body []byte
	at   time.Time
}

func takePhoto(t testing.TB, dir string) photo {
	t.Helper()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	p := photo{}
	for _, e := range names {
		if strings.HasSuffix(e.Name(), "-shm") { // memory that happens to have a name
			continue
		}
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		p[e.Name()] = file{b, info.ModTime()}
	}
	return p
}

// put makes a folder like the one in the photo.
func (p photo) put(t testing.TB, dir string) {
	t.Helper()
	for name, f := range p {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, f.body, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, f.at, f.at); err != nil {
			t.Fatal(err)
		}
	}
}

// fastDir returns a folder in memory where the machine has one, else on its disk:
// these tests are about what is written, not about how long a disk takes.
func fastDir(t testing.TB) string {
	t.Helper()
	if info, err := os.Stat("/dev/shm"); err != nil || !info.IsDir() {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp("/dev/shm", "redstation-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// rowsOf returns every row of a table of the book in dir as text, by its key.
func rowsOf(t testing.TB, dir, table, key, columns string) map[string]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.FileName)+"?mode=ro&_pragma=query_only(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT ` + key + `, ` + columns + ` FROM ` + table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			t.Fatal(err)
		}
		out[k] = v
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// contents is what a book serves, row by row. How far a slip is and what the streams
// are called may change from start to start, and is left out.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, table := range []struct{ name, key, columns string }{
		{"record", "(SELECT hex(e.epoch) FROM epoch e WHERE e.n = record.epoch) || lane || '-' || seq", "hex(header)"},
		{"body", "(SELECT hex(e.epoch) FROM epoch e WHERE e.n = body.epoch) || lane || '-' || seq", "hex(coalesce(facts, '')) || hex(coalesce(sealed, '')) || hex(facts_salt)"},
		{"slip", "hex(id)", "action || service || number || lang || at_ms"},
		{"request", "n", "number || hex(slip) || hex(lock) || hex(lock_key)"},
		{"ticket", "service || date || series || '-' || number", "hex(slip)"},
		{"setting", "name", "value"},
		{"meta", "key", "hex(value)"},
	} {
		for k, v := range rowsOf(t, dir, table.name, table.key, table.columns) {
			all[fmt.Sprint(table.name, " ", k)] = v
		}
	}
	return all
}

// numberFiled returns the request number of a record that files one.
func numberFiled(t testing.TB, r kiosk.Record) (string, bool) {
	t.Helper()
	h, err := kiosk.DecodeHeader(r.Header)
	if err != nil {
		t.Fatal(err)
	}
	facts := r.Facts
	if h.Kind == kiosk.KindRecordSalvaged {
		var s kiosk.Salvaged
		if err := json.Unmarshal(facts, &s); err != nil {
			t.Fatal(err)
		}
		h.Kind, facts = s.Kind, s.Facts
	}
	if h.Kind != kiosk.KindRequestFiled {
		return "", false
	}
	var f struct{ Number string }
	if err := json.Unmarshal(facts, &f); err != nil {
		t.Fatal(err)
	}
	return f.Number, true
}
