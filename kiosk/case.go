package kiosk

import "time"

// A case is what the city makes of a request. It walks six steps (摸底、组建、收集、会商、
// 落实、评价), has exactly one owner at every moment, and says two things apart: where it
// stands (Step and Ending) and what came of it (Outcome). The city can say that it is
// done, or why it cannot be; that it is closed only the resident can say, by rating it
// or by taking it back. Silence lapses: the case is then closed as unrated, which is
// never counted as satisfied. The hub owns this state; booths send what residents say
// of it, and show the version that they have.

// Step is one of the six, in their order: the one that is being walked.
type Step string

// The steps.
const (
	StepSurvey  Step = "survey"  // 摸底: it is registered, and on its way to the city
	StepTeam    Step = "team"    // 组建: an office has it and is to take it on
	StepGather  Step = "gather"  // 收集: taken on; what is needed is found out
	StepConsult Step = "consult" // 会商: those concerned agree on what to do
	StepCarry   Step = "carry"   // 落实: there is a plan, and it is carried out
	StepRate    Step = "rate"    // 评价: the city has done what it could; the resident judges
)

// Steps lists them.
func Steps() []Step {
	return []Step{StepSurvey, StepTeam, StepGather, StepConsult, StepCarry, StepRate}
}

// Outcome is what came of a case, by the word of whoever may say it.
type Outcome string

// The outcomes; "" while there is none.
const (
	OutcomeFixed       Outcome = "fixed"        // the city says so
	OutcomePartly      Outcome = "partly"       // the city says so
	OutcomeNotPossible Outcome = "not_possible" // the city says so, with a published reason
	OutcomeWithdrawn   Outcome = "withdrawn"    // the resident says so
)

// Ending is how a case was closed; "" while it is open.
type Ending string

// The endings.
const (
	EndRated     Ending = "rated"     // the resident judged
	EndWithdrawn Ending = "withdrawn" // the resident took it back
	EndLapsed    Ending = "lapsed"    // nobody judged in time: unrated
	EndErased    Ending = "erased"    // its record was erased, as the resident asked
)

// Rating is how a resident judges: three faces.
type Rating uint8

// The ratings; 0 is none.
const (
	RatingBad  Rating = 1
	RatingFair Rating = 2
	RatingGood Rating = 3
)

// Level is one of the four that a case can be at.
type Level uint8

// The levels.
const (
	LevelCommunity Level = 1
	LevelStreet    Level = 2
	LevelDistrict  Level = 3
	LevelCity      Level = 4
)

// Levels lists them from below.
func Levels() []Level { return []Level{LevelCommunity, LevelStreet, LevelDistrict, LevelCity} }

// Office returns the id of the office that owns cases at the level as such.
func (l Level) Office() string {
	switch l {
	case LevelStreet:
		return "street"
	case LevelDistrict:
		return "district"
	case LevelCity:
		return "city"
	}
	return "community"
}

// OfficeOf returns the office that a service's route leads to, and its level. A route
// that names no level is an office of the community ("property", "legal").
func OfficeOf(route string) (office string, l Level) {
	for _, l := range Levels() {
		if route == l.Office() {
			return route, l
		}
	}
	if route == "" {
		route = LevelCommunity.Office()
	}
	return route, LevelCommunity
}

// Case is the state of a case.
type Case struct {
	Version  uint64    `json:"v"` // counts what happened to it, from 1
	Step     Step      `json:"step"`
	Outcome  Outcome   `json:"outcome,omitempty"`
	Ending   Ending    `json:"ending,omitempty"`
	Rating   Rating    `json:"rating,omitempty"`
	Owner    string    `json:"owner"` // the office that has it
	Level    Level     `json:"level"`
	Since    time.Time `json:"since"`               // when it came to where it is
	Due      time.Time `json:"due,omitzero"`        // by when Owner must have moved it on; at StepRate: when it lapses
	Asked    bool      `json:"asked,omitempty"`     // a question of the city waits for the resident
	AskedAt  uint64    `json:"asked_at,omitempty"`  // version that asked it
	Settled  uint64    `json:"settled,omitempty"`   // version in which the city said done or not possible
	Waiting  []Party   `json:"waiting,omitempty"`   // at StepConsult: who has not agreed to the plan yet
	Reopened int       `json:"reopened,omitempty"`  // how often
	Wish     DataWish  `json:"wish,omitempty"`      // what the resident asked for their data, and was not given yet
	Refused  bool      `json:"refused,omitempty"`   // the resident took the consent back
	Escal    int       `json:"escalated,omitempty"` // how often
}

// Party is one of the three whose word a plan may need (居委会、物业、业委会).
type Party string

// The parties.
const (
	PartyCommittee Party = "committee"
	PartyProperty  Party = "property"
	PartyOwners    Party = "owners"
)

// Parties lists them.
func Parties() []Party { return []Party{PartyCommittee, PartyProperty, PartyOwners} }

// Open reports whether the case is not closed.
func (c *Case) Open() bool { return c.Ending == "" }

// DataWish is what somebody asks for the data about them.
type DataWish string

// The wishes.
const (
	WishCopy    DataWish = "copy"
	WishCorrect DataWish = "correct"
	WishDelete  DataWish = "delete"
)

// DataWishes lists them.
func DataWishes() []DataWish { return []DataWish{WishCopy, WishCorrect, WishDelete} }

// CaseWord is something that the city said to the resident.
type CaseWord struct {
	Deed Deed      `json:"deed"`
	At   time.Time `json:"at"`
	Text Text      `json:"text"`
}

// Heard is something that a resident said and the city has taken up.
type Heard struct {
	Record ID   `json:"record"`         // that said it
	Late   bool `json:"late,omitempty"` // the case had moved on: it was kept and changed nothing
}

// CaseFace is what a receipt shows of a case.
type CaseFace struct {
	Case
	Words []CaseWord `json:"words,omitempty"` // the last of each kind, oldest first
	Heard []Heard    `json:"heard,omitempty"` // the last few
}

// heardKept is how many a receipt lists: more cannot be on their way at once.
const heardKept = 6

// Hear adds to what the city has taken up.
func (f *CaseFace) Hear(h Heard) {
	f.Heard = append(f.Heard, h)
	if n := len(f.Heard) - heardKept; n > 0 {
		f.Heard = append([]Heard(nil), f.Heard[n:]...)
	}
}

// Say adds a word in the place of an earlier one of its kind.
func (f *CaseFace) Say(w CaseWord) {
	kept := make([]CaseWord, 0, len(f.Words)+1)
	for _, old := range f.Words {
		if old.Deed != w.Deed && !(settles(old.Deed) && settles(w.Deed)) {
			kept = append(kept, old)
		}
	}
	f.Words = append(kept, w)
}

// settles reports whether the deed is the city's last word.
func settles(d Deed) bool { return d == DeedDone || d == DeedNotPossible }
