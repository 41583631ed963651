package sqlite_test

import (
	"testing"

	"redstation/kiosk"
)

func (r *rig) step(s kiosk.CallStep, seen, label string) error {
	r.t.Helper()
	return r.StepQueue(r.t.Context(), kiosk.QueueStep{Service: "1.2", Step: s, Seen: seen, Label: label})
}

func (r *rig) lineup() kiosk.Lineup {
	r.t.Helper()
	all, err := r.Lineups(r.t.Context())
	if err != nil || len(all) != 1 {
		r.t.Fatalf("got %+v and %v, want one queue", all, err)
	}
	return all[0]
}

func TestTicketsAreCalledInTheirOrderAcrossARestart(t *testing.T) {
	r := newRig(t)
	var slips []kiosk.Slip
	for range 3 {
		s, err := r.TakeTicket(t.Context(), kiosk.RandomID(), "1.2", kiosk.Chinese)
		if err != nil {
			t.Fatal(err)
		}
		slips = append(slips, s)
	}
	if at, err := r.Standing(t.Context(), slips[2].ID); err != nil || at.Ahead != 2 || at.First != 2 || at.Now != "" {
		t.Errorf("got %+v and %v, want two ahead", at, err)
	}
	if err := r.step(kiosk.StepNext, "", ""); err != nil {
		t.Fatal(err)
	}
	r.restart()
	if l := r.lineup(); l.Now != "L001" || l.Waiting != 2 || l.Next != "L002" {
		t.Errorf("after a restart: got %+v", l)
	}
	if err := r.step(kiosk.StepNext, "", ""); kiosk.KeyOf(err) != "error.call_moved" {
		t.Errorf("a second tap on the same button: got %v", err)
	}
	if err := r.step(kiosk.StepAgain, "L001", ""); err != nil {
		t.Fatal(err)
	}
	if err := r.step(kiosk.StepSkip, "L001", ""); err != nil {
		t.Fatal(err)
	}
	r.restart()
	if l := r.lineup(); l.Now != "" || len(l.Skipped) != 1 || l.Waiting != 2 {
		t.Errorf("after nobody came: got %+v", l)
	}
	if err := r.step(kiosk.StepAgain, "", ""); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("called again when nobody is: got %v", err)
	}
	for _, seen := range []string{"", "L002"} {
		if err := r.step(kiosk.StepNext, seen, ""); err != nil {
			t.Fatal(err)
		}
	}
	if at, err := r.Standing(t.Context(), slips[2].ID); err != nil || at.State != kiosk.TicketCalled || at.Ahead != 0 || at.First != 2 || at.Now != "L003" {
		t.Errorf("got %+v and %v", at, err)
	}
	if err := r.step(kiosk.StepNext, "L003", ""); kiosk.KeyOf(err) != "error.call_nobody" {
		t.Errorf("nobody waits: got %v", err)
	}
	if err := r.step(kiosk.StepBack, "L003", "L001"); err != nil {
		t.Fatal(err)
	}
	if l := r.lineup(); l.Now != "L001" || len(l.Skipped) != 0 {
		t.Errorf("got %+v, want the one that had been skipped", l)
	}
	if called, skipped := r.count(kiosk.KindTicketCalled), r.count(kiosk.KindTicketSkipped); called != 5 || skipped != 1 {
		t.Errorf("got %d records of calls and %d of skips, want 5 and 1", called, skipped)
	}
	if err := r.step("dance", "", ""); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

func TestTheQueueIsTheDays(t *testing.T) {
	r := newRig(t)
	r.ticket()
	r.clock.Advance(24 * 3600e9)
	if all, err := r.Lineups(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("the next morning: got %+v and %v, want no queue", all, err)
	}
	if err := r.step(kiosk.StepNext, "", ""); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("called one of yesterday: %v", err)
	}
	if _, err := r.Standing(t.Context(), kiosk.RandomID()); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("got %v", err)
	}
}

func TestWhoeverDrewBeforeANewSeriesComesFirst(t *testing.T) {
	r := newRig(t)
	r.ticket()
	r.clock.Advance(11 * 60e9) // longer than a restart takes: a new series
	r.restart()
	if got := r.ticket(); got != "LA001" {
		t.Fatalf("got %s, want a new series", got)
	}
	if l := r.lineup(); l.Next != "L001" || l.Waiting != 2 {
		t.Errorf("got %+v", l)
	}
}
