package touch

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// While nobody is there, home shows what a passer-by can read from the pavement: the
// time, the station, who is on duty, the next event, what the city has to say.

// attractNotices bounds the notices that take turns.
const attractNotices = 3

type attractPage struct {
	Station string
	Clock   clockView
	Date    string
	Duty    string        // who is on duty; "" = nobody
	Event   *attractEvent // nil = none
	Notices []noticeView
}

type attractEvent struct{ Name, When, Where string }

// attract serves what home shows at rest, for the page to lay over itself.
func (s *screen) attract(c echo.Context) error {
	p := s.prefsOf(c)
	page := attractPage{Station: s.booth.Name(), Clock: s.viewClock(),
		Date: s.longDay(s.today().Format(time.DateOnly), p.Lang), Notices: s.notices(p.Lang)}
	page.Notices = page.Notices[:min(len(page.Notices), attractNotices)]
	if w, ok, err := s.booth.OnDuty(c.Request().Context()); err != nil {
		return err
	} else if ok {
		page.Duty = s.words.Say(p.Lang, "duty.who", "name", w.Name, "role", s.role(w, p.Lang))
	}
	next, ok, err := s.booth.NextEvent(c.Request().Context())
	if err != nil {
		return err
	}
	if ok {
		page.Event = s.viewEvent(next, p.Lang)
	}
	return s.write(c, http.StatusOK, p, "attract", page)
}

func (s *screen) viewEvent(slot kiosk.Slot, lang kiosk.Lang) *attractEvent {
	when := s.longDay(slot.Date, lang)
	if slot.Time != "" {
		when = s.words.Say(lang, "date.at", "day", when, "time", slot.Time)
	}
	return &attractEvent{slot.Name.In(lang), when, slot.Where.In(lang)}
}
