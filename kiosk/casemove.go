package kiosk

import (
	"slices"
	"time"
	"unicode/utf8"
)

// Deed is something that happens to a case. The names are append-only.
type Deed string

// What happens to a case.
const (
	DeedFiled       Deed = "filed"
	DeedAccepted    Deed = "accepted"     // the owner takes it on
	DeedAsked       Deed = "asked"        // the city asks the resident something
	DeedPlanned     Deed = "planned"      // what will be done, and by when
	DeedAgreed      Deed = "agreed"       // one of the parties agrees to the plan
	DeedDone        Deed = "done"         // wholly or partly, by the city's word
	DeedNotPossible Deed = "not_possible" // with the reason, which is published
	DeedEscalated   Deed = "escalated"    // the deadline passed: the next level has it
	DeedLapsed      Deed = "lapsed"       // nobody judged in time
	DeedServed      Deed = "served"       // the wish about data was met
	DeedErased      Deed = "erased"       // the record of the request was

	DeedAnswered  Deed = "answered"
	DeedRated     Deed = "rated"
	DeedWithdrawn Deed = "withdrawn"
	DeedReopened  Deed = "reopened"
	DeedDataAsked Deed = "data_asked"
	DeedRefused   Deed = "refused" // the consent was taken back
)

// DeedOf returns what a record of that kind does to a case; ok is false for kinds that
// do nothing.
func DeedOf(k Kind) (d Deed, ok bool) {
	switch k {
	case KindRequestAnswered:
		return DeedAnswered, true
	case KindRequestRated:
		return DeedRated, true
	case KindRequestWithdrawn:
		return DeedWithdrawn, true
	case KindRequestReopened:
		return DeedReopened, true
	case KindDataAsked:
		return DeedDataAsked, true
	case KindConsentWithdrawn:
		return DeedRefused, true
	}
	return "", false
}

// Resident reports whether only a resident can do it.
func (d Deed) Resident() bool {
	switch d {
	case DeedAnswered, DeedRated, DeedWithdrawn, DeedReopened, DeedDataAsked, DeedRefused:
		return true
	}
	return false
}

// CaseEvent is one thing that happened to a case.
type CaseEvent struct {
	Deed    Deed      `json:"deed"`
	At      time.Time `json:"at"`
	Who     string    `json:"who"`               // at the hub; for what a resident said, the booth
	BasedOn uint64    `json:"based_on,omitzero"` // version that whoever did it had seen
	Late    bool      `json:"late,omitempty"`    // it came too late to change anything
	Outcome Outcome   `json:"outcome,omitempty"` // of DeedDone
	Rating  Rating    `json:"rating,omitempty"`  // of DeedRated
	Reason  string    `json:"reason,omitempty"`  // listed: of DeedReopened; the wish of DeedDataAsked
	Text    Text      `json:"text,omitempty"`    // what the city says to the resident
	Due     time.Time `json:"due,omitzero"`      // of DeedPlanned
	Parties []Party   `json:"parties,omitempty"` // of DeedPlanned: whose word the plan needs; of DeedAgreed: whose this is
	Record  ID        `json:"record,omitzero"`   // that said it
	Pos     int64     `json:"pos,omitempty"`     // of that record in the hub's order
}

// CaseRules are the deadlines.
type CaseRules struct {
	Accept time.Duration // to take a case on
	Plan   time.Duration // from then, or from an answer, to a plan
	Carry  time.Duration // from a plan that names no day
	Lapse  time.Duration // for the resident to judge
}

// UsualRules returns the deadlines where a city has set no others.
func UsualRules() CaseRules {
	const day = 24 * time.Hour
	return CaseRules{Accept: 2 * day, Plan: 5 * day, Carry: 15 * day, Lapse: 15 * day}
}

// MaxCaseText is the most characters that the city may say at once, in each language.
const MaxCaseText = 300

// Apply returns the case after the event. The error has CodeConflict where that cannot
// happen to the case as it is, and CodeInvalid where the event lacks something. The
// case that it is called on stays as it was.
func (c Case) Apply(e CaseEvent, r CaseRules) (Case, error) {
	if err := e.check(); err != nil {
		return c, err
	}
	if !c.can(e) {
		return c, Errorf(CodeConflict, "error.case_state", "a case at step %s (outcome %q, ending %q) cannot be %s", c.Step, c.Outcome, c.Ending, e.Deed)
	}
	before := c
	c.Version++
	c.move(e, r)
	if c.Step != before.Step || c.Ending != before.Ending {
		c.Since = e.At
	}
	return c, nil
}

// can reports whether the event can happen to the case.
func (c *Case) can(e CaseEvent) bool {
	working := c.Open() && (c.Step == StepGather || c.Step == StepConsult || c.Step == StepCarry)
	switch e.Deed {
	case DeedFiled:
		return c.Version == 0
	case DeedAccepted:
		return c.Open() && c.Step == StepTeam
	case DeedAsked, DeedPlanned, DeedDone:
		return working
	case DeedAgreed:
		return working && len(c.Waiting) > 0 && (len(e.Parties) == 0 || slices.Contains(c.Waiting, e.Parties[0]))
	case DeedNotPossible:
		return working || c.Open() && c.Step == StepTeam
	case DeedAnswered:
		return c.Open() && c.Asked && e.BasedOn >= c.AskedAt
	case DeedRated:
		return c.Step == StepRate && (c.Open() || c.Ending == EndLapsed) && e.BasedOn >= c.Settled
	case DeedReopened:
		return c.Step == StepRate && (c.Open() || c.Ending == EndLapsed || c.Ending == EndRated) && e.BasedOn >= c.Settled
	case DeedWithdrawn:
		return c.Version > 0 && c.Open()
	case DeedEscalated:
		return c.Open() && c.Step != StepRate && c.Level < LevelCity && c.overdue(e.At)
	case DeedLapsed:
		return c.Open() && c.Step == StepRate && c.overdue(e.At)
	case DeedDataAsked, DeedRefused, DeedErased:
		return c.Version > 0 && c.Ending != EndErased
	case DeedServed:
		return c.Wish != ""
	}
	return false
}

