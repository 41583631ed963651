package sqlite_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

// bodies returns which seqs of the current log lane still have a body.
func (r *rig) bodies() map[uint64]bool {
	out := map[uint64]bool{}
	for i, rec := range r.records() {
		if rec.Facts != nil {
			out[uint64(i+1)] = true
		}
	}
	return out
}

func TestBodiesGoWhenTheirTimeIsOverAndTheCityHasThem(t *testing.T) {
	r := newRig(t)
	var numbers []string
	for range 10 { // ten days
		numbers = append(numbers, mustFile(t, r))
		r.doorOpened()
		r.clock.Advance(24 * time.Hour)
	}
	stream := kiosk.Stream{Epoch: r.book.Epoch()}
	last := uint64(len(r.records()))
	root, err := r.book.Root(t.Context(), stream, last)
	must(t, err)
	purge := func(want int) {
		t.Helper()
		r.clock.Advance(time.Minute)
		if got, err := r.book.Purge(t.Context(), r.clock.Read().Wall); err != nil || got != want {
			t.Errorf("purged %d bodies, %v, want %d", got, err, want)
		}
	}
	r.clock.Advance(400 * 24 * time.Hour)
	purge(0) // the city has nothing yet
	must(t, r.book.Acknowledge(t.Context(), stream, last-1, nil))
	purge(int(last - 1))
	have := r.bodies()
	if have[1] || have[last-1] || !have[last] {
		t.Errorf("bodies that are left: %v, want none up to %d", have, last-1)
	}
	if again, err := r.book.Root(t.Context(), stream, last); err != nil || again != root {
		t.Errorf("the tree changed with its bodies: %v", err)
	}
	// What was emptied is in no file any more, not even in a free page or the log.
	files, err := filepath.Glob(filepath.Join(r.dir, "*"))
	must(t, err)
	for _, name := range files {
		b, err := os.ReadFile(name)
		must(t, err)
		for _, number := range numbers {
			if bytes.Contains(b, []byte(`"number":"`+number+`"`)) {
				t.Errorf("%s still holds the facts of request %s", filepath.Base(name), number)
			}
		}
	}
	r.restart()
	if aside, err := sqlite.Aside(r.dir); err != nil || len(aside) > 0 {
		t.Errorf("a purge was taken for damage: %v, %v", aside, err)
	}
}

func TestEachKindHasItsTime(t *testing.T) {
	r := newRig(t)
	mustFile(t, r)
	r.doorOpened()
	must(t, r.book.Acknowledge(t.Context(), kiosk.Stream{Epoch: r.book.Epoch()}, uint64(len(r.records())), nil))
	left := func() string {
		var kinds []string
		for i, h := range r.headers() {
			if r.bodies()[uint64(i+1)] && (h.Kind == kiosk.KindRequestFiled || h.Kind == kiosk.KindDoorOpened) {
				kinds = append(kinds, string(h.Kind))
			}
		}
		return strings.Join(kinds, " ")
	}
	for _, tt := range []struct {
		days int
		want string
	}{{29, "request.filed door.opened"}, {2, "door.opened"}, {58, "door.opened"}, {3, ""}} {
		r.clock.Advance(time.Duration(tt.days) * 24 * time.Hour)
		if _, err := r.book.Purge(t.Context(), r.clock.Read().Wall); err != nil {
			t.Fatal(err)
		}
		if got := left(); got != tt.want {
			t.Errorf("after %d more days: %q is left, want %q", tt.days, got, tt.want)
		}
	}
}

// A record that a booth wrote with its clock in 1970 is not old.
func TestAWrongClockMakesNoRecordOld(t *testing.T) {
	r := newRig(t)
	r.doorOpened()
	good := r.clock.Read()
	r.clock.Set(time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC), kiosk.ClockBelowBuild)
	r.doorOpened()
	r.clock.Set(good.Wall, good.State)
	r.doorOpened()
	must(t, r.book.Acknowledge(t.Context(), kiosk.Stream{Epoch: r.book.Epoch()}, uint64(len(r.records())), nil))
	if n, err := r.book.Purge(t.Context(), good.Wall.Add(24*time.Hour)); err != nil || n != 0 {
		t.Errorf("purged %d, %v, want nothing on the next day", n, err)
	}
}

func TestTheWholeBookIsLookedAt(t *testing.T) {
	r := newRig(t)
	for range 50 {
		r.doorOpened()
	}
	r.restart()
	must(t, r.book.Audit(t.Context()))
	headers := r.headers()
	if got := headers[len(headers)-1].Kind; got != kiosk.KindBookChecked {
		t.Errorf("the last record is %s, want that the book was checked", got)
	}
	path := filepath.Join(r.dir, sqlite.FileName)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	defer f.Close()
	info, err := f.Stat()
	must(t, err)
	if _, err := f.WriteAt([]byte{0xff}, 6*4096+2000); err != nil {
		t.Fatal(err)
	}
	must(t, os.Chtimes(path, info.ModTime(), info.ModTime())) // a card does not tell
	if err := r.book.Audit(t.Context()); err == nil {
		t.Fatal("a changed byte was not noticed")
	}
	select {
	case <-r.book.Failed():
	default:
		t.Error("the booth was not told")
	}
	must(t, r.book.Close())
	again := reopen(t, r.dir, kiosktest.NewClock())
	if again.headers()[1].Kind != kiosk.KindBookSalvaged {
		t.Error("the book was not salvaged")
	}
	r.book = again.book
}

// Another connection may bring the log into the book, and a crash may follow: that is
// no damage.
func TestACheckpointByAnotherConnectionIsNoDamage(t *testing.T) {
	r := newRig(t)
	for range 50 {
		r.doorOpened()
	}
	r.restart()
	foreign := func() {
		db, err := sql.Open("sqlite", filepath.Join(r.dir, sqlite.FileName))
		must(t, err)
		for _, query := range []string{`UPDATE body SET facts = NULL, facts_salt = NULL WHERE seq < 20`, `PRAGMA wal_checkpoint(TRUNCATE)`} {
			if _, err := db.Exec(query); err != nil {
				t.Fatal(err)
			}
		}
		must(t, db.Close())
	}
	foreign()
	must(t, r.book.Audit(t.Context()))
	r.doorOpened()
	killed := fastDir(t)
	takePhoto(t, r.dir).put(t, killed)
	r.restart()
	foreign()
	r.doorOpened()
	killedAgain := fastDir(t)
	takePhoto(t, r.dir).put(t, killedAgain)
	for _, dir := range []string{r.dir, killed, killedAgain} {
		if dir != r.dir {
			must(t, reopen(t, dir, kiosktest.NewClock()).book.Close())
		}
		if aside, err := sqlite.Aside(dir); err != nil || len(aside) > 0 {
			t.Errorf("set aside: %v, %v", aside, err)
		}
	}
}
