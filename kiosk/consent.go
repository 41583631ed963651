package kiosk

import "time"

// ConsentLine is one line of the ledger of consents: who agreed to what, in which
// words, when, and whether that still holds. Who is known by the number of the
// receipt alone.
type ConsentLine struct {
	Number   string
	Booth    string
	Name     string // the booth's name
	Service  string
	Given    bool   // yes or no
	Text     string // fingerprint of the wording that was shown
	Lang     Lang   // that it was shown in
	Pack     string // version of the content pack that it stood in
	Helped   bool   // somebody else filled the form in, and the resident confirmed it
	Paper    string // number of the paper form that it was typed in from; "" = none
	Pos      int64  // of the record: a cursor
	Received time.Time
	When     Instant // as far as the hub can tell

	Withdrawn    time.Time // when the withdrawal arrived at the hub; zero: it stands
	WithdrawnPos int64     // of its record
}

// ConsentState is how a consent stands.
type ConsentState string

// The states.
const (
	ConsentGiven     ConsentState = "given"
	ConsentRefused   ConsentState = "refused"
	ConsentWithdrawn ConsentState = "withdrawn"
)

// State returns how the consent stands now.
func (c ConsentLine) State() ConsentState {
	switch {
	case !c.Withdrawn.IsZero():
		return ConsentWithdrawn
	case c.Given:
		return ConsentGiven
	}
	return ConsentRefused
}

// ConsentQuery filters the ledger, newest first. Zero fields do not filter.
type ConsentQuery struct {
	Booth   string
	Service string
	Number  string
	Text    string
	State   ConsentState
	Before  int64 // lines with a smaller Pos
	Limit   int   // 0 = 50; at most 5000
}
