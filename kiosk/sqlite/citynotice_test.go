package sqlite_test

import (
	"testing"
	"time"

	"redstation/kiosk"
)

func TestANoticeComesEndsAndStaysDown(t *testing.T) {
	r := newRig(t)
	now := r.clock.Read()
	var l kiosk.Lease
	l.Touch(r.book.Boot().ID, now.Since, now.Wall)
	lease := func() kiosk.Lease { return l }
	n := kiosk.CityNotice{ID: "flood", Level: kiosk.LevelEmergency, Title: kiosk.Text{"zh": "洪水"}, Lines: []kiosk.Text{{"zh": "到高处去。"}},
		From: now.Wall, Until: now.Wall.Add(time.Hour)}
	other := n
	other.ID, other.Booths = "elsewhere", []string{"99"}
	later := n
	later.ID, later.Level, later.From, later.Until = "later", kiosk.LevelNotice, now.Wall.Add(2*time.Hour), now.Wall.Add(3*time.Hour)
	r.TellNotices([]kiosk.CityNotice{n, other, later}, lease)
	if got := r.Notices(); len(got) != 1 || got[0].ID != "flood" || r.Status().Urgent != "flood" {
		t.Fatalf("got %+v and urgent %q, want the flood alone", got, r.Status().Urgent)
	}
	if err := r.ReadNotice(t.Context(), "flood"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"elsewhere", "later", "none"} {
		if err := r.ReadNotice(t.Context(), id); kiosk.CodeOf(err) != kiosk.CodeNotFound {
			t.Errorf("read %s: got %v, want not found", id, err)
		}
	}
	r.clock.Advance(time.Hour)
	if got := r.Notices(); len(got) != 0 {
		t.Errorf("got %+v an hour later, want nothing", got)
	}
	l.Count(r.book.Boot().ID, r.clock.Read()) // as the booth does when one has ended
	r.clock.Set(time.Unix(0, 0), kiosk.ClockBelowBuild)
	r.restart()
	r.TellNotices([]kiosk.CityNotice{n, later}, lease)
	if got := r.Notices(); len(got) != 0 || r.Status().Urgent != "" {
		t.Errorf("got %+v after a restart in 1970, want nothing", got)
	}
	r.TellNotices(nil, lease)
	if r.Status().Notices != "" {
		t.Error("a withdrawn notice stays in the status")
	}
}
