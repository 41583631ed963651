package touch

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// prefs are how a resident wants the screen for this visit. They live in cookies
// that hold nothing else and end with the visit.
type prefs struct {
	Lang     kiosk.Lang
	Large    bool
	Contrast bool // white and yellow on black
	Own      bool // not as a fresh screen is
}

// Class returns the classes of the page's root: "large contrast".
func (p prefs) Class() string {
	var classes []string
	if p.Large {
		classes = append(classes, "large")
	}
	if p.Contrast {
		classes = append(classes, "contrast")
	}
	return strings.Join(classes, " ")
}

const (
	langCookie     = "lang"
	typeCookie     = "type"
	contrastCookie = "contrast"
	largeInType    = "large"
	highInContrast = "high"
	usualInBoth    = "normal"
)

// spoken are the languages that residents may choose: every page has them, and so
// has every text of the content pack, where it says in which it is whole.
func (s *screen) spoken() []kiosk.Lang {
	whole := s.booth.Catalogue().Languages
	if len(whole) == 0 {
		return kiosk.Langs()
	}
	return slices.DeleteFunc(kiosk.Langs(), func(l kiosk.Lang) bool { return !slices.Contains(whole, l) })
}

// prefsOf reads the cookies; anything unknown is the default, which staff may have set.
func (s *screen) prefsOf(c echo.Context) prefs {
	usual, spoken := s.booth.Settings().Language, s.spoken()
	if !slices.Contains(spoken, usual) {
		usual = kiosk.Chinese
	}
	p := prefs{Lang: usual}
	if l := kiosk.Lang(cookie(c, langCookie)); slices.Contains(spoken, l) {
		p.Lang = l
	}
	p.Large = cookie(c, typeCookie) == largeInType
	p.Contrast = cookie(c, contrastCookie) == highInContrast
	p.Own = p.Large || p.Contrast || p.Lang != usual
	return p
}

// setPrefs sets the cookies of a browser that has lost them.
func setPrefs(c echo.Context, p prefs) {
	setCookie(c, langCookie, string(p.Lang), 0)
	if p.Large {
		setCookie(c, typeCookie, largeInType, 0)
	}
	if p.Contrast {
		setCookie(c, contrastCookie, highInContrast, 0)
	}
}

// cookie returns a cookie's value, "" where there is none.
func cookie(c echo.Context, name string) string {
	k, err := c.Cookie(name)
	if err != nil {
		return ""
	}
	return k.Value
}

// toggle changes what the button names and returns the new preferences: "type" and
// "contrast" change over, "lang:ko" chooses a language, "lang" the next one.
func (s *screen) toggle(c echo.Context, button string) prefs {
	p := s.prefsOf(c)
	what, which, _ := strings.Cut(button, ":")
	switch what {
	case "lang":
		spoken := s.spoken()
		if l := kiosk.Lang(which); slices.Contains(spoken, l) {
			p.Lang = l
		} else {
			p.Lang = spoken[(slices.Index(spoken, p.Lang)+1)%len(spoken)]
		}
		setCookie(c, langCookie, string(p.Lang), 0)
	case "type":
		p.Large = !p.Large
		setCookie(c, typeCookie, either(p.Large, largeInType), 0)
	case "contrast":
		p.Contrast = !p.Contrast
		setCookie(c, contrastCookie, either(p.Contrast, highInContrast), 0)
	}
	s.visits.prefer(s.browser(c), p)
	return p
}

func either(on bool, value string) string {
	if on {
		return value
	}
	return usualInBoth
}

func setCookie(c echo.Context, name, value string, maxAge int) {
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: c.IsTLS(), SameSite: http.SameSiteStrictMode})
}

// returnable are the pages that a change of preferences may lead back to: only
// our own, so that no one can be sent elsewhere.
var returnable = regexp.MustCompile(`^/(f/[0-9]{1,2}|s/[0-9.]{1,9}(/(info|ticket|call|results))?|slip/[0-9a-f]{32}|help/[0-9.]{1,9}|receipt(/[a-z]{1,10})?|(staff|setup)(/[a-z]{1,10}(/[0-9a-f]{32})?)?)?$`)

// changePrefs serves the buttons for size, contrast and language on pages without a draft.
func (s *screen) changePrefs(c echo.Context) error {
	s.toggle(c, c.FormValue("go"))
	back := c.FormValue("return")
	if !returnable.MatchString(back) {
		back = "/"
	}
	return web.SeeOther(c, back)
}

// endVisit forgets the visit and its preferences and goes home: the next resident finds the
// screen as it always is, and staff are signed out.
func (s *screen) endVisit(c echo.Context) error {
	s.leaveStaff(c)
	s.visits.end(s.browser(c))
	s.read.end(s.browser(c))
	s.leaveDesk(c)
	for _, name := range []string{langCookie, typeCookie, contrastCookie} {
		setCookie(c, name, "", -1)
	}
	return web.SeeOther(c, "/")
}
