package city

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// frame is what every page shows around its subject.
type frame struct {
	Title  string
	Page   string // which entry of the navigation is current: "station", "cases", "log", "audit", "password"
	Who    string // who is signed in; "" = nobody
	Bound  bool   // the one-time password must be changed first: no navigation
	Return string // address to come back to after a change of language
	Zone   string // in words: "北京时间（UTC+08:00）"
	Now    stamp
}

// frame fills the frame of a page.
func (s *console) frame(c echo.Context, page, titleKey string) frame {
	v := s.voice(c)
	f := frame{Title: v.say(titleKey), Page: page, Return: returnTo(c), Zone: v.zoneName(s.now()), Now: v.stamp(s.now())}
	if a, ok := visitor(c); ok {
		f.Who, f.Bound = a.Name, a.MustChange
	}
	return f
}

// entry is a line of the navigation.
type entry struct {
	URL, Icon, Key string
	Current        bool
}

// newEntry makes the entry for a page, which is current where the shown page says so.
func newEntry(url, page, shown string) entry {
	icons := map[string]string{"station": "building-2", "log": "scroll-text", "cases": "inbox", "consent": "shield-check", "loan": "package-open", "audit": "clipboard-check"}
	return entry{url, icons[page], "city.nav." + page, page == shown}
}

// write sends a page in the visitor's language.
func (s *console) write(c echo.Context, status int, page string, view any) error {
	return s.pages.Write(c, status, langOf(c), page, view)
}

type faultPage struct {
	frame
	Status int
	Says   string
	Ref    string
}

// fail serves the page for an error.
func (s *console) fail(c echo.Context, f web.Failure) error {
	v := s.voice(c)
	says := "error." + string(f.Code)
	if v.has(f.Key) {
		says = f.Key
	}
	page := faultPage{frame: s.frame(c, "", "city.fault.title"), Status: f.Status, Says: v.say(says), Ref: f.Ref}
	return s.write(c, f.Status, "fault", page)
}

// langCookie is not the residents' cookie: the demo has both screens on one host.
const langCookie = "city_lang"

// langOf is Chinese until someone chose English.
func langOf(c echo.Context) kiosk.Lang {
	if k, err := c.Cookie(langCookie); err == nil && kiosk.Lang(k.Value) == kiosk.English {
		return kiosk.English
	}
	return kiosk.Chinese
}

// setLang changes the language and goes back to the page.
func (s *console) setLang(c echo.Context) error {
	form, err := postForm(c)
	if err != nil {
		return err
	}
	lang := kiosk.Chinese
	if form.Get("to") == string(kiosk.English) {
		lang = kiosk.English
	}
	s.setCookie(c, langCookie, string(lang), 365*24*60*60)
	return web.SeeOther(c, localPath(form.Get("return")))
}

func (s *console) setCookie(c echo.Context, name, value string, maxAge int) {
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: c.IsTLS(), SameSite: http.SameSiteStrictMode})
}

// postForm returns the fields of the body, and only of the body: what stands in an
// address is in histories and logs.
func postForm(c echo.Context) (url.Values, error) {
	if err := c.Request().ParseForm(); err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.invalid", "read form: %w", err)
	}
	return c.Request().PostForm, nil
}

// returnTo is the address of the page that is shown, or of the page to which the
// answer of a POST belongs.
func returnTo(c echo.Context) string {
	path := c.Request().URL.RequestURI()
	if c.Request().Method != http.MethodGet {
		path = strings.TrimSuffix(c.Request().URL.Path, "/open")
	}
	return path
}

// maxPath bounds an address to come back to, in bytes.
const maxPath = 600

// localPath returns path if it leads to a page of this console, else "/": nobody
// can be sent elsewhere, however it is spelt.
func localPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || len(path) > maxPath || u.IsAbs() || u.Host != "" || u.User != nil ||
		!strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, unsafeInPath) {
		return "/"
	}
	return path
}

// unsafeInPath finds what browsers read differently from us: backslashes count as
// slashes, control characters are dropped.
func unsafeInPath(r rune) bool { return r == '\\' || r < 0x20 || r == 0x7f }
