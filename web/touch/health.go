package touch

import (
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// health is what a watchdog asks for: that the program runs, and how long ago the
// page did. It says nothing about who stands before it.
type health struct {
	OK bool `json:"ok"`
	// Screen is how many seconds ago a page last said that it lives, to the
	// millisecond; -1 = never since the program started.
	Screen float64 `json:"screen_seconds"`
}

// noteAlive takes the page's heartbeat. One with "touched" says that a finger was on
// the screen since the last.
func (s *screen) noteAlive(c echo.Context) error {
	if c.QueryParams().Has("touched") {
		s.booth.NotePresence()
		s.visits.see(s.browser(c), s.booth.Status().DoorCount)
		s.read.of(s.browser(c)) // somebody who touches goes on with the same visit
	}
	now := time.Now()
	s.alive.Store(&now)
	return c.NoContent(http.StatusNoContent)
}

// healthz says that the program runs, and how long ago the screen did. The age is
// counted on the clock that only goes forward: when a booth that was offline for
// days gets its time set, the page is not hours old.
func (s *screen) healthz(c echo.Context) error {
	h := health{OK: true, Screen: -1}
	if at := s.alive.Load(); at != nil {
		h.Screen = float64(time.Since(*at).Milliseconds()) / 1000
	}
	return c.JSON(http.StatusOK, h)
}

// readyz says that the booth's book can be read, so that a browser may be started.
func (s *screen) readyz(c echo.Context) error {
	_, err := s.booth.Slip(c.Request().Context(), kiosk.ID{})
	if err != nil && kiosk.CodeOf(err) != kiosk.CodeNotFound {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		OK bool `json:"ok"`
	}{true})
}

// DevicesPath is where a running booth tells redstation doctor, on the same
// machine, how its devices are: nobody else can open them then.
const DevicesPath = "/healthz/devices"

// healthDevices tells this machine alone.
func (s *screen) healthDevices(c echo.Context) error {
	if ip := net.ParseIP(c.RealIP()); ip == nil || !ip.IsLoopback() {
		return kiosk.Errorf(kiosk.CodeDenied, "error.denied", "devices are told to this machine only")
	}
	return c.JSON(http.StatusOK, s.opts.Inspector.Devices(c.Request().Context()))
}

type failPage struct {
	frame
	Status  int
	Message string
	Ref     string
}

// fail writes the page for an error: what happened, what to do, and for staff a
// word that also stands in the log.
func (s *screen) fail(c echo.Context, f web.Failure) error {
	p := s.prefsOf(c)
	page := failPage{frame: s.frame(p, "fail", "fail.title"), Status: f.Status, Ref: f.Ref}
	page.Message = s.words.Say(p.Lang, f.Key)
	if page.Message == f.Key { // a sentence that this screen does not have
		page.Message = s.words.Say(p.Lang, "error."+string(f.Code))
	}
	return s.write(c, f.Status, p, "fail", page)
}
