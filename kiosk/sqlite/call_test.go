package sqlite_test

import (
	"testing"
	"time"

	"redstation/kiosk"
)

// callCatalogue is one service that calls a person.
func callCatalogue() *kiosk.Catalogue {
	t := func(s string) kiosk.Text { return kiosk.Text{kiosk.Chinese: s} }
	return &kiosk.Catalogue{Version: "calls", Functions: []kiosk.Function{{Number: 12, Services: []kiosk.Service{
		{ID: "12.2", Name: t("一键求助"), Actions: []kiosk.Action{kiosk.ActionCall},
			Call: &kiosk.Call{Asks: t("叫人"), Phones: []kiosk.Phone{{Name: t("急救"), Number: "120"}}}},
	}}}}
}

// urgent counts the records of a kind in the urgent lane.
func (r *rig) urgent(kind kiosk.Kind) (n int) {
	r.t.Helper()
	records, err := r.book.Records(r.t.Context(), kiosk.Stream{Epoch: r.book.Epoch(), Lane: kiosk.LaneUrgent}, 0, 1000, 1<<20)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, rec := range records {
		h, err := kiosk.DecodeHeader(rec.Header)
		if err != nil {
			r.t.Fatal(err)
		}
		if h.Kind == kind {
			n++
		}
	}
	return n
}

func TestACallForHelpIsUrgentAndOneCallHoweverOftenItIsTapped(t *testing.T) {
	r := newRig(t)
	r.Offer(callCatalogue())
	ctx := t.Context()
	first, err := r.CallHelp(ctx, kiosk.RandomID(), "12.2")
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.CallHelp(ctx, kiosk.RandomID(), "12.2")
	if err != nil || again.ID != first.ID {
		t.Errorf("second tap: %v, %v; want it to join the first", again, err)
	}
	if st := r.Status(); st.Help != first.ID {
		t.Errorf("screens know of call %s, want %s", st.Help, first.ID)
	}
	if n := r.urgent(kiosk.KindHelpCalled); n != 1 {
		t.Errorf("%d urgent records of calls, want 1", n)
	}
	r.clock.Advance(20 * time.Second)
	if err := r.AnswerHelp(ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.AnswerHelp(ctx, first.ID); err != nil {
		t.Errorf("answered twice: %v, want nothing to happen", err)
	}
	if n := r.urgent(kiosk.KindHelpAnswered); n != 1 {
		t.Errorf("%d records of answers, want 1", n)
	}
	if _, open := r.OpenHelp(); open || !r.Status().Help.IsZero() {
		t.Error("an answered call is still open")
	}
	if err := r.CancelHelp(ctx, kiosk.RandomID()); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("cancel what never was: %v, want not found", err)
	}
}

func TestACallThatNobodyHeardIsCalledAnewByTheNextTap(t *testing.T) {
	r := newRig(t)
	r.Offer(callCatalogue())
	ctx := t.Context()
	first, err := r.CallHelp(ctx, kiosk.RandomID(), "12.2")
	if err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(11 * time.Minute)
	second, err := r.CallHelp(ctx, kiosk.RandomID(), "12.2")
	if err != nil || second.ID == first.ID {
		t.Errorf("tap after the ringing ended: %v, %v; want a new call", second, err)
	}
	if err := r.CancelHelp(ctx, first.ID); err != nil {
		t.Errorf("cancel the unanswered one: %v", err)
	}
	if open, ok := r.OpenHelp(); !ok || open.ID != second.ID {
		t.Errorf("open is %v, want the second", open)
	}
}

func TestACallOutlivesARestart(t *testing.T) {
	r := newRig(t)
	r.Offer(callCatalogue())
	c, err := r.CallHelp(t.Context(), kiosk.RandomID(), "12.2")
	if err != nil {
		t.Fatal(err)
	}
	r.restart()
	if open, ok := r.OpenHelp(); !ok || open.ID != c.ID || open.Service != "12.2" {
		t.Errorf("after a restart: %v, %v; want the call to be open", open, ok)
	}
}
