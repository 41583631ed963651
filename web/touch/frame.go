package touch

import (
	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// frame is what every page shows around its subject.
type frame struct {
	Name      string // of the page: "home", "question"
	Title     string
	Prefs     prefs
	Build     string
	Compact   string // media query
	Station   string
	BoothID   string // "" before it belongs to a city
	Clock     clockView
	Line      lineView
	Idle      int64 // ms
	Countdown int64 // ms
	Door      int64 // ms
	Sim       bool
	Wedge     bool
	Help      bool         // a call for help is open, and the page shows it
	Staff     bool         // there are pages for staff
	Inner     bool         // one of theirs that back leads out of: home is no button, since it signs them out
	Overview  string       // address of the first run's overview, which takes the place of home; "" = none
	Back      string       // address of the page before; "" = none
	Draft     bool         // the page carries a draft: back, language and type size are buttons of its form
	Return    string       // address to come back to after a change of preferences
	Volume    int          // of reading aloud, percent
	Langs     []kiosk.Lang // to choose from
}

// clockView is the booth's time, for the page to count on from.
type clockView struct {
	Text   string // "09:41"
	Millis int64  // Unix time
	Offset int    // of the city's zone, seconds east of UTC
	About  bool   // the clock is not to be trusted
}

// lineView is the state of the line in the three ways that matter to a resident.
type lineView struct {
	State  string // "up", "down", or "unknown" before the first attempt has ended
	Behind int64
}

func viewLine(u kiosk.Uplink) lineView {
	switch {
	case !u.Known:
		return lineView{"unknown", u.Behind}
	case u.Up:
		return lineView{"up", u.Behind}
	}
	return lineView{"down", u.Behind}
}

func (s *screen) viewClock() clockView {
	now := s.booth.Now()
	local := now.Wall.In(s.booth.Zone())
	_, offset := local.Zone()
	return clockView{local.Format("15:04"), now.Wall.UnixMilli(), offset, !now.State.Trusted()}
}

// frame fills the frame of a page whose title is a sentence of ours.
func (s *screen) frame(p prefs, name, titleKey string) frame {
	return s.titled(p, name, s.words.Say(p.Lang, titleKey))
}

// titled fills the frame of a page whose title comes from the content pack.
func (s *screen) titled(p prefs, name, title string) frame {
	l := s.look()
	id := s.booth.ID()
	if id == kiosk.UnenrolledBooth {
		id = "" // neither a number nor a line to show
	}
	return frame{
		Name: name, Title: title, Prefs: p, Build: l.build, Compact: l.compact,
		Station: s.booth.Name(), BoothID: id,
		Clock: s.viewClock(), Line: viewLine(s.booth.Status().Uplink),
		Idle: s.opts.Idle.Milliseconds(), Countdown: s.opts.Countdown.Milliseconds(), Door: s.opts.DoorCountdown.Milliseconds(),
		Sim: s.opts.Sim != nil, Wedge: s.opts.Wedge, Staff: s.opts.Inspector != nil, Return: "/", Langs: s.spoken(),
		Volume: s.booth.Settings().Volume,
	}
}

// write sends a page in the visitor's language.
func (s *screen) write(c echo.Context, status int, p prefs, page string, view any) error {
	s.browser(c) // before the page listens
	return s.pages.Write(c, status, p.Lang, page, view)
}
