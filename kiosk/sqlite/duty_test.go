package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"redstation/kiosk"
)

func dutyCatalogue() *kiosk.Catalogue {
	t := func(s string) kiosk.Text { return kiosk.Text{kiosk.Chinese: s} }
	return &kiosk.Catalogue{Version: "duty", Functions: []kiosk.Function{{Number: 12, Services: []kiosk.Service{
		{ID: "12.5", Name: t("值守交接"), Actions: []kiosk.Action{kiosk.ActionCheckIn}, Duty: &kiosk.Duty{Name: "name", Role: "role"},
			Form: &kiosk.Form{Fields: []kiosk.Field{
				{ID: "role", Kind: kiosk.FieldChoice, Label: t("岗位？"), Options: []kiosk.Option{{ID: "police", Name: t("民警")}, {ID: "social", Name: t("社工")}}},
				{ID: "name", Kind: kiosk.FieldText, Label: t("贵姓？")},
			}}},
	}}}}
}

// Whoever took over last is on duty, until somebody else takes over, the watch is
// ended, or a day has passed. The name of whose watch is over is in no file.
func TestWhoTookOverLastIsOnDuty(t *testing.T) {
	r := newRig(t)
	r.Offer(dutyCatalogue())
	ctx := t.Context()
	take := func(key kiosk.ID, role, name string) kiosk.Slip {
		t.Helper()
		slip, err := r.File(ctx, key, "12.5", kiosk.Answers{"role": {Value: role}, "name": {Value: name}}, kiosk.Chinese)
		if err != nil {
			t.Fatal(err)
		}
		return slip
	}
	on := func(name, role string) {
		t.Helper()
		w, ok, err := r.OnDuty(ctx)
		if err != nil || ok != (name != "") || w.Name != name || w.Role != role {
			t.Errorf("on duty is %+v, %v, %v; want %q, %q", w, ok, err, name, role)
		}
	}
	on("", "")
	key := kiosk.RandomID()
	first := take(key, "police", "欧阳")
	if again := take(key, "social", "司马"); again.Number != first.Number {
		t.Errorf("the same key got %s, want %s again", again.Number, first.Number)
	}
	on("欧阳", "police")
	r.restart()
	r.Offer(dutyCatalogue())
	on("欧阳", "police")
	second := take(kiosk.RandomID(), "social", "诸葛")
	on("诸葛", "social")
	if err := r.EndDuty(ctx, first.Number); err != nil { // it was over already
		t.Fatal(err)
	}
	on("诸葛", "social")
	if err := r.EndDuty(ctx, second.Number); err != nil {
		t.Fatal(err)
	}
	on("", "")
	if n := len(r.facts(kiosk.KindDutyEnded)); n != 1 {
		t.Errorf("%d records of an end, want 1", n)
	}
	for _, f := range r.facts(kiosk.KindDutyTaken) {
		if choices, ok := f["choices"].(map[string]any); !ok || choices["role"] == nil || choices["name"] != nil {
			t.Errorf("facts say %v, want the role and no name", f)
		}
	}
	all, err := r.Watches(ctx, 10)
	if err != nil || len(all) != 2 || all[0].Number != second.Number || all[1].Name != "" || all[0].Name != "" {
		t.Errorf("the watches are %+v, %v", all, err)
	}
	r.restart() // the log is folded into the book
	for _, file := range []string{"book.db", "book.db-wal"} {
		b, err := os.ReadFile(filepath.Join(r.dir, file))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, name := range []string{"欧阳", "诸葛"} {
			if bytes.Contains(b, []byte(name)) {
				t.Errorf("%s is still in %s", name, file)
			}
		}
	}
}

func TestAWatchThatNobodyEndedIsNotShownAfterADay(t *testing.T) {
	r := newRig(t)
	r.Offer(dutyCatalogue())
	if _, err := r.File(t.Context(), kiosk.RandomID(), "12.5", kiosk.Answers{"role": {Value: "police"}, "name": {Value: "王"}}, kiosk.Chinese); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		by time.Duration
		on bool
	}{{23 * time.Hour, true}, {2 * time.Hour, false}} {
		r.clock.Advance(step.by)
		if _, ok, err := r.OnDuty(t.Context()); err != nil || ok != step.on {
			t.Errorf("after %v more: on duty %v, %v; want %v", step.by, ok, err, step.on)
		}
	}
}
