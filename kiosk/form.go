package kiosk

import (
	"slices"
	"time"
)

// FieldKind is the type of a form field; there is one screen for each.
type FieldKind string

// The field kinds.
const (
	FieldChoice  FieldKind = "choice"  // one of a few listed options; a fact unless the field is private
	FieldText    FieldKind = "text"    // free text, with phrases to tap; always sealed
	FieldPhone   FieldKind = "phone"   // digits on a keypad; always sealed
	FieldPlace   FieldKind = "place"   // a listed place (a fact unless private) and an optional detail (sealed)
	FieldDate    FieldKind = "date"    // one of the coming days, YYYY-MM-DD; a fact unless the field is private
	FieldItem    FieldKind = "item"    // a kind of thing that is lent, and the tag of the very thing where there is one; facts
	FieldNumber  FieldKind = "number"  // a number in a range, typed on keys; always sealed
	FieldConsent FieldKind = "consent" // yes or no to a text; a fact, with the fingerprint of the text
	FieldSlot    FieldKind = "slot"    // a day and a time of this booth with a place in it: see Slots; a fact
	FieldEvent   FieldKind = "event"   // a listed event with a place in it: see Events; a fact
)

// Form is what a request asks, one question a page, in this order.
type Form struct {
	Fields []Field
	// Anonymous says that a resident who does not consent may go on: the personal
	// fields are then neither asked nor kept. Without it, no consent ends the form.
	Anonymous bool
}

// Field is one question.
type Field struct {
	ID       string // [a-z][a-z0-9_]{0,31}, unique in the form
	Kind     FieldKind
	Icon     string
	Label    Text // the question: "是哪一类的事？"
	Short    Text // its name on the check page: "类别"
	Hint     Text
	Optional bool
	Private  bool     // a choice, place or date that is sealed all the same
	Personal bool     // left out where the resident does not consent
	Options  []Option // for FieldChoice
	Phrases  []Text   // for FieldText and the detail of FieldPlace: words to tap, put together as tapped
	MaxLen   int      // for FieldText and details, in characters; 0 = 200
	Days     int      // for FieldDate: how many days ahead can be chosen, from tomorrow; 0 = 7
	Consent  *Consent // for FieldConsent
	Things   []Thing  // for FieldItem
	Range    Range    // for FieldNumber
	Slots    *Slots   // for FieldSlot
	Events   *Events  // for FieldEvent
}

// Option is one listed answer.
type Option struct {
	ID   string
	Icon string
	Name Text
}

// Consent is what a resident agrees to: one plain screen.
type Consent struct {
	What Text // what is kept
	Why  Text // what for
	Who  Text // who sees it
	Keep Text // how long
}

// Sealed reports whether the field's value is sealed to the city (and so never a fact).
func (f *Field) Sealed() bool {
	switch f.Kind {
	case FieldText, FieldPhone, FieldNumber:
		return true
	case FieldConsent, FieldItem, FieldSlot, FieldEvent:
		return false
	}
	return f.Private
}

// Option returns the option with that id.
func (f *Field) Option(id string) (Option, bool) {
	for _, o := range f.Options {
		if o.ID == id {
			return o, true
		}
	}
	return Option{}, false
}

// Field returns the field with that id.
func (f *Form) Field(id string) (*Field, bool) {
	for i := range f.Fields {
		if f.Fields[i].ID == id {
			return &f.Fields[i], true
		}
	}
	return nil, false
}

// Answer is what was entered in one field. Value is an option's id, a text, the
// digits of a phone number, a place's id, a date or "yes"/"no"; Detail is the free
// part of a place.
type Answer struct {
	Value  string
	Detail string
}

// Answers are the answers by field id. They are never logged.
type Answers map[string]Answer

// Accept checks a whole form and returns the answers that are kept: normalised,
// without unknown fields, and without the personal ones where consent was not
// given. The error names the first field that is wrong; error.consent_needed says
// that this form cannot go on without consent.
func (f *Form) Accept(answers Answers, c *Catalogue, today time.Time) (Answers, error) {
	kept := Answers{}
	refused := f.Refused(answers)
	for i := range f.Fields {
		field := &f.Fields[i]
		if field.Personal && refused {
			continue
		}
		a, err := field.Check(answers[field.ID], c, today)
		if err != nil {
			return nil, err
		}
		if field.Kind == FieldConsent && a.Value == "no" && !f.Anonymous {
			return nil, field.wrong("error.consent_needed")
		}
		if a != (Answer{}) {
			kept[field.ID] = a
		}
	}
	if field, ok := f.inOrder(kept); !ok {
		return nil, field.wrong("error.below")
	}
	return kept, nil
}

// Refused reports whether the resident said no to the form's consent.
func (f *Form) Refused(answers Answers) bool {
	return slices.ContainsFunc(f.Fields, func(field Field) bool {
		return field.Kind == FieldConsent && answers[field.ID].Value == "no"
	})
}
