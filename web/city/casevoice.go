package city

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"redstation/kiosk"
)

// Cases in words.

// offices lists the ids of the offices that the content pack knows.
func (v voice) offices() (ids []string) {
	if v.catalogue != nil {
		for _, o := range v.catalogue.Offices {
			ids = append(ids, o.ID)
		}
	}
	if len(ids) == 0 {
		for _, l := range kiosk.Levels() {
			ids = append(ids, l.Office())
		}
	}
	return ids
}

func (v voice) office(id string) string {
	c := v.catalogue
	if c == nil {
		c = &kiosk.Catalogue{}
	}
	if name := c.Office(id).In(v.lang); name != "" {
		return name
	}
	return id
}

func (v voice) serviceName(id string) string {
	if v.catalogue != nil {
		if svc, _, ok := v.catalogue.Service(id); ok {
			return svc.Name.In(v.lang)
		}
	}
	return id
}

func caseURL(booth, number string) string {
	return "/cases/" + url.PathEscape(booth) + "/" + url.PathEscape(number)
}

func (v voice) caseRow(i kiosk.CaseItem, now time.Time) caseRow {
	r := caseRow{URL: caseURL(i.Booth, i.Number), Number: i.Number, Service: v.serviceName(i.Service), Owner: v.office(i.Owner),
		Level: v.say("city.level." + i.Level.Office()), Where: v.where(&i.Case), Due: v.short(i.Due, now), Late: i.Overdue(now),
		Asked: i.Asked, Wish: i.Wish != "", Received: v.short(i.Received, now)}
	return r
}

// where says where a case stands and what came of it: two things.
func (v voice) where(c *kiosk.Case) string {
	var parts []string
	switch {
	case c.Ending == kiosk.EndRated:
		parts = append(parts, v.say("city.ending.rated"), v.say("city.rating."+strconv.Itoa(int(c.Rating))))
	case c.Ending != "":
		parts = append(parts, v.say("city.ending."+string(c.Ending)))
	case c.Step == "":
		return v.say("city.cases.kept")
	default:
		parts = append(parts, v.say("city.step."+string(c.Step)))
	}
	if c.Outcome != "" && c.Outcome != kiosk.OutcomeWithdrawn {
		parts = append(parts, v.say("city.outcome."+string(c.Outcome)))
	}
	return strings.Join(parts, " · ")
}

// caseTrouble says why nothing was done.
func (v voice) caseTrouble(err error) string {
	switch kiosk.CodeOf(err) {
	case kiosk.CodeConflict:
		return v.say("city.cases.changed")
	case kiosk.CodeInvalid:
		var e *kiosk.Error
		if errors.As(err, &e) && e.Field != "" {
			return v.either(v.say("city.cases.lacking"), "city.cases.lacks_"+e.Field)
		}
		return v.say("city.cases.reason")
	}
	return v.say("error.denied")
}

func (v voice) caseEvent(e kiosk.CaseEvent, item kiosk.CaseItem) caseEvent {
	out := caseEvent{At: v.stamp(e.At), Deed: v.say("city.case_deed." + string(e.Deed)), Who: e.Who, Late: e.Late}
	if e.Deed.Resident() || e.Deed == kiosk.DeedFiled {
		out.Who = v.say("city.cases.resident", "booth", e.Who)
		if e.Pos != 0 {
			out.Record = recordURL(e.Pos)
		}
		// One that was based on an older version than the case had is shown as such.
		out.Outdated = e.BasedOn != 0 && e.Late
	}
	var more []string
	switch {
	case e.Rating != 0:
		more = append(more, v.say("city.rating."+strconv.Itoa(int(e.Rating))))
	case e.Outcome != "":
		more = append(more, v.say("city.outcome."+string(e.Outcome)))
	case e.Reason != "" && e.Deed == kiosk.DeedFiled:
		more = append(more, v.office(e.Reason))
	case e.Reason != "":
		more = append(more, v.either(e.Reason, "city.reason."+e.Reason))
	}
	if text := e.Text.In(v.lang); text != "" {
		more = append(more, text)
	}
	for _, p := range e.Parties {
		more = append(more, v.say("city.party."+string(p)))
	}
	if !e.Due.IsZero() {
		more = append(more, v.say("city.cases.until", "day", e.Due.In(v.zone).Format(time.DateOnly)))
	}
	out.More = strings.Join(more, " · ")
	return out
}

func (v voice) deedView(d kiosk.Deed, item *kiosk.CaseItem) deedView {
	view := deedView{Deed: d, Name: v.say("city.do." + string(d))}
	parties := kiosk.Parties()
	switch d {
	case kiosk.DeedAsked, kiosk.DeedNotPossible:
		view.Text, view.Required = true, true
	case kiosk.DeedPlanned:
		view.Text, view.Required, view.Due = true, true, true
	case kiosk.DeedDone:
		view.Text, view.Outcome = true, true
	case kiosk.DeedAgreed:
		parties = item.Waiting
	}
	if d == kiosk.DeedPlanned || d == kiosk.DeedAgreed {
		for _, p := range parties {
			view.Parties = append(view.Parties, option{Value: string(p), Text: v.say("city.party." + string(p))})
		}
	}
	return view
}
