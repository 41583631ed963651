package city

import (
	"net/http"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// minPassword is the least a password must have, in characters. The accounts may
// ask for more.
const minPassword = 10

type passwordPage struct {
	frame
	Min      int
	OldError string
	NewError string
	TwoError string
	Error    string
}

// password serves the form to change one's password.
func (s *console) password(c echo.Context) error {
	return s.write(c, http.StatusOK, "password", s.passwordPage(c))
}

func (s *console) passwordPage(c echo.Context) passwordPage {
	return passwordPage{frame: s.frame(c, "password", "city.password.title"), Min: minPassword}
}

// changePassword sets a new password, which ends every session of the account, and
// begins a new one here.
func (s *console) changePassword(c echo.Context) error {
	form, err := postForm(c)
	if err != nil {
		return err
	}
	a, _ := visitor(c)
	p := s.passwordPage(c)
	old, fresh := form.Get("old"), form.Get("new")
	if !p.check(s.voice(c), old, fresh, form.Get("again")) {
		return s.write(c, http.StatusUnprocessableEntity, "password", p)
	}
	ctx := c.Request().Context()
	if err := s.Accounts.ChangePassword(ctx, a.Name, old, fresh); err != nil {
		return s.refusedPassword(c, p, err)
	}
	token, _, err := s.Accounts.SignIn(ctx, a.Name, fresh, c.RealIP())
	if err != nil {
		s.log.WarnContext(ctx, "not signed in after a change of password", "err", err)
		s.setCookie(c, sessionCookie, "", -1)
		return web.SeeOther(c, "/login")
	}
	s.setCookie(c, sessionCookie, token, 0)
	return web.SeeOther(c, "/")
}

// check says beside each field what is wrong with it.
func (p *passwordPage) check(v voice, old, fresh, again string) bool {
	switch {
	case old == "" || len(old) > maxPassword:
		p.OldError = v.say("city.password.old_wrong")
	case utf8.RuneCountInString(fresh) < minPassword:
		p.NewError = v.say("city.password.short", "n", minPassword)
	case len(fresh) > maxPassword:
		p.NewError = v.say("city.password.long")
	case fresh == old:
		p.NewError = v.say("city.password.same")
	case again != fresh:
		p.TwoError = v.say("city.password.differ")
	default:
		return true
	}
	return false
}

func (s *console) refusedPassword(c echo.Context, p passwordPage, err error) error {
	v := s.voice(c)
	switch kiosk.CodeOf(err) {
	case kiosk.CodeDenied:
		p.OldError = v.say("city.password.old_wrong")
		return s.write(c, http.StatusForbidden, "password", p)
	case kiosk.CodeInvalid:
		p.NewError = v.either(v.say("city.password.refused"), "city."+kiosk.KeyOf(err))
		return s.write(c, http.StatusUnprocessableEntity, "password", p)
	case kiosk.CodeUnavailable:
		p.Error = v.tooMany(c, err)
		return s.write(c, http.StatusTooManyRequests, "password", p)
	}
	return err
}
