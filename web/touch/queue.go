package touch

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// The queues: staff call, and a second screen shows whose turn it is. That screen is
// for everybody and holds nothing but numbers.

const (
	callsURL   = "/staff/calls"
	displayURL = "/calls"
)

// lineupView is one queue as staff and the second screen see it.
type lineupView struct {
	Service string // id
	Name    string
	Now     string // "" = nobody is being served
	Desk    string
	Turn    int
	Waiting int
	Next    string
	Skipped []string
}

type callsPage struct {
	frame
	Queues []lineupView
	Error  string
}

type displayPage struct {
	Title  string
	Prefs  prefs
	Queues []lineupView
}

func (s *screen) queueRoutes(e *echo.Echo) { e.GET(displayURL, s.display) }

// lineups puts the queues of the day into words, those that have called somebody first.
func (s *screen) lineups(c echo.Context, lang kiosk.Lang) ([]lineupView, error) {
	all, err := s.booth.Lineups(c.Request().Context())
	if err != nil {
		return nil, err
	}
	views := make([]lineupView, 0, len(all))
	for _, l := range all {
		v := lineupView{Service: l.Service, Name: l.Service, Now: l.Now, Turn: l.Turn, Waiting: l.Waiting, Next: l.Next, Skipped: l.Skipped}
		if sv, _, ok := s.booth.Catalogue().Service(l.Service); ok {
			v.Name, v.Desk = sv.Name.In(lang), sv.Name.In(lang)
			if sv.Ticket != nil && sv.Ticket.Desk.In(lang) != "" {
				v.Desk = sv.Ticket.Desk.In(lang)
			}
		}
		views = append(views, v)
	}
	return views, nil
}

// display serves the second screen. It needs no sign-in and takes no touch.
func (s *screen) display(c echo.Context) error {
	p := s.prefsOf(c)
	queues, err := s.lineups(c, p.Lang)
	if err != nil {
		return err
	}
	return s.write(c, http.StatusOK, p, "display", displayPage{Title: s.words.Say(p.Lang, "calls.display"), Prefs: p, Queues: queues})
}

// calls serves the staff's page.
func (s *screen) calls(c echo.Context) error { return s.showCalls(c, nil) }

func (s *screen) showCalls(c echo.Context, wrong error) error {
	p := s.prefsOf(c)
	page := callsPage{frame: s.staffFrame(c, "staff-calls", "calls.title")}
	page.Back, page.Inner, page.Return = staffURL, true, callsURL
	var err error
	if page.Queues, err = s.lineups(c, p.Lang); err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		status, page.Error = web.StatusOf(kiosk.CodeOf(wrong)), s.words.Say(p.Lang, kiosk.KeyOf(wrong))
	}
	return s.write(c, status, p, "calls", page)
}

// step does what staff pressed. The button says which ticket its page showed.
func (s *screen) step(c echo.Context) error {
	err := s.booth.StepQueue(c.Request().Context(), kiosk.QueueStep{Service: c.FormValue("service"), Step: kiosk.CallStep(c.FormValue("step")),
		Seen: c.FormValue("seen"), Label: c.FormValue("label")})
	switch kiosk.CodeOf(err) {
	case "":
		return web.SeeOther(c, callsURL)
	case kiosk.CodeConflict, kiosk.CodeNotFound:
		return s.showCalls(c, err)
	}
	return err
}
