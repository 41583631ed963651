package touch

import (
	"slices"
	"time"

	"redstation/kiosk"
)

// flowView is the six steps of a case, drawn.
type flowView struct {
	Steps []stepDot
	Words string // where it stands, in one sentence
	Notes []noteView
}

// stepDot is one of the six. State is "done", "now" or "next".
type stepDot struct{ Icon, Name, State string }

// noteView is what is told of something that the resident said.
type noteView struct{ Icon, Text string }

// stepIcons are the pictures of the steps, in their order.
func stepIcons() []string {
	return []string{"search-check", "users-round", "message-square-text", "handshake", "hammer", "star"}
}

// viewFlow draws the six steps of a request; nil for what is not one.
func (s *screen) viewFlow(p prefs, r openedReceipt) *flowView {
	if r.Action != kiosk.ActionRequest {
		return nil
	}
	f := &flowView{Words: s.caseWords(p, r)}
	now, over := 0, false
	if c := r.Filing.Case; c != nil {
		now, over = slices.Index(kiosk.Steps(), c.Step), c.Ending == kiosk.EndRated
	}
	for i, step := range kiosk.Steps() {
		dot := stepDot{stepIcons()[i], s.words.Say(p.Lang, "case.step_"+string(step)), "next"}
		switch {
		case i < now || over:
			dot.State = "done"
		case i == now:
			dot.State = "now"
		}
		f.Steps = append(f.Steps, dot)
	}
	f.Notes = s.sayNotes(p, r)
	return f
}

// sayNotes tells what is on its way to the city, and what came too late.
func (s *screen) sayNotes(p prefs, r openedReceipt) (notes []noteView) {
	for _, list := range []struct {
		key, icon string
		intents   []kiosk.Intent
	}{{"say.pending", "send", r.Pending}, {"say.late", "clock", r.Late}} {
		if len(list.intents) == 0 {
			continue
		}
		last := list.intents[len(list.intents)-1]
		d, _ := kiosk.DeedOf(last.Kind)
		notes = append(notes, noteView{list.icon, s.words.Say(p.Lang, list.key, "what", s.words.Say(p.Lang, "say.name_"+string(d)), "time", s.viewTime(p, last.At))})
	}
	return notes
}

// caseWords says in one sentence where a request stands. Its state and what came of it
// are two things, and both are told.
func (s *screen) caseWords(p prefs, r openedReceipt) string {
	c := r.Filing.Case
	if c == nil {
		return s.words.Say(p.Lang, "case.state_"+string(r.Filing.State))
	}
	switch {
	case c.Ending == kiosk.EndRated:
		return s.words.Say(p.Lang, "case.end_rated", "rating", s.words.Say(p.Lang, ratingKey(c.Rating)))
	case c.Ending != "":
		return s.words.Say(p.Lang, "case.end_"+string(c.Ending))
	case c.Step == kiosk.StepRate:
		return s.words.Say(p.Lang, "case.outcome_"+string(c.Outcome))
	case c.Asked:
		return s.words.Say(p.Lang, "case.asked")
	}
	return s.words.Say(p.Lang, "case.at_"+string(c.Step))
}

func ratingKey(r kiosk.Rating) string {
	return map[kiosk.Rating]string{kiosk.RatingGood: "case.good", kiosk.RatingFair: "case.fair", kiosk.RatingBad: "case.bad"}[r]
}

// caseFacts is what is known of a request.
func (s *screen) caseFacts(p prefs, r openedReceipt) []factView {
	c := r.Filing.Case
	if c == nil {
		return []factView{{"clock", s.words.Say(p.Lang, "case.since"), s.viewTime(p, r.Filing.At)}}
	}
	facts := []factView{{"landmark", s.words.Say(p.Lang, "case.owner"), s.officeName(p, c.Owner)}}
	switch {
	case !c.Open():
		facts = append(facts, factView{"clock", s.words.Say(p.Lang, "case.closed"), s.viewTime(p, c.Since)})
	case c.Step == kiosk.StepRate:
		facts = append(facts, factView{"calendar-clock", s.words.Say(p.Lang, "case.lapses"), s.viewDate(p, c.Due)})
	case !c.Due.IsZero():
		facts = append(facts, factView{"calendar-clock", s.words.Say(p.Lang, "case.due"), s.viewDate(p, c.Due)})
	}
	return facts
}

// officeName is what an office is called, as the content pack says.
func (s *screen) officeName(p prefs, id string) string {
	if name := s.booth.Catalogue().Office(id).In(p.Lang); name != "" {
		return name
	}
	return s.words.Say(p.Lang, "case.office")
}

// caseWays is what can be said of a request, and what the city said.
func (s *screen) caseWays(p prefs, r openedReceipt) []tile {
	var ways []tile
	if c := r.Filing.Case; c != nil && len(c.Words) > 0 {
		ways = append(ways, s.receiptTile(p, "words", "megaphone"))
	}
	for _, d := range r.Says() {
		icon := map[kiosk.Deed]string{kiosk.DeedAnswered: "message-square-text", kiosk.DeedRated: "star", kiosk.DeedReopened: "rotate-ccw", kiosk.DeedWithdrawn: "undo-2"}[d]
		if icon != "" {
			ways = append(ways, tile{Href: sayURL(d), Icon: icon, Family: kiosk.Civic, Label: s.words.Say(p.Lang, "say.way_"+string(d))})
		}
	}
	return ways
}

// receiptTile leads to a page of the receipt.
func (s *screen) receiptTile(p prefs, page, icon string) tile {
	return tile{Href: receiptURL + "/" + page, Icon: icon, Family: kiosk.Civic, Label: s.words.Say(p.Lang, "receipt.way_"+page)}
}

// viewTime returns a moment in the city's zone: the time of today, or the day as well.
func (s *screen) viewTime(p prefs, t time.Time) string {
	t = t.In(s.booth.Zone())
	clock := t.Format("15:04")
	if t.Format(time.DateOnly) != s.today().Format(time.DateOnly) {
		return s.words.Say(p.Lang, "date.at", "day", s.viewDate(p, t), "time", clock)
	}
	return clock
}

// viewDate returns a day in the city's zone.
func (s *screen) viewDate(p prefs, t time.Time) string {
	label, _ := s.viewDay(t.In(s.booth.Zone()).Format(time.DateOnly), p.Lang)
	return label
}
