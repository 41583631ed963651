package sqlite_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/migrate"
	"redstation/kiosk/sqlite"
)

func TestReaderReadsBesideTheWriter(t *testing.T) {
	r := newRig(t)
	if err := r.book.Enrol(t.Context(), kiosk.Enrolment{Booth: "07", Hub: "http://hub", At: time.Unix(1, 0).UTC()}); err != nil {
		t.Fatal(err)
	}
	book, err := sqlite.OpenReader(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if e := book.Enrolment(); e == nil || e.Booth != "07" {
		t.Errorf("enrolment %+v", e)
	}
	want, err := r.book.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	heads, err := book.Heads(t.Context())
	if err != nil || len(heads) != len(want) {
		t.Fatalf("heads %+v, %v; the writer says %+v", heads, err, want)
	}
	log := heads[len(heads)-1]
	if log != want[len(want)-1] || log.Last == 0 {
		t.Errorf("head %+v, the writer says %+v", log, want[len(want)-1])
	}
	for range 3 {
		if err := r.NoteDoor(t.Context(), kiosk.DoorOpened); err != nil {
			t.Fatal(err)
		}
	}
	records, err := book.Records(t.Context(), log.Stream, 0, 100, 1<<20)
	if err != nil || len(records) < int(log.Last) {
		t.Errorf("%d records, %v; want at least %d", len(records), err, log.Last)
	}
	root, err := book.Root(t.Context(), log.Stream, log.Last)
	same, writerErr := r.book.Root(t.Context(), log.Stream, log.Last)
	if err != nil || writerErr != nil || root != same {
		t.Errorf("root %x, %v; the writer's is %x, %v", root, err, same, writerErr)
	}
}

func TestReaderRefusesWhatItCannotRead(t *testing.T) {
	if _, err := sqlite.OpenReader(t.Context(), t.TempDir()); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("no book: %v", err)
	}
	for name, tt := range map[string]struct {
		change string
		check  func(error) bool
	}{
		"a newer one": {`INSERT INTO migration (number, name) VALUES (9999, 'x')`, func(err error) bool { return errors.Is(err, migrate.ErrNewer) }},
		"an older one": {`DELETE FROM migration WHERE number > 1`, func(err error) bool {
			return kiosk.CodeOf(err) == kiosk.CodeConflict && strings.Contains(err.Error(), "start the booth once")
		}},
	} {
		r := newRig(t)
		db, err := sql.Open("sqlite", "file:"+filepath.Join(r.dir, "book.db"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), tt.change); err != nil {
			t.Fatal(err)
		}
		db.Close()
		if _, err := sqlite.OpenReader(t.Context(), r.dir); !tt.check(err) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
