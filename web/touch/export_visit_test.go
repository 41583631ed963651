package touch

import (
	"time"

	"redstation/kiosk"
)

// Visits are visits without a screen.
type Visits struct{ vs visits }

// NewVisits returns visits that are forgotten after limit.
func NewVisits(limit time.Duration) *Visits { return &Visits{visits{limit: limit}} }

// Keep remembers a draft with one answer.
func (v *Visits) Keep(browser, answer string) {
	v.vs.enter(browser, visit{})
	v.vs.keep(browser, &draft{service: &kiosk.Service{ID: "3.1"}, key: kiosk.RandomID(), answers: kiosk.Answers{"a": {Value: answer}}})
}

// See notes a sign of the resident.
func (v *Visits) See(browser string) { v.vs.see(browser, 0) }

// Held returns how many visits are remembered, without asking them to be swept.
func (v *Visits) Held() int {
	v.vs.mu.Lock()
	defer v.vs.mu.Unlock()
	return len(v.vs.open)
}
