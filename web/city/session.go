package city

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// sessionCookie holds the secret of a session and nothing else; it ends with the browser.
const sessionCookie = "city_session"

const visitorKey = "visitor"

// visitor returns who is signed in.
func visitor(c echo.Context) (kiosk.Account, bool) {
	a, ok := c.Get(visitorKey).(kiosk.Account)
	return a, ok
}

// guard lets those in who have a session, and sends the others to the login page
// and back. Who came with a one-time password gets no further than changing it.
func (s *console) guard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		k, err := c.Cookie(sessionCookie)
		if err != nil || k.Value == "" {
			return toLogin(c)
		}
		a, err := s.Accounts.Session(c.Request().Context(), k.Value)
		switch {
		case kiosk.CodeOf(err) == kiosk.CodeDenied || kiosk.CodeOf(err) == kiosk.CodeNotFound:
			s.setCookie(c, sessionCookie, "", -1)
			return toLogin(c)
		case err != nil:
			return err
		}
		c.Set(visitorKey, a)
		if a.MustChange && c.Path() != "/password" {
			return web.SeeOther(c, "/password")
		}
		return next(c)
	}
}

func toLogin(c echo.Context) error {
	back := localPath(returnTo(c))
	if back == "/" {
		return web.SeeOther(c, "/login")
	}
	return web.SeeOther(c, "/login?next="+url.QueryEscape(back))
}

type loginPage struct {
	frame
	Name  string
	Next  string
	Error string
}

// login serves the form to sign in.
func (s *console) login(c echo.Context) error {
	p := loginPage{frame: s.frame(c, "", "city.login.title"), Next: localPath(c.QueryParam("next"))}
	return s.write(c, http.StatusOK, "login", p)
}

// maxName and maxPassword bound what is handed to the accounts, in bytes.
const (
	maxName     = 100
	maxPassword = 400
)

// signIn begins a session, always a new one: a secret that was known before signing
// in is worth nothing after it.
func (s *console) signIn(c echo.Context) error {
	form, err := postForm(c)
	if err != nil {
		return err
	}
	v := s.voice(c)
	p := loginPage{frame: s.frame(c, "", "city.login.title"),
		Name: clip(strings.TrimSpace(form.Get("name")), maxName), Next: localPath(form.Get("next"))}
	password := form.Get("password")
	if p.Name == "" || password == "" || len(password) > maxPassword {
		p.Error = v.say("city.login.wrong")
		return s.write(c, http.StatusUnprocessableEntity, "login", p)
	}
	token, _, err := s.Accounts.SignIn(c.Request().Context(), p.Name, password, c.RealIP())
	switch kiosk.CodeOf(err) {
	case "":
	case kiosk.CodeDenied, kiosk.CodeNotFound, kiosk.CodeInvalid:
		p.Error = v.say("city.login.wrong")
		return s.write(c, http.StatusForbidden, "login", p)
	case kiosk.CodeUnavailable:
		p.Error = v.tooMany(c, err)
		return s.write(c, http.StatusTooManyRequests, "login", p)
	default:
		return err
	}
	if old, err := c.Cookie(sessionCookie); err == nil && old.Value != "" {
		if err := s.Accounts.SignOut(c.Request().Context(), old.Value); err != nil {
			s.log.WarnContext(c.Request().Context(), "earlier session not ended", "err", err)
		}
	}
	s.setCookie(c, sessionCookie, token, 0)
	return web.SeeOther(c, p.Next)
}

// signOut ends the session.
func (s *console) signOut(c echo.Context) error {
	if k, err := c.Cookie(sessionCookie); err == nil && k.Value != "" {
		if err := s.Accounts.SignOut(c.Request().Context(), k.Value); err != nil && kiosk.CodeOf(err) != kiosk.CodeDenied {
			return err
		}
	}
	s.setCookie(c, sessionCookie, "", -1)
	return web.SeeOther(c, "/login")
}

// tooMany says that there were too many attempts, and how long to wait where the
// error knows it.
func (v voice) tooMany(c echo.Context, err error) string {
	var w interface{ RetryAfter() time.Duration }
	if !errors.As(err, &w) || w.RetryAfter() <= 0 {
		return v.say("city.login.later")
	}
	seconds := int(math.Ceil(w.RetryAfter().Seconds()))
	c.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
	return v.say("city.login.locked", "wait", v.span(time.Duration(seconds)*time.Second))
}

// clip cuts s to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
