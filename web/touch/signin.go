package touch

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

const (
	staffURL  = "/staff"
	signInURL = "/staff/enter"
	pinURL    = "/staff/pin"

	// dutyParam, in the address of the page that asks for the PIN, leads to who is on
	// duty afterwards.
	dutyParam = "duty"
)

// digitsPage asks for digits: the PIN, a new one, the time.
type digitsPage struct {
	frame
	Action string // address of the form
	Label  string
	Hint   string
	Error  string
	Entry  string // how the digits stand in the entry: "pin" or "time"
	Max    int    // digits
	First  string // the new PIN as it was typed first, where it is typed again
	Next   string // what the forward button says
	Typed  string // digits that are in the entry already
}

func (s *screen) staffFrame(c echo.Context, name, titleKey string) frame {
	f := s.frame(s.prefsOf(c), name, titleKey)
	f.Return = c.Request().URL.Path
	f.Idle = max(f.Idle, staffPageIdle.Milliseconds())
	return f
}

// enter asks for the PIN. Where none is set, one is set: the booth is new.
func (s *screen) enter(c echo.Context) error {
	switch {
	case s.signedIn(c):
		return web.SeeOther(c, s.staffHome(c))
	case s.mayPIN(c):
		return web.SeeOther(c, pinURL)
	}
	return s.write(c, http.StatusOK, s.prefsOf(c), "digits", s.enterPage(c))
}

// staffHome is where staff find themselves when they have signed in.
func (s *screen) staffHome(c echo.Context) string {
	switch {
	case s.settingUp():
		return setupURL
	case c.QueryParams().Has(dutyParam):
		return dutyURL
	}
	return staffURL
}

func (s *screen) enterPage(c echo.Context) digitsPage {
	p := s.prefsOf(c)
	f := s.frame(p, "staff", "staff.enter_title")
	f.Return = signInURL
	if c.QueryParams().Has(dutyParam) {
		f.Return += "?" + dutyParam
	}
	return digitsPage{frame: f, Action: f.Return, Label: f.Title, Hint: s.words.Say(p.Lang, "staff.enter_hint"),
		Entry: "pin", Max: kiosk.MaxPIN, Next: s.words.Say(p.Lang, "staff.enter_go")}
}

// signIn checks the PIN and begins a session, always a new one.
func (s *screen) signIn(c echo.Context) error {
	err := s.booth.SignIn(c.Request().Context(), c.FormValue("digits"))
	if err == nil {
		setCookie(c, staffCookie, s.staff.begin(s.booth.Now().Since), 0)
		return web.SeeOther(c, s.staffHome(c))
	}
	switch kiosk.CodeOf(err) {
	case kiosk.CodeDenied, kiosk.CodeUnavailable, kiosk.CodeNotFound:
		p := s.prefsOf(c)
		page := s.enterPage(c)
		page.Error = s.words.Say(p.Lang, kiosk.KeyOf(err), "wait", s.wait(c, p.Lang, err))
		return s.write(c, web.StatusOf(kiosk.CodeOf(err)), p, "digits", page)
	}
	return err
}

// wait puts into words how long to wait, where the error knows it.
func (s *screen) wait(c echo.Context, lang kiosk.Lang, err error) string {
	var w interface{ RetryAfter() time.Duration }
	if !errors.As(err, &w) {
		return ""
	}
	after := w.RetryAfter()
	c.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(after.Seconds()))))
	if after <= time.Minute {
		return s.words.Say(lang, "staff.seconds", "n", int(math.Ceil(after.Seconds())))
	}
	return s.words.Say(lang, "staff.minutes", "n", int(math.Ceil(after.Minutes())))
}

// signOut ends the session, and forgets the paper form that was being typed in.
func (s *screen) signOut(c echo.Context) error {
	s.leaveStaff(c)
	s.visits.end(s.browser(c))
	return web.SeeOther(c, "/")
}

// mayPIN reports whether whoever asks may set a PIN: staff, or, on a booth without
// one, its installer. Where there is a first run that is only while it goes on: on a
// booth that serves, residents would be the first to find the page.
func (s *screen) mayPIN(c echo.Context) bool {
	set := s.booth.Settings()
	return s.signedIn(c) || !set.PIN && !set.FirstRun && (s.opts.Installer == nil || s.settingUp())
}

// pin asks for a new PIN.
func (s *screen) pin(c echo.Context) error {
	if !s.mayPIN(c) {
		return web.SeeOther(c, signInURL)
	}
	return s.write(c, http.StatusOK, s.prefsOf(c), "digits", s.pinPage(c, ""))
}

func (s *screen) pinPage(c echo.Context, first string) digitsPage {
	p := s.prefsOf(c)
	f := s.staffFrame(c, "staff", "staff.pin_title")
	page := digitsPage{frame: f, Action: pinURL, Label: f.Title, Hint: s.words.Say(p.Lang, "staff.pin_hint"),
		Entry: "pin", Max: kiosk.MaxPIN, First: first, Next: s.words.Say(p.Lang, "frame.next")}
	if s.signedIn(c) {
		page.Back, page.Inner = staffURL, true
	}
	if first != "" {
		page.Label, page.Hint, page.Back = s.words.Say(p.Lang, "staff.pin_again"), s.words.Say(p.Lang, "staff.pin_again_hint"), pinURL
		page.Inner = true
		page.Next = s.words.Say(p.Lang, "staff.pin_go")
	}
	return page
}

// setPIN takes the new PIN, asks for it again, and sets it when both are the same.
// Whoever set it is signed in.
func (s *screen) setPIN(c echo.Context) error {
	if !s.mayPIN(c) {
		return web.SeeOther(c, signInURL)
	}
	p := s.prefsOf(c)
	digits, first := c.FormValue("digits"), c.FormValue("first")
	wrong := func(key string) error {
		page := s.pinPage(c, "")
		page.Error = s.words.Say(p.Lang, key)
		return s.write(c, web.StatusOf(kiosk.CodeInvalid), p, "digits", page)
	}
	if first == "" {
		if err := kiosk.CheckPIN(digits); err != nil {
			return wrong(kiosk.KeyOf(err))
		}
		return s.write(c, http.StatusOK, p, "digits", s.pinPage(c, digits))
	}
	if digits != first {
		return wrong("error.pin_differs")
	}
	err := s.booth.SetPIN(c.Request().Context(), digits)
	if kiosk.CodeOf(err) == kiosk.CodeInvalid {
		return wrong(kiosk.KeyOf(err))
	}
	if err != nil {
		return err
	}
	setCookie(c, staffCookie, s.staff.begin(s.booth.Now().Since), 0)
	return web.SeeOther(c, staffURL)
}
