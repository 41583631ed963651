package city

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// Cases are what the city makes of what residents filed.
type Cases interface {
	// Cases returns those that match, the newest first.
	Cases(ctx context.Context, q kiosk.CaseQuery) ([]kiosk.CaseItem, error)
	// Case returns one with what happened to it. The error has CodeNotFound.
	Case(ctx context.Context, booth, number string) (kiosk.CaseItem, error)
	// ActOnCase does to a case what the city can, under the name who. The error has
	// CodeInvalid with the field that is wrong, CodeNotFound, CodeDenied, or CodeConflict.
	ActOnCase(ctx context.Context, who, booth, number string, version uint64, e kiosk.CaseEvent) (kiosk.CaseItem, error)
	// ForgetCase erases what was filed, as its resident asked. The error has
	// CodeInvalid (no reason), CodeNotFound or CodeConflict (it was before).
	ForgetCase(ctx context.Context, who, booth, number, reason string) error
}

// caseRows is how many cases a page shows.
const caseRows = 50

type casesPage struct {
	frame
	States   []option
	Steps    []option
	Owners   []option
	Booth    string
	Filtered bool
	Rows     []caseRow
	Older    string // address of the next page; "" = none
	Newest   string
}

type caseRow struct {
	URL, Number, Service, Owner, Level string
	Where                              string // step, outcome and ending in words
	Due                                stamp
	Late, Asked, Wish                  bool
	Received                           stamp
}

type casePage struct {
	frame
	Item    kiosk.CaseItem
	Row     caseRow
	Service string
	Steps   []stepView
	Record  string // address of the record that filed it
	Words   []caseWord
	Events  []caseEvent
	Deeds   []deedView
	Erase   bool
	Error   string
	Post    string
}

type stepView struct {
	Name  string
	State string // "done", "now", "next"
}

type caseWord struct{ Heading, Text string }

type caseEvent struct {
	At              stamp
	Deed, Who, More string
	Late            bool
	Outdated        bool
	Record          string
}

// deedView is one of the buttons, with what it asks.
type deedView struct {
	Deed               kiosk.Deed
	Name               string
	Text, Outcome, Due bool
	Required           bool
	Parties            []option
}

// cases serves a page of cases.
func (s *console) cases(c echo.Context) error {
	v, ctx := s.voice(c), c.Request().Context()
	p := casesPage{frame: s.frame(c, "cases", "city.cases.title")}
	word := func(name string) string { return clip(strings.TrimSpace(c.QueryParam(name)), maxWord) }
	q := kiosk.CaseQuery{Booth: word("booth"), Owner: word("owner"), Step: kiosk.Step(word("step")), State: kiosk.CaseState(word("state")), Before: cursor(c, "before"), Limit: caseRows + 1}
	if !slices.Contains(kiosk.CaseStates(), q.State) {
		q.State = ""
	}
	list, err := s.Cases.Cases(ctx, q)
	if err != nil {
		return err
	}
	p.Booth, p.Filtered = q.Booth, q.Booth != "" || q.Owner != "" || q.Step != "" || q.State != ""
	pick := func(all []option, chosen string) []option {
		for i := range all {
			all[i].Chosen = all[i].Value == chosen
		}
		return all
	}
	p.States = []option{{Text: v.say("city.cases.all")}}
	for _, st := range kiosk.CaseStates() {
		p.States = append(p.States, option{Value: string(st), Text: v.say("city.cases." + string(st))})
	}
	p.Steps = []option{{Text: v.say("city.cases.all")}}
	for _, st := range kiosk.Steps() {
		p.Steps = append(p.Steps, option{Value: string(st), Text: v.say("city.step." + string(st))})
	}
	p.Owners = []option{{Text: v.say("city.cases.all")}}
	for _, o := range v.offices() {
		p.Owners = append(p.Owners, option{Value: o, Text: v.office(o)})
	}
	p.States, p.Steps, p.Owners = pick(p.States, string(q.State)), pick(p.Steps, string(q.Step)), pick(p.Owners, q.Owner)
	if len(list) > caseRows {
		list = list[:caseRows]
		next := url.Values{"before": {strconv.FormatInt(list[caseRows-1].Pos, 10)}}
		for name, value := range map[string]string{"booth": q.Booth, "owner": q.Owner, "step": string(q.Step), "state": string(q.State)} {
			if value != "" {
				next.Set(name, value)
			}
		}
		p.Older = "/cases?" + next.Encode()
	}
	if q.Before > 0 {
		p.Newest = "/cases"
	}
	for _, item := range list {
		p.Rows = append(p.Rows, v.caseRow(item, s.now()))
	}
	return s.write(c, http.StatusOK, "cases", p)
}

