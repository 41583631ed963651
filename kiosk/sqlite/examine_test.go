package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"redstation/kiosk"
	"redstation/kiosk/sqlite"
)

func TestABookIsExaminedWhileItIsWritten(t *testing.T) {
	r := newRig(t)
	r.ticket()
	got, err := sqlite.Examine(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.Booth != "07" || got.Enrolment == nil || got.Enrolment.Name != "北山街道" || got.Records < 3 {
		t.Errorf("got %+v", got)
	}
	r.ticket()
	if err := r.book.Close(); err != nil {
		t.Fatal(err)
	}
	if again, err := sqlite.Examine(t.Context(), r.dir); err != nil || again.Records <= got.Records {
		t.Errorf("after it was closed: %+v, %v", again, err)
	}
}

func TestADamagedBookIsFound(t *testing.T) {
	if _, err := sqlite.Examine(t.Context(), t.TempDir()); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("no book: got %v", err)
	}
	r := newRig(t)
	for range 50 {
		r.doorOpened()
	}
	if err := r.book.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(r.dir, sqlite.FileName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(text); i += 512 {
		copy(text[i:i+16], "0123456789abcdef")
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Examine(t.Context(), r.dir); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("a damaged book: got %v, want code invalid", err)
	}
}

// doorOpened writes a record.
func (r *rig) doorOpened() {
	r.t.Helper()
	if err := r.NoteDoor(r.t.Context(), kiosk.DoorOpened); err != nil {
		r.t.Fatal(err)
	}
}
