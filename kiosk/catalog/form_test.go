package catalog_test

import (
	"testing"
	"unicode/utf8"

	"redstation/kiosk"
)

func TestDefaultFormsAskInOrder(t *testing.T) {
	for _, s := range all(embedded(t)) {
		if s.Form == nil {
			continue
		}
		t.Run(s.ID, func(t *testing.T) {
			if n := len(s.Form.Fields); n < 1 || n > 6 {
				t.Errorf("got %d questions, want 1 to 6", n)
			}
			ids, consent := map[string]bool{}, false
			for _, f := range s.Form.Fields {
				if ids[f.ID] {
					t.Errorf("%s: is asked twice", f.ID)
				}
				ids[f.ID] = true
				if f.Personal != consent {
					t.Errorf("%s: got personal %v after consent %v", f.ID, f.Personal, consent)
				}
				consent = consent || f.Kind == kiosk.FieldConsent
				checkField(t, s, f)
			}
			if s.DataClass > kiosk.DataNone && (!consent || !ids["name"] || ids["phone"] != (s.DataClass >= kiosk.DataContact)) {
				t.Errorf("got questions %v, want consent, name, and phone from data class 2 on", ids)
			}
		})
	}
}

// checkField checks that one question is whole and can be answered without a keyboard.
func checkField(t *testing.T, s kiosk.Service, f kiosk.Field) {
	t.Helper()
	if f.Label.In(kiosk.Chinese) == "" || f.Short.In(kiosk.Chinese) == "" || f.Icon == "" {
		t.Errorf("%s: got label %v, short %v, icon %q", f.ID, f.Label, f.Short, f.Icon)
	}
	switch f.Kind {
	case kiosk.FieldChoice:
		if n := len(f.Options); n < 2 || n > 6 {
			t.Errorf("%s: got %d options, want 2 to 6", f.ID, n)
		}
		if s.DataClass == kiosk.DataSensitive && !f.Sealed() {
			t.Errorf("%s: is a fact, want it sealed in data class 3", f.ID)
		}
	case kiosk.FieldItem:
		for _, thing := range f.Things {
			if thing.Days < 1 || thing.Code < 10 || thing.Icon == "" || thing.Name.In(kiosk.Korean) == "" {
				t.Errorf("%s: got %+v", f.ID, thing)
			}
		}
	case kiosk.FieldNumber:
		if f.Range.Most <= f.Range.Least || f.Range.Unit.In(kiosk.Korean) == "" {
			t.Errorf("%s: got range %+v", f.ID, f.Range)
		}
	case kiosk.FieldText:
		if len(f.Phrases) < 6 {
			t.Errorf("%s: got %d phrases, want 6 at least", f.ID, len(f.Phrases))
		}
		for _, p := range f.Phrases {
			if n := utf8.RuneCountInString(p.In(kiosk.Chinese)); f.MaxLen > 0 && n > f.MaxLen {
				t.Errorf("%s: phrase %v is longer than the answer may be", f.ID, p)
			}
		}
	case kiosk.FieldConsent:
		c := f.Consent
		for name, text := range map[string]kiosk.Text{"what": c.What, "why": c.Why, "who": c.Who, "keep": c.Keep} {
			if text.In(kiosk.Chinese) == "" || text.In(kiosk.English) == "" {
				t.Errorf("%s: got %s %v", f.ID, name, text)
			}
		}
	}
}

func TestDefaultLetsTheNamelessReport(t *testing.T) {
	c := embedded(t)
	for _, id := range []string{"3.1", "12.3"} {
		s, _, ok := c.Service(id)
		if !ok || s.Form == nil || !s.Form.Anonymous {
			t.Errorf("%s: cannot be filed without a name", id)
		}
	}
}