// oneCase serves a case with what happened to it, and the buttons.
func (s *console) oneCase(c echo.Context) error { return s.showCase(c, nil) }

func (s *console) showCase(c echo.Context, wrong error) error {
	item, err := s.Cases.Case(c.Request().Context(), c.Param("booth"), c.Param("number"))
	if err != nil {
		return err
	}
	v := s.voice(c)
	p := casePage{frame: s.frame(c, "cases", "city.cases.title"), Item: item, Row: v.caseRow(item, s.now()), Service: v.serviceName(item.Service),
		Record: recordURL(item.Pos), Post: caseURL(item.Booth, item.Number), Erase: item.Ending != kiosk.EndErased}
	p.Title, p.Return = v.say("city.cases.one", "number", item.Number), p.Post
	now := slices.Index(kiosk.Steps(), item.Step)
	for i, step := range kiosk.Steps() {
		state := "next"
		if i < now || item.Ending == kiosk.EndRated {
			state = "done"
		} else if i == now {
			state = "now"
		}
		p.Steps = append(p.Steps, stepView{v.say("city.step." + string(step)), state})
	}
	for _, w := range slices.Backward(item.Words) {
		p.Words = append(p.Words, caseWord{v.say("city.case_deed." + string(w.Deed)), w.Text.In(v.lang)})
	}
	for _, e := range slices.Backward(item.Events) {
		p.Events = append(p.Events, v.caseEvent(e, item))
	}
	for _, d := range item.Deeds {
		p.Deeds = append(p.Deeds, v.deedView(d, &item))
	}
	status := http.StatusOK
	if wrong != nil {
		status, p.Error = web.StatusOf(kiosk.CodeOf(wrong)), v.caseTrouble(wrong)
	}
	return s.write(c, status, "case", p)
}

// actOnCase does what a button says and shows the case as it is then.
func (s *console) actOnCase(c echo.Context) error {
	form, err := postForm(c)
	if err != nil {
		return err
	}
	ctx, booth, number := c.Request().Context(), c.Param("booth"), c.Param("number")
	who := s.frame(c, "cases", "city.cases.title").Who
	if form.Get("deed") == "erase" {
		reason := strings.Join(strings.Fields(form.Get("reason")), " ")
		if utf8.RuneCountInString(reason) > maxReason {
			reason = clip(reason, maxReason)
		}
		err = s.Cases.ForgetCase(ctx, who, booth, number, reason)
	} else {
		var e kiosk.CaseEvent
		version, _ := strconv.ParseUint(form.Get("version"), 10, 64) // none: the case has changed
		if e, err = s.readDeed(c, form); err == nil {
			_, err = s.Cases.ActOnCase(ctx, who, booth, number, version, e)
		}
	}
	switch kiosk.CodeOf(err) {
	case "":
		return web.SeeOther(c, caseURL(booth, number))
	case kiosk.CodeConflict, kiosk.CodeInvalid, kiosk.CodeDenied:
		return s.showCase(c, err)
	}
	return err
}

// readDeed reads a button's form.
func (s *console) readDeed(c echo.Context, form url.Values) (kiosk.CaseEvent, error) {
	e := kiosk.CaseEvent{Deed: kiosk.Deed(form.Get("deed")), Outcome: kiosk.Outcome(form.Get("outcome"))}
	for _, lang := range kiosk.Langs() {
		if text := strings.TrimSpace(form.Get("text_" + string(lang))); text != "" {
			if e.Text == nil {
				e.Text = kiosk.Text{}
			}
			e.Text[lang] = text
		}
	}
	for _, p := range form["party"] {
		e.Parties = append(e.Parties, kiosk.Party(p))
	}
	if day := form.Get("due"); day != "" {
		due, err := time.ParseInLocation(time.DateOnly, day, s.voice(c).zone)
		if err != nil {
			return e, &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.date", Field: "due"}
		}
		e.Due = due.Add(18 * time.Hour) // the end of the day's work
	}
	return e, nil
}
