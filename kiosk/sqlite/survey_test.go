package sqlite_test

import (
	"testing"

	"redstation/kiosk"
)

func surveyCatalogue() *kiosk.Catalogue {
	t := func(s string) kiosk.Text { return kiosk.Text{kiosk.Chinese: s} }
	return &kiosk.Catalogue{Version: "survey", Functions: []kiosk.Function{{Number: 3, Services: []kiosk.Service{
		{ID: "3.4", Name: t("需求征集"), Actions: []kiosk.Action{kiosk.ActionSurvey}, Form: &kiosk.Form{Fields: []kiosk.Field{
			{ID: "first", Kind: kiosk.FieldChoice, Label: t("先办什么？"), Options: []kiosk.Option{{ID: "care", Name: t("养老")}, {ID: "clean", Name: t("卫生")}}},
			{ID: "words", Kind: kiosk.FieldText, Label: t("还有呢？"), Optional: true},
		}}},
	}}}}
}

func TestASurveyIsCountedOnceAndShownFromFiveOn(t *testing.T) {
	r := newRig(t)
	r.Offer(surveyCatalogue())
	ctx := t.Context()
	answer := func(key kiosk.ID, option string) kiosk.Slip {
		t.Helper()
		slip, err := r.File(ctx, key, "3.4", kiosk.Answers{"first": {Value: option}, "words": {Value: "多装路灯"}}, kiosk.Chinese)
		if err != nil {
			t.Fatal(err)
		}
		return slip
	}
	key := kiosk.RandomID()
	first := answer(key, "care")
	if again := answer(key, "clean"); again.Number != first.Number {
		t.Errorf("the same key got %s, want %s again", again.Number, first.Number)
	}
	for range 3 {
		answer(kiosk.RandomID(), "clean")
	}
	if counts, people, err := r.SurveyResults(ctx, "3.4"); err != nil || counts != nil || people != 4 {
		t.Errorf("after four: %v, %d, %v; want no counts", counts, people, err)
	}
	answer(kiosk.RandomID(), "clean")
	r.restart()
	r.Offer(surveyCatalogue())
	counts, people, err := r.SurveyResults(ctx, "3.4")
	if err != nil || people != 5 || len(counts) != 2 || counts[0].N != 1 || counts[1].N != 4 {
		t.Errorf("after five: %v, %d, %v; want 1 and 4", counts, people, err)
	}
	facts := r.facts(kiosk.KindSurveyAnswered)
	if len(facts) != 5 {
		t.Fatalf("%d records, want 5", len(facts))
	}
	if choices, ok := facts[0]["choices"].(map[string]any); !ok || len(choices) != 1 || choices["first"] != "care" {
		t.Errorf("facts say %v, want the listed answer alone", facts[0])
	}
}
