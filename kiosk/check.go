package kiosk

import (
	"regexp"
	"time"
	"unicode/utf8"
)

// DefaultMaxLen is the most characters that a text may have where its field says nothing.
const DefaultMaxLen = 200

// Numbers in mainland China: 11 digits of a mobile phone, or a fixed line with its
// area code (0 and two or three digits) or without (seven or eight digits).
var phonePattern = regexp.MustCompile(`^(1[3-9][0-9]{9}|0[1-9][0-9]{1,2}[2-9][0-9]{6,7}|[2-9][0-9]{6,7})$`)

// Check normalises one answer and says whether it will do. today is the date in
// the city's zone. The error is an *Error with CodeInvalid, Field set, and a Key
// out of error.required, error.characters, error.choice, error.phone, error.too_long,
// error.place, error.date, error.slot, error.event and error.consent; the answer comes back as it was entered, so that
// nothing is lost.
func (f *Field) Check(a Answer, c *Catalogue, today time.Time) (Answer, error) {
	if f.Kind == FieldConsent {
		if a.Value != "yes" && a.Value != "no" {
			return a, f.wrong("error.consent")
		}
		return Answer{Value: a.Value}, nil
	}
	if !legible(a.Value) || !legible(a.Detail) {
		return a, f.wrong("error.characters")
	}
	n := Answer{Value: tidy(a.Value), Detail: tidy(a.Detail)}
	if n.Value == "" {
		if f.Optional && n.Detail == "" {
			return Answer{}, nil
		}
		return a, f.wrong("error.required")
	}
	if key := f.check(&n, c, today); key != "" {
		return a, f.wrong(key)
	}
	return n, nil
}

// check returns the key of what is wrong with a tidied answer, or "".
func (f *Field) check(n *Answer, c *Catalogue, today time.Time) string {
	if f.Kind != FieldPlace && f.Kind != FieldItem && f.Kind != FieldSlot {
		n.Detail = ""
	}
	switch f.Kind {
	case FieldSlot, FieldEvent:
		return f.checkSeat(n)
	case FieldChoice:
		if _, ok := f.Option(n.Value); !ok {
			return "error.choice"
		}
	case FieldPhone:
		n.Value = digits(n.Value)
		if !phonePattern.MatchString(n.Value) {
			return "error.phone"
		}
	case FieldPlace:
		if _, ok := c.Place(n.Value); !ok {
			return "error.place"
		}
		if f.tooLong(n.Detail) {
			return "error.too_long"
		}
	case FieldItem:
		return f.checkThing(n)
	case FieldNumber:
		return f.Range.check(n)
	case FieldDate:
		if !f.allows(n.Value, today) {
			return "error.date"
		}
	default:
		if f.tooLong(n.Value) {
			return "error.too_long"
		}
	}
	return ""
}

// Dates returns the days that can be chosen, from tomorrow, as YYYY-MM-DD.
func (f *Field) Dates(today time.Time) []string {
	n := f.Days
	if n <= 0 {
		n = 7
	}
	days := make([]string, n)
	for i := range days {
		days[i] = today.AddDate(0, 0, i+1).Format(time.DateOnly)
	}
	return days
}

// allows also takes today and yesterday's list, so that a form begun before
// midnight still passes after it.
func (f *Field) allows(date string, today time.Time) bool {
	if date == today.Format(time.DateOnly) {
		return true
	}
	for _, d := range f.Dates(today) {
		if d == date {
			return true
		}
	}
	return false
}

func (f *Field) tooLong(s string) bool {
	limit := f.MaxLen
	if limit <= 0 {
		limit = DefaultMaxLen
	}
	return utf8.RuneCountInString(s) > limit
}

func (f *Field) wrong(key string) error {
	return &Error{Code: CodeInvalid, Key: key, Field: f.ID}
}

// Place returns the listed place with that id.
func (c *Catalogue) Place(id string) (Place, bool) {
	for _, p := range c.Places {
		if p.ID == id {
			return p, true
		}
	}
	return Place{}, false
}
