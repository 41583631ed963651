package touch

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// prefs are how a resident wants the screen for this visit. They live in cookies
// that hold nothing else and end with the visit.
type prefs struct {
	Lang  kiosk.Lang
	Large bool
	Own   bool // not as a fresh screen is
}

const (
	langCookie  = "lang"
	typeCookie  = "type"
	largeInType = "large"
)

// spoken are the languages that every page has.
func spoken() []kiosk.Lang { return []kiosk.Lang{kiosk.Chinese, kiosk.English} }

// prefsOf reads the cookies; anything unknown is the default, which staff may have set.
func (s *screen) prefsOf(c echo.Context) prefs {
	usual := s.booth.Settings().Language
	if !slices.Contains(spoken(), usual) {
		usual = kiosk.Chinese
	}
	p := prefs{Lang: usual}
	if k, err := c.Cookie(langCookie); err == nil && slices.Contains(spoken(), kiosk.Lang(k.Value)) {
		p.Lang = kiosk.Lang(k.Value)
	}
	if k, err := c.Cookie(typeCookie); err == nil && k.Value == largeInType {
		p.Large = true
	}
	p.Own = p.Large || p.Lang != usual
	return p
}

// toggle changes what the footer's buttons change and returns the new preferences.
func (s *screen) toggle(c echo.Context, what string) prefs {
	p := s.prefsOf(c)
	switch what {
	case "lang":
		if p.Lang == kiosk.Chinese {
			p.Lang = kiosk.English
		} else {
			p.Lang = kiosk.Chinese
		}
		setCookie(c, langCookie, string(p.Lang), 0)
	case "type":
		p.Large = !p.Large
		value := "normal"
		if p.Large {
			value = largeInType
		}
		setCookie(c, typeCookie, value, 0)
	}
	return p
}

func setCookie(c echo.Context, name, value string, maxAge int) {
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: c.IsTLS(), SameSite: http.SameSiteStrictMode})
}

// returnable are the pages that a change of preferences may lead back to: only
// our own, so that no one can be sent elsewhere.
var returnable = regexp.MustCompile(`^/(f/[0-9]{1,2}|s/[0-9.]{1,9}(/(info|ticket))?|slip/[0-9a-f]{32}|receipt(/[a-z]{1,10})?|(staff|setup)(/[a-z]{1,10}(/[0-9a-f]{32})?)?)?$`)

// setPrefs serves the footer's 大字 and language buttons on pages without a draft.
func (s *screen) setPrefs(c echo.Context) error {
	s.toggle(c, c.FormValue("go"))
	back := c.FormValue("return")
	if !returnable.MatchString(back) {
		back = "/"
	}
	return web.SeeOther(c, back)
}

// endVisit forgets the preferences and goes home: the next resident finds the
// screen as it always is, and staff are signed out.
func (s *screen) endVisit(c echo.Context) error {
	s.leaveStaff(c)
	s.leaveDesk(c)
	setCookie(c, langCookie, "", -1)
	setCookie(c, typeCookie, "", -1)
	return web.SeeOther(c, "/")
}
