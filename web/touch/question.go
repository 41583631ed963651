package touch

import (
	"time"
	"unicode/utf8"

	"redstation/kiosk"
)

// formFrame is what question pages and the check page share: where they stand, and
// the draft that they carry.
type formFrame struct {
	frame
	Service subject
	Action  string // address of the form
	Step    int
	Steps   int
	Key     kiosk.ID
	At      string
	Checked bool
	Hidden  []hidden
}

// hidden is an earlier answer that the page carries along.
type hidden struct{ Name, Value string }

type questionPage struct {
	formFrame
	Field questionView
}

// questionView is one question. Kind chooses its part of the template: a field's
// kind, "detail" for the free part of a place, or "slot_time" for the time of a slot.
type questionView struct {
	Kind    string
	Name    string // of the input
	Label   string
	Hint    string
	Icon    string
	Error   string
	Value   string
	MaxLen  int
	Options []optionView // choice, place, date
	Phrases []string
	Breadth string // of the longest phrase: "short", "word", "middle" or "long"
	Consent consentView
	Unit    string       // of a number
	Point   bool         // it may have a point
	Writing *writingView // of a text; nil = nothing is written
	Notice  string       // address that prints the privacy notice; "" = there is none, or no printer
	Noticed bool         // it was asked for just now
	Seats   *seatsView   // slot, event
}

type optionView struct {
	ID, Icon, Label, Note string
	Chosen                bool
	Gone                  bool // it cannot be chosen now
}

type consentView struct{ What, Why, Who, Keep string }

// formFrame fills the frame of a page of the draft. Fields of the page itself are
// not carried: its inputs stand for them.
func (s *screen) formFrame(p prefs, d *draft, name, title, at string, step, steps int) formFrame {
	f := formFrame{
		frame:   s.titled(p, name, title),
		Service: viewSubject(d.service, d.fn, p.Lang), Action: formURL(d.service.ID),
		Step: step, Steps: steps, Key: d.key, At: at, Checked: d.checked,
	}
	f.Back, f.Draft = f.Action, true
	if d.helped {
		f.Hidden = append(f.Hidden, hidden{"helped", "1"})
	}
	if d.twin != "" {
		f.Hidden = append(f.Hidden, hidden{"twin", d.twin})
	}
	for i := range d.service.Form.Fields {
		id := d.service.Form.Fields[i].ID
		a := d.answers[id]
		if a.Value != "" && id != at {
			f.Hidden = append(f.Hidden, hidden{"a." + id, a.Value})
		}
		if a.Detail != "" && id+".detail" != at {
			f.Hidden = append(f.Hidden, hidden{"d." + id, a.Detail})
		}
	}
	return f
}

func (s *screen) viewQuestion(p prefs, d *draft, pages []formPage, i int, wrong error) questionPage {
	page := pages[i]
	f := page.field
	a := d.answers[f.ID]
	v := questionView{Kind: string(f.Kind), Name: "a." + f.ID, Label: f.Label.In(p.Lang), Hint: f.Hint.In(p.Lang),
		Icon: f.Icon, Value: a.Value, MaxLen: maxLen(f)}
	if page.detail && f.Kind == kiosk.FieldItem {
		s.viewAsset(&v, f, a, p.Lang)
	} else if page.detail {
		v.Kind, v.Name, v.Value = "detail", "d."+f.ID, a.Detail
		v.Label = s.words.Say(p.Lang, "form.detail")
		v.Hint = s.words.Say(p.Lang, "form.detail_hint")
		if pl, ok := d.pack.Place(a.Value); ok {
			v.Label = s.words.Say(p.Lang, "form.detail_of", "place", pl.Name.In(p.Lang))
		}
	}
	if wrong != nil {
		v.Error = s.words.Say(p.Lang, wrongKey(wrong, v.Kind), append(rangeArgs(f, p.Lang), "max", v.MaxLen)...)
	}
	s.fillAnswers(&v, d, page, p.Lang)
	return questionPage{s.formFrame(p, d, "question", v.Label, page.id, i+1, len(pages)+1), v}
}

