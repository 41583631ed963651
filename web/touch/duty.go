package touch

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// Who is on duty: staff take over the watch with a form of the content pack, and end it
// here. Passers-by see surname and role of whoever is there while nobody uses the screen.

const dutyURL = "/staff/duty"

// watchesShown is how many earlier watches are listed.
const watchesShown = 30

type dutyPage struct {
	frame
	Number string // of the watch that goes on; "" = nobody is on duty
	Name   string
	Role   string
	Since  string
	Take   string // address of the form by which somebody takes over; "" = the pack has none
	Rows   []watchRow
}

// watchRow is one watch that is over.
type watchRow struct{ When, Role, Number string }

func (s *screen) dutyRoutes(e *echo.Echo) {
	e.GET(dutyURL, s.duty, s.guard)
	e.POST(dutyURL, s.endDuty, s.guard)
}

// duty serves who is on duty, and who was.
func (s *screen) duty(c echo.Context) error {
	ctx, p := c.Request().Context(), s.prefsOf(c)
	page := dutyPage{frame: s.staffFrame(c, "staff-duty", "duty.title")}
	page.Back, page.Inner = staffURL, true
	if v := s.booth.DutyService(); v != nil {
		page.Take = formURL(v.ID)
	}
	now, on, err := s.booth.OnDuty(ctx)
	if err != nil {
		return err
	}
	if on {
		page.Number, page.Name, page.Role, page.Since = now.Number, now.Name, s.role(now, p.Lang), s.watchTime(now, p.Lang)
	}
	all, err := s.booth.Watches(ctx, watchesShown)
	if err != nil {
		return err
	}
	for _, w := range all {
		if w.Number != page.Number {
			page.Rows = append(page.Rows, watchRow{s.watchTime(w, p.Lang), s.role(w, p.Lang), w.Number})
		}
	}
	return s.write(c, http.StatusOK, p, "duty", page)
}

// endDuty ends the watch that the page showed.
func (s *screen) endDuty(c echo.Context) error {
	if err := s.booth.EndDuty(c.Request().Context(), c.FormValue("number")); err != nil {
		return err
	}
	return web.SeeOther(c, dutyURL)
}

func (s *screen) role(w kiosk.Watch, lang kiosk.Lang) string {
	return s.booth.Catalogue().RoleOf(w).In(lang)
}

// watchTime is when a watch began.
func (s *screen) watchTime(w kiosk.Watch, lang kiosk.Lang) string {
	at := w.At.In(s.booth.Zone())
	return s.words.Say(lang, "date.at", "day", s.longDay(at.Format("2006-01-02"), lang), "time", at.Format("15:04"))
}

// dutyTile leads to the page, and says who is on duty.
func (s *screen) dutyTile(c echo.Context, lang kiosk.Lang) staffTile {
	t := staffTile{Href: dutyURL, Icon: "notebook-pen", Label: s.words.Say(lang, "duty.title"), Note: s.words.Say(lang, "duty.nobody")}
	if w, ok, err := s.booth.OnDuty(c.Request().Context()); err == nil && ok {
		t.Note = s.words.Say(lang, "duty.who", "name", w.Name, "role", s.role(w, lang))
	}
	return t
}
