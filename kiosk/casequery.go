package kiosk

import "time"

// CaseItem is a filing with what the city has made of it.
type CaseItem struct {
	Ref      ID        `json:"ref"`
	Booth    string    `json:"booth"`
	Number   string    `json:"number"`
	Service  string    `json:"service"`
	Action   Action    `json:"action"`
	Pos      int64     `json:"pos"` // of the record that filed it, in the hub's order
	Received time.Time `json:"received"`
	CaseFace
	Deeds  []Deed      `json:"deeds,omitempty"`  // what the city can do to it now
	Events []CaseEvent `json:"events,omitempty"` // where one case is asked for
}

// CaseQuery asks for cases, the newest first. Zero fields are for all.
type CaseQuery struct {
	Booth  string
	Owner  string
	Step   Step
	State  CaseState
	At     time.Time // of CaseOverdue; zero = now
	Before int64     // only cases with a smaller Pos
	Limit  int       // 0 = 50; at most 500
}

// CaseState is what cases are looked for by.
type CaseState string

// The states.
const (
	CaseOpen    CaseState = "open"
	CaseClosed  CaseState = "closed"
	CaseOverdue CaseState = "overdue" // the owner's deadline has passed
	CaseWish    CaseState = "wish"    // somebody asked for their data
)

// CaseStates lists them.
func CaseStates() []CaseState { return []CaseState{CaseOpen, CaseOverdue, CaseWish, CaseClosed} }