// wrongKey names the sentence for what is wrong: nothing chosen is told in the
// words of the question's kind.
func wrongKey(wrong error, kind string) string {
	key := kiosk.KeyOf(wrong)
	if own := "error." + kind; key == "error.required" && (kind == "choice" || kind == "place" || kind == "date") {
		return own
	}
	return key
}

// fillAnswers adds what can be chosen or tapped.
func (s *screen) fillAnswers(v *questionView, d *draft, page formPage, lang kiosk.Lang) {
	f, a := page.field, d.answers[page.field.ID]
	switch {
	case f.Kind == kiosk.FieldItem && !page.detail:
		v.Options = s.thingOptions(f, a, lang)
	case f.Kind == kiosk.FieldNumber:
		v.Unit, v.Point = f.Range.Unit.In(lang), f.Range.Decimals > 0
	case f.Kind == kiosk.FieldChoice:
		for _, o := range f.Options {
			v.Options = append(v.Options, optionView{ID: o.ID, Icon: o.Icon, Label: o.Name.In(lang), Chosen: o.ID == a.Value})
		}
	case f.Kind == kiosk.FieldPlace && !page.detail:
		for _, pl := range d.pack.Places {
			v.Options = append(v.Options, optionView{ID: pl.ID, Label: pl.Name.In(lang), Chosen: pl.ID == a.Value})
		}
	case f.Kind == kiosk.FieldDate:
		for _, day := range f.Dates(s.today()) {
			label, note := s.viewDay(day, lang)
			v.Options = append(v.Options, optionView{ID: day, Label: label, Note: note, Chosen: day == a.Value})
		}
	case f.Kind == kiosk.FieldConsent && f.Consent != nil:
		if s.booth.Status().Printer != kiosk.PrinterOffline {
			v.Notice, v.Noticed = serviceURL(d.service.ID)+"/notice", d.noticed
		}
		v.Consent = consentView{f.Consent.What.In(lang), f.Consent.Why.In(lang), f.Consent.Who.In(lang), f.Consent.Keep.In(lang)}
	case f.Kind == kiosk.FieldText || page.detail && f.Kind == kiosk.FieldPlace:
		for _, ph := range f.Phrases {
			v.Phrases = append(v.Phrases, ph.In(lang))
		}
		v.Breadth = breadth(v.Phrases, lang)
		v.Writing = viewWriting(f, len(v.Phrases), lang)
	}
}

func maxLen(f *kiosk.Field) int {
	if f.MaxLen > 0 {
		return f.MaxLen
	}
	return kiosk.DefaultMaxLen
}

// viewDay returns a date in words: the day, and which day of the week it is.
func (s *screen) viewDay(day string, lang kiosk.Lang) (label, note string) {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day, ""
	}
	weekdays := [...]string{"date.sunday", "date.monday", "date.tuesday", "date.wednesday", "date.thursday", "date.friday", "date.saturday"}
	months := [...]string{"date.jan", "date.feb", "date.mar", "date.apr", "date.may", "date.jun",
		"date.jul", "date.aug", "date.sep", "date.oct", "date.nov", "date.dec"}
	label = s.words.Say(lang, "date.day", "month", s.words.Say(lang, months[t.Month()-1]), "day", t.Day())
	note = s.words.Say(lang, weekdays[t.Weekday()])
	if day == s.today().AddDate(0, 0, 1).Format(time.DateOnly) {
		note = s.words.Say(lang, "date.tomorrow", "weekday", note)
	}
	return label, note
}

// breadth says how wide the keys for phrases must be. A Chinese character counts
// twice a Latin letter, and may go on the next line where a word may not.
func breadth(phrases []string, lang kiosk.Lang) string {
	widest := 0
	for _, ph := range phrases {
		w := 0
		for _, r := range ph {
			w++
			if utf8.RuneLen(r) == 3 {
				w++
			}
		}
		widest = max(widest, w)
	}
	short := 4
	if lang == kiosk.Chinese {
		short = 6
	}
	switch {
	case widest <= short:
		return "short"
	case widest <= 9:
		return "word"
	case widest <= 18:
		return "middle"
	}
	return "long"
}
