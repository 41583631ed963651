package touch

import (
	"time"

	"redstation/kiosk"
)

// flowView is the six steps of a case, drawn.
type flowView struct {
	Steps []stepDot
	Words string // where it stands, in one sentence
}

// stepDot is one of the six. State is "done", "now" or "next".
type stepDot struct{ Icon, Name, State string }

// viewFlow draws the six steps of a request; nil for what is not one.
func (s *screen) viewFlow(p prefs, r openedReceipt) *flowView {
	if r.Action != kiosk.ActionRequest {
		return nil
	}
	at := 0
	if r.Filing.State == kiosk.FilingReceived {
		at = 1
	}
	f := &flowView{Words: s.words.Say(p.Lang, "case.state_"+string(r.Filing.State))}
	icons := [...]string{"search-check", "users-round", "message-square-text", "handshake", "hammer", "star"}
	for i, name := range caseSteps() {
		dot := stepDot{icons[i], s.words.Say(p.Lang, "case.step_"+name), "next"}
		switch {
		case i < at:
			dot.State = "done"
		case i == at:
			dot.State = "now"
		}
		f.Steps = append(f.Steps, dot)
	}
	return f
}

func caseSteps() []string { return []string{"survey", "team", "gather", "consult", "carry", "rate"} }

// caseFacts is what is known of a request.
func (s *screen) caseFacts(p prefs, r openedReceipt) []factView {
	return []factView{{"clock", s.words.Say(p.Lang, "case.since"), s.viewTime(p, r.Filing.At)}}
}

// caseWays is what can be done with a request.
func (s *screen) caseWays(prefs, openedReceipt) []tile { return nil }

// viewTime returns a moment in the city's zone: the time of today, or the day as well.
func (s *screen) viewTime(p prefs, t time.Time) string {
	t = t.In(s.booth.Zone())
	clock := t.Format("15:04")
	if day := t.Format(time.DateOnly); day != s.today().Format(time.DateOnly) {
		label, _ := s.viewDay(day, p.Lang)
		return s.words.Say(p.Lang, "date.at", "day", label, "time", clock)
	}
	return clock
}
