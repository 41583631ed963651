package touch

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

const clockURL = "/staff/clock"

// typedTime is how staff type a time: year, month, day, hour, minute.
const typedTime = "200601021504"

// shownTime is how it is shown to them.
const shownTime = "2006-01-02 15:04"

// clockPage says what the clock reads, and takes another time where a person's word
// can better it.
type clockPage struct {
	digitsPage
	Reading string
	Trust   string
	Why     string
	Kept    bool // nothing to set
}

func (s *screen) clock(c echo.Context) error {
	return s.write(c, http.StatusOK, s.prefsOf(c), "clock", s.clockPage(c))
}

func (s *screen) clockPage(c echo.Context) clockPage {
	p, now := s.prefsOf(c), s.booth.Now()
	page := clockPage{digitsPage: digitsPage{frame: s.staffFrame(c, "staff-clock", "staff.clock"), Action: clockURL,
		Label: s.words.Say(p.Lang, "staff.clock_label"), Hint: s.words.Say(p.Lang, "staff.clock_hint"), Entry: "time", Max: len(typedTime),
		Next: s.words.Say(p.Lang, "frame.next")},
		Reading: now.Wall.In(s.booth.Zone()).Format(shownTime),
		Trust:   s.words.Say(p.Lang, "clock."+now.State.String()), Why: s.words.Say(p.Lang, "clock."+now.State.String()+"_why"),
		Kept: now.State >= kiosk.ClockNTP}
	page.Back, page.Return, page.Inner = staffURL, clockURL, true
	return page
}

// clockCheckPage shows the old time beside the new one.
type clockCheckPage struct {
	frame
	Old, New string
	Digits   string
}

// checkClock shows what would change, to be confirmed when the new minute begins.
func (s *screen) checkClock(c echo.Context) error {
	p := s.prefsOf(c)
	digits := strings.Map(onlyDigits, c.FormValue("digits"))
	wall, err := s.parseTime(digits)
	if err == nil {
		err = s.booth.CheckClock(wall)
	}
	if err != nil {
		return s.clockRefused(c, err)
	}
	page := clockCheckPage{frame: s.staffFrame(c, "staff-clock", "staff.clock_check"), Digits: digits,
		Old: s.booth.Now().Wall.In(s.booth.Zone()).Format(shownTime), New: wall.Format(shownTime)}
	page.Back, page.Return, page.Inner = clockURL, clockURL, true
	return s.write(c, http.StatusOK, p, "clockcheck", page)
}

// setClock sets the clock to the full minute that was typed.
func (s *screen) setClock(c echo.Context) error {
	wall, err := s.parseTime(c.FormValue("digits"))
	if err == nil {
		err = s.booth.SetClock(c.Request().Context(), wall)
	}
	if err != nil {
		return s.clockRefused(c, err)
	}
	return web.SeeOther(c, clockURL)
}

// clockRefused asks again, with what is wrong.
func (s *screen) clockRefused(c echo.Context, err error) error {
	code := kiosk.CodeOf(err)
	if code != kiosk.CodeInvalid && code != kiosk.CodeUnavailable {
		return err
	}
	p, page := s.prefsOf(c), s.clockPage(c)
	page.Error = s.words.Say(p.Lang, kiosk.KeyOf(err))
	return s.write(c, web.StatusOf(code), p, "clock", page)
}

// parseTime reads a time in the city's zone.
func (s *screen) parseTime(digits string) (time.Time, error) {
	t, err := time.ParseInLocation(typedTime, digits, s.booth.Zone())
	if err != nil {
		return t, kiosk.Errorf(kiosk.CodeInvalid, "error.time", "time: want %d digits: %w", len(typedTime), err)
	}
	return t, nil
}

func onlyDigits(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}
