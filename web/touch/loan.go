package touch

import (
	"context"
	"strconv"

	"redstation/kiosk"
)

// What is lent: the questions which thing and which very one.

// thingOptions lists the things of a question with how many are here now. One that is
// gone stays on the page and cannot be chosen, unless it was.
func (s *screen) thingOptions(f *kiosk.Field, a kiosk.Answer, lang kiosk.Lang) []optionView {
	here := map[string]int{}
	if all, err := s.booth.Supplies(context.Background()); err == nil { // the book says it when the form is filed
		for _, sh := range all {
			here[sh.Thing.ID] = sh.Here
		}
	}
	var out []optionView
	for i := range f.Things {
		t := &f.Things[i]
		n := here[t.ID]
		o := optionView{ID: t.ID, Icon: t.Icon, Label: t.Name.In(lang), Chosen: t.ID == a.Value && n > 0, Gone: n == 0,
			Note: s.words.Say(lang, "loan.here", "n", n, "days", t.Days)}
		if o.Gone {
			o.Note = s.words.Say(lang, "loan.none_here")
		}
		out = append(out, o)
	}
	return out
}

// viewAsset makes the question for the tag of the very thing.
func (s *screen) viewAsset(v *questionView, f *kiosk.Field, a kiosk.Answer, lang kiosk.Lang) {
	s.catcher.wait(s.booth)
	v.Kind, v.Name, v.Value, v.MaxLen = "asset", "d."+f.ID, a.Detail, 24
	name := ""
	if t, ok := f.Thing(a.Value); ok {
		name = t.Name.In(lang)
	}
	v.Label = s.words.Say(lang, "loan.asset", "thing", name)
	v.Hint = s.words.Say(lang, "loan.asset_hint")
}

// rangeArgs are what the sentences about a number need.
func rangeArgs(f *kiosk.Field, lang kiosk.Lang) []any {
	if f.Kind != kiosk.FieldNumber {
		return nil
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	return []any{"least", number(f.Range.Least), "most", number(f.Range.Most), "unit", f.Range.Unit.In(lang), "decimals", f.Range.Decimals}
}

// catchAsset takes the tag that was held before the scanner as the answer of the page.
func (s *screen) catchAsset(d *draft, pages []formPage, at int) {
	scan, ok := s.catcher.take()
	if !ok || at >= len(pages) || !pages[at].detail || pages[at].field.Kind != kiosk.FieldItem {
		return
	}
	a := d.answers[pages[at].field.ID]
	a.Detail = "?" // which is no tag: the page says so
	if tag, err := kiosk.ParseAssetTag(scan.Text); err == nil {
		a.Detail = string(tag)
	}
	d.answers[pages[at].field.ID] = a
}
