package touch

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// beginForm serves the first question, with a fresh submission key.
func (s *screen) beginForm(c echo.Context) error {
	v, fn, err := s.findForm(c)
	if err != nil {
		return err
	}
	d := &draft{service: v, fn: fn, key: kiosk.RandomID(), answers: kiosk.Answers{}}
	return s.showPage(c, s.prefsOf(c), d, 0, nil)
}

// stepForm serves the page that follows what was pressed. Nothing is stored.
func (s *screen) stepForm(c echo.Context) error {
	d, err := s.readDraft(c)
	if err != nil {
		return err
	}
	p := s.prefsOf(c)
	pages := pagesOf(d.service.Form, d.answers)
	at := place(pages, d.at)
	pressed, to, _ := strings.Cut(c.Request().PostForm.Get("go"), ":")
	switch pressed {
	case "lang", "type", "contrast":
		return s.showPage(c, s.toggle(c, pressed+":"+to), d, at, nil)
	case "scan":
		s.catchAsset(d, pages, at)
	case "to":
		d.checked = true
		return s.showPage(c, p, d, place(pages, to), nil)
	case "back":
		if at == 0 {
			return web.SeeOther(c, serviceURL(d.service.ID))
		}
		return s.showPage(c, p, d, at-1, nil)
	}
	return s.goOn(c, p, d, pages, at)
}

// goOn checks the page that was sent and moves forward, or stays with what is wrong.
func (s *screen) goOn(c echo.Context, p prefs, d *draft, pages []formPage, at int) error {
	today := s.today()
	if at == len(pages) {
		return s.showPage(c, p, d, at, nil)
	}
	err := s.check(pages[at], d.answers, today)
	if f := pages[at].field; err == nil && f.Kind == kiosk.FieldConsent && d.answers[f.ID].Value == "no" && !d.service.Form.Anonymous {
		err = &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.consent_needed", Field: f.ID}
	}
	if err != nil {
		return s.showPage(c, p, d, at, err)
	}
	s.mend(pages[at], d.answers, today)
	return s.showPage(c, p, d, s.next(d, at, today), nil)
}

// submitForm files the request and shows its slip. What does not pass leads back
// to the question that is wrong, with everything kept.
func (s *screen) submitForm(c echo.Context) error {
	d, err := s.readDraft(c)
	if err != nil {
		return err
	}
	p := s.prefsOf(c)
	slip, err := s.booth.File(c.Request().Context(), d.key, d.service.ID, d.answers, p.Lang)
	if err == nil {
		return web.SeeOther(c, slipURL(slip.ID))
	}
	var wrong *kiosk.Error
	if !errors.As(err, &wrong) || wrong.Code != kiosk.CodeInvalid && wrong.Code != kiosk.CodeConflict || wrong.Field == "" {
		return s.notFiled(c, p, d, err)
	}
	d.checked = true
	pages := pagesOf(d.service.Form, d.answers)
	today := s.today()
	for i, page := range pages {
		if page.field.ID == wrong.Field && s.check(page, d.answers, today) != nil {
			return s.showPage(c, p, d, i, err)
		}
	}
	return s.showPage(c, p, d, place(pages, wrong.Field), err)
}

// notFiled shows the answers once more, with what stands in the way. Nothing that
// was entered is lost, and the same button tries again under the same key.
func (s *screen) notFiled(c echo.Context, p prefs, d *draft, err error) error {
	code := kiosk.CodeOf(err)
	if code != kiosk.CodeUnavailable && code != kiosk.CodeInternal {
		return err
	}
	s.opts.Log.ErrorContext(c.Request().Context(), "request not filed", "service", d.service.ID, "code", code, "err", err)
	pages := pagesOf(d.service.Form, d.answers)
	return s.showPage(c, p, d, len(pages), err)
}

// today is now in the city's zone.
func (s *screen) today() time.Time { return s.booth.Now().Wall.In(s.booth.Zone()) }

// showPage serves question i of the draft, or the check page after the last. With
// wrong it says what is wrong, and the status says so too.
func (s *screen) showPage(c echo.Context, p prefs, d *draft, i int, wrong error) error {
	status := http.StatusOK
	if wrong != nil {
		status = web.StatusOf(kiosk.CodeOf(wrong))
	}
	pages := pagesOf(d.service.Form, d.answers)
	if i >= len(pages) {
		return s.write(c, status, p, "check", s.viewCheck(p, d, pages, wrong))
	}
	return s.write(c, status, p, "question", s.viewQuestion(p, d, pages, i, wrong))
}
