package boothd_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"redstation/cmd/internal/boothd"
	"redstation/kiosk"
	"redstation/sync/hub/hubtest"
)

func TestANoticeOfTheCityComesHoldsOverARestartAndIsWithdrawn(t *testing.T) {
	city := hubtest.New(t)
	city.Clock.Set(time.Now()) // the booth's clock is this machine's
	invitation, err := city.CreateEnrolment(t.Context(), "07", "Booth 07", city.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := config(t, io.Discard)
	b, err := boothd.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Enrol(t.Context(), invitation); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	base, stop := serve(t, c)
	n := kiosk.CityNotice{ID: "flood", Level: kiosk.LevelEmergency, Title: kiosk.Text{"zh": "洪水警报"}, Lines: []kiosk.Text{{"zh": "到高处去。"}},
		From: time.Now().Add(-time.Hour), Until: time.Now().Add(time.Hour)}
	if err := city.PublishNotice(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	shows(t, base+"/attract", "洪水警报")
	stop()
	base, stop = serve(t, c)
	defer func() { stop() }()
	shows(t, base+"/attract", "洪水警报")
	if all, err := city.Notices(t.Context()); err != nil || len(all) != 1 || all[0].ID != "flood" {
		t.Errorf("got %+v, %v at the hub, want the one", all, err)
	}
	if err := city.WithdrawNotice(t.Context(), "flood"); err != nil {
		t.Fatal(err)
	}
	if err := city.WithdrawNotice(t.Context(), "flood"); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("withdrawn twice: got %v, want not found", err)
	}
	for deadline := time.Now().Add(30 * time.Second); strings.Contains(get(t, base+"/attract"), "洪水警报"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the notice was never taken down")
		}
	}
	old := n
	old.Until = time.Now().Add(-time.Minute)
	if err := city.PublishNotice(t.Context(), old); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("a notice that is over: got %v, want invalid", err)
	}
}
