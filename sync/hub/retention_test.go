package hub_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"redstation/kiosk"
)

func TestBodiesGoWhenTheirTimeIsOver(t *testing.T) {
	c, _ := filled(t) // in four turns, an hour apart
	before := c.Entries()
	begun := before[0].Received
	retain := func(at time.Time, want int) {
		t.Helper()
		c.Clock.Set(at)
		if got, err := c.Retain(t.Context()); err != nil || got != want {
			t.Errorf("emptied %d, %v, want %d", got, err, want)
		}
	}
	door := func(e kiosk.Entry) bool { return e.Kind == kiosk.KindDoorOpened || e.Kind == kiosk.KindDoorClosed }
	count := func(over time.Time) (n int) {
		for _, e := range before {
			if door(e) && e.Received.Before(over) {
				n++
			}
		}
		return n
	}
	retain(begun.AddDate(0, 0, 89), 0)
	some := count(begun.Add(90 * time.Minute))
	retain(begun.AddDate(0, 0, 90).Add(90*time.Minute), some)
	retain(begun.AddDate(0, 0, 90).Add(90*time.Minute), 0) // once
	retain(begun.AddDate(0, 0, 91), count(begun.AddDate(1, 0, 0))-some)
	after := c.Entries()
	for i, e := range after {
		if e.Pos != before[i].Pos || e.ID != before[i].ID || e.Kind != before[i].Kind {
			t.Fatalf("record %d is another one now", before[i].Pos)
		}
		if gone := e.Facts == nil; gone != door(e) {
			t.Errorf("record %d, %s: its facts are %s", e.Pos, e.Kind, e.Facts)
		}
	}
	if c.DSN != "" {
		return // PostgreSQL keeps what it wrote in files of its own, until they are overwritten
	}
	files, err := filepath.Glob(filepath.Join(c.Dir, "hub.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(`{"n":1}`)) || bytes.Contains(b, []byte(`{"n":17}`)) {
			t.Errorf("%s still holds what was emptied", filepath.Base(name))
		}
	}
}

func TestTheAuditLogIsKeptForThreeYears(t *testing.T) {
	c, _ := filled(t)
	for range 2 {
		if err := c.Audit(t.Context(), kiosk.AuditLine{Who: "wang", Deed: "signed_in"}); err != nil {
			t.Fatal(err)
		}
		c.Clock.Add(1000 * 24 * time.Hour)
	}
	lines := func() int {
		all, _, err := c.AuditTrail(t.Context(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, l := range all {
			if l.Who == "wang" {
				n++
			}
		}
		return n
	}
	if _, err := c.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := lines(); got != 1 {
		t.Errorf("%d lines are left, want the one that is not three years old", got)
	}
}
