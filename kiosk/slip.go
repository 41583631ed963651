package kiosk

import "time"

// SlipState is where a slip's print job stands. The intent is written with the
// promise itself; the outcome after it.
type SlipState string

// The slip states.
const (
	SlipQueued  SlipState = "queued"  // written; it waits for its turn or for the printer, or is being printed
	SlipDone    SlipState = "done"    // the printer says so, or all bytes were sent where it cannot say
	SlipFailed  SlipState = "failed"  // nothing of it was sent; the number on the screen holds
	SlipUnknown SlipState = "unknown" // it may have come: the job broke off, or the program ended before its outcome
	SlipNone    SlipState = "none"    // no paper was asked for
)

// Slip is what a resident gets for one submission: a number, and a paper that
// says so. Its ID is the submission key: the same form posted again, also after a
// power cut, finds the same slip.
type Slip struct {
	ID       ID
	Action   Action
	Service  string // the service's id
	Number   string // "07-218", "L017", or "" for a leaflet
	Lang     Lang
	At       time.Time
	AtState  ClockState
	State    SlipState
	Reprints int
}