func (c *Case) overdue(at time.Time) bool { return !c.Due.IsZero() && !at.Before(c.Due) }

// Overdue reports whether the deadline of the owner has passed.
func (c *Case) Overdue(at time.Time) bool { return c.Open() && c.Step != StepRate && c.overdue(at) }

// move carries out an event that can happen.
func (c *Case) move(e CaseEvent, r CaseRules) {
	switch e.Deed {
	case DeedFiled:
		c.Owner, c.Level = OfficeOf(e.Reason)
		c.Step, c.Due, c.Since = StepTeam, e.At.Add(r.Accept), e.At
	case DeedAccepted:
		c.Step, c.Due = StepGather, e.At.Add(r.Plan)
	case DeedAsked:
		c.Asked, c.AskedAt, c.Due = true, c.Version, time.Time{} // it is the resident's turn
	case DeedAnswered:
		c.Asked, c.Due = false, e.At.Add(r.Plan)
	case DeedPlanned:
		c.Step, c.Asked, c.Due, c.Waiting = StepCarry, false, e.Due, slices.Clone(e.Parties)
		if len(c.Waiting) > 0 {
			c.Step = StepConsult
		}
		if c.Due.IsZero() {
			c.Due = e.At.Add(r.Carry)
		}
	case DeedAgreed:
		c.Waiting = slices.DeleteFunc(slices.Clone(c.Waiting), func(p Party) bool { return p == e.Parties[0] })
		if len(c.Waiting) == 0 {
			c.Step = StepCarry
		}
	case DeedDone, DeedNotPossible:
		c.Outcome = e.Outcome
		if e.Deed == DeedNotPossible {
			c.Outcome = OutcomeNotPossible
		}
		c.Step, c.Asked, c.Waiting, c.Due, c.Settled = StepRate, false, nil, e.At.Add(r.Lapse), c.Version
	case DeedRated:
		c.Ending, c.Rating, c.Due = EndRated, e.Rating, time.Time{}
	case DeedWithdrawn:
		c.Ending, c.Outcome, c.Asked, c.Due = EndWithdrawn, OutcomeWithdrawn, false, time.Time{}
	case DeedReopened:
		c.Ending, c.Outcome, c.Rating, c.Step = "", "", 0, StepTeam
		c.Reopened, c.Due = c.Reopened+1, e.At.Add(r.Accept)
	case DeedEscalated:
		c.Level++
		c.Owner, c.Escal, c.Due = c.Level.Office(), c.Escal+1, e.At.Add(r.Accept)
	case DeedLapsed:
		c.Ending, c.Due = EndLapsed, time.Time{}
	case DeedDataAsked:
		c.Wish = DataWish(e.Reason)
	case DeedRefused:
		c.Refused = true
	case DeedServed:
		c.Wish = ""
	case DeedErased:
		c.Ending, c.Asked, c.Wish, c.Due = EndErased, false, "", time.Time{}
	}
}

// check says what an event lacks. The error has CodeInvalid and names the field.
func (e *CaseEvent) check() error {
	lacks := func(field string) error { return &Error{Code: CodeInvalid, Key: "error.required", Field: field} }
	for _, text := range e.Text {
		if utf8.RuneCountInString(text) > MaxCaseText {
			return &Error{Code: CodeInvalid, Key: "error.too_long", Field: "text"}
		}
	}
	switch e.Deed {
	case DeedAsked, DeedPlanned, DeedNotPossible:
		if e.Text[Chinese] == "" {
			return lacks("text")
		}
	case DeedAgreed:
		if len(e.Parties) != 1 {
			return lacks("parties")
		}
	case DeedDone:
		if e.Outcome != OutcomeFixed && e.Outcome != OutcomePartly {
			return lacks("outcome")
		}
	case DeedRated:
		if e.Rating < RatingBad || e.Rating > RatingGood {
			return lacks("rating")
		}
	case DeedReopened:
		if e.Reason == "" {
			return lacks("reason")
		}
	case DeedDataAsked:
		if w := DataWish(e.Reason); w != WishCopy && w != WishCorrect && w != WishDelete {
			return lacks("reason")
		}
	}
	for _, p := range e.Parties {
		if !slices.Contains(Parties(), p) {
			return lacks("parties")
		}
	}
	if e.Deed == DeedPlanned && !e.Due.IsZero() && !e.Due.After(e.At) {
		return &Error{Code: CodeInvalid, Key: "error.date", Field: "due"}
	}
	return nil
}

// Deeds returns what the city can do to the case as it is, in the order of its buttons.
func (c *Case) Deeds() []Deed {
	var out []Deed
	for _, d := range []Deed{DeedAccepted, DeedAsked, DeedPlanned, DeedAgreed, DeedDone, DeedNotPossible, DeedServed} {
		if c.can(CaseEvent{Deed: d}) {
			out = append(out, d)
		}
	}
	return out
}

// Says returns what the resident can say of the case as it is.
func (c *Case) Says() []Deed {
	var out []Deed
	for _, d := range []Deed{DeedAnswered, DeedRated, DeedReopened, DeedWithdrawn} {
		if c.can(CaseEvent{Deed: d, BasedOn: c.Version}) {
			out = append(out, d)
		}
	}
	return out
}
