package touch

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// A visit begins with the first page beyond home and ends with home, with the end
// button of the last page, with the screen's countdown, and a while after it where no
// page is left to count. Until then it remembers, in memory only, the forms that were
// begun: a page that is loaded anew goes on where it was, and so does a browser that
// died and was started again with nothing in its profile. It is found by the name that
// the browser was given, a cookie which holds nothing else; the booth's own browser,
// which comes back without it, is known by its address, this machine.
//
// What is posted needs no visit: a form carries all of itself. So a visit that was
// forgotten costs nobody an answer, and the second of two equal forms finds what the
// first filed.

// browserCookie holds the name of the browser, a random one.
const browserCookie = "browser"

// browser returns the name of the browser that asks, and gives it one where it has none.
func (s *screen) browser(c echo.Context) string {
	if name, ok := c.Get(browserCookie).(string); ok {
		return name
	}
	k, err := c.Cookie(browserCookie)
	if err == nil && k.Value != "" && len(k.Value) <= 64 {
		return k.Value
	}
	name := rand.Text()
	c.Set(browserCookie, name)
	setCookie(c, browserCookie, name, 0)
	return name
}

// pack returns the catalogue of the visit, which may be older than the one offered
// now. The visit begins here where it had not.
func (s *screen) pack(c echo.Context) *kiosk.Catalogue {
	return s.visits.enter(s.browser(c), visit{pack: s.booth.Catalogue(), prefs: s.prefsOf(c), doors: s.booth.Status().DoorCount})
}

// from returns the context of a call of the domain for the visit.
func (s *screen) from(c echo.Context, d *draft) context.Context {
	o := kiosk.Origin{Pack: s.pack(c)}
	if d != nil {
		o = kiosk.Origin{Pack: d.pack, Helped: d.helped, Paper: d.twin}
	}
	return kiosk.From(c.Request().Context(), o)
}

// local reports whether the request comes from this machine, as the booth's own
// browser does.
func local(c echo.Context) bool {
	ip := net.ParseIP(c.RealIP())
	return ip != nil && ip.IsLoopback()
}

// resume returns the draft that a browser which was just started goes on with, nil
// for none. What a page's script asks for comes from no such browser.
func (s *screen) resume(c echo.Context) *draft {
	if !local(c) || c.Request().Header.Get("Sec-Fetch-Dest") == "empty" {
		return nil
	}
	d, p := s.visits.adopt(s.browser(c), s.booth.Status().DoorCount)
	if d != nil {
		setPrefs(c, p)
	}
	return d
}

type leavePage struct {
	frame
	Service string
	Stay    string // address of the draft
}

// leave asks whoever has typed something whether it is to be wiped.
func (s *screen) leave(c echo.Context, p prefs, d *draft) error {
	page := leavePage{frame: s.frame(p, "leave", "leave.title"), Service: d.service.Name.In(p.Lang), Stay: formURL(d.service.ID)}
	page.Inner = true
	return s.write(c, http.StatusOK, p, "leave", page)
}

// leaveVisit forgets what was typed and goes home. Language and type size stay as
// long as somebody touches the screen.
func (s *screen) leaveVisit(c echo.Context) error {
	s.visits.end(s.browser(c))
	return web.SeeOther(c, "/")
}
