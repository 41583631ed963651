package touch

import (
	"strings"

	"redstation/kiosk"
)

type checkView struct {
	formFrame
	Submit string // address
	Error  string // why it could not be filed just now
	Rows   []answerRow
}

// answerRow is one answer on the check page, with the page that changes it.
type answerRow struct {
	Page  string
	Name  string
	Value string // "" = nothing was entered
	Said  string // what of it is read aloud: listed choices, and none that is sensitive
	Icon  string
}

func (s *screen) viewCheck(p prefs, d *draft, pages []formPage, wrong error) checkView {
	d.checked = true
	v := checkView{
		formFrame: s.formFrame(p, d, "check", s.words.Say(p.Lang, "check.title"), checkPage, len(pages)+1, len(pages)+1),
		Submit:    serviceURL(d.service.ID) + "/submit",
	}
	if wrong != nil {
		v.Error = s.words.Say(p.Lang, kiosk.KeyOf(wrong))
	}
	for _, page := range pages {
		if page.detail { // stands with its place
			continue
		}
		row := answerRow{Page: page.id, Name: page.field.Short.In(p.Lang), Icon: page.field.Icon,
			Value: s.viewAnswer(d, page, p.Lang), Said: s.sayable(d, page, p.Lang)}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// sayable returns what of an answer may be read aloud in a public place: a choice from
// a list, and nothing that was typed.
func (s *screen) sayable(d *draft, page formPage, lang kiosk.Lang) string {
	f := page.field
	if d.service.DataClass == kiosk.DataSensitive || f.Personal || f.Kind == kiosk.FieldText || f.Kind == kiosk.FieldPhone {
		return ""
	}
	listed := *d
	listed.answers = kiosk.Answers{f.ID: {Value: d.answers[f.ID].Value}}
	return s.viewAnswer(&listed, page, lang)
}

// viewAnswer returns an answer as a resident reads it.
func (s *screen) viewAnswer(d *draft, page formPage, lang kiosk.Lang) string {
	f, a := page.field, d.answers[page.field.ID]
	switch f.Kind {
	case kiosk.FieldChoice:
		if o, ok := f.Option(a.Value); ok {
			return o.Name.In(lang)
		}
	case kiosk.FieldPlace:
		if pl, ok := d.pack.Place(a.Value); ok {
			return strings.TrimSpace(pl.Name.In(lang) + " " + a.Detail)
		}
	case kiosk.FieldDate:
		if a.Value != "" {
			label, note := s.viewDay(a.Value, lang)
			return s.words.Say(lang, "date.full", "day", label, "note", note)
		}
	case kiosk.FieldItem:
		if t, ok := f.Thing(a.Value); ok {
			return strings.TrimSpace(t.Name.In(lang) + " " + a.Detail)
		}
	case kiosk.FieldNumber:
		if a.Value != "" {
			return a.Value + " " + f.Range.Unit.In(lang)
		}
	case kiosk.FieldSlot, kiosk.FieldEvent:
		return s.saySeat(f, a, lang)
	case kiosk.FieldConsent:
		switch a.Value {
		case "yes":
			return s.words.Say(lang, "consent.yes")
		case "no":
			return s.words.Say(lang, "consent.no")
		}
	case kiosk.FieldPhone:
		return groupPhone(a.Value)
	}
	return a.Value
}

// groupPhone writes a mobile number in groups of 3, 4 and 4, as people read it out.
func groupPhone(digits string) string {
	if len(digits) != 11 || digits[0] != '1' {
		return digits
	}
	return digits[:3] + " " + digits[3:7] + " " + digits[7:]
}
