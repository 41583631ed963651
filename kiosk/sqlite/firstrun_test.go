package sqlite_test

import (
	"testing"

	"redstation/kiosk"
)

func TestTheFirstRunGoesOnAfterARestartAndEndsOnce(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	if s := r.Settings(); s.Touched || s.Begun || s.FirstRun {
		t.Errorf("a new booth: got %+v", s)
	}
	if err := r.BeginFirstRun(ctx); err != nil {
		t.Fatal(err)
	}
	if err := r.FinishFirstRun(ctx); kiosk.CodeOf(err) != kiosk.CodeConflict {
		t.Errorf("without a PIN it ends: %v", err)
	}
	r.restart()
	if s := r.Settings(); !s.Touched || !s.Begun || s.FirstRun {
		t.Errorf("begun: got %+v", s)
	}
	for _, err := range []error{r.SetPIN(ctx, "204816"), r.FinishFirstRun(ctx), r.BeginFirstRun(ctx)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r.restart()
	if s := r.Settings(); !s.FirstRun {
		t.Errorf("ended: got %+v", s)
	}
}
