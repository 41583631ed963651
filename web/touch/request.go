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

// beginForm serves the first question, with a fresh submission key, or the question
// where the visit left the form.
func (s *screen) beginForm(c echo.Context) error {
	v, fn, err := s.findForm(c)
	if err != nil {
		return err
	}
	helped := c.QueryParams().Has("helped")
	if d := s.visits.draft(s.browser(c), v.ID); d != nil {
		d.helped = d.helped || helped
		return s.showPage(c, s.prefsOf(c), d, d.index(pagesOf(d.service.Form, d.answers)), nil)
	}
	d := &draft{pack: s.pack(c), service: v, fn: fn, key: kiosk.RandomID(), helped: helped, answers: kiosk.Answers{}}
	return s.showPage(c, s.prefsOf(c), d, 0, nil)
}

// stepForm serves the page that follows what was pressed. Nothing is stored. A form
// that the visit has filed already leads to its slip.
func (s *screen) stepForm(c echo.Context) error {
	d, err := s.readDraft(c)
	if err != nil {
		return err
	}
	if s.visits.filed(s.browser(c), d.key) {
		return web.SeeOther(c, slipURL(d.key))
	}
	p := s.prefsOf(c)
	pages := pagesOf(d.service.Form, d.answers)
	at := d.index(pages)
	pressed, to, _ := strings.Cut(c.Request().PostForm.Get("go"), ":")
	switch pressed {
	case "lang", "type", "contrast":
		return s.showPage(c, s.toggle(c, pressed+":"+to), d, at, nil)
	case "scan":
		s.catchAsset(d, pages, at)
	case "to":
		d.checked = true
		return s.showPage(c, p, d, place(pages, to), nil)
	case "keep":
		s.visits.keep(s.browser(c), d)
		return c.NoContent(http.StatusNoContent)
	case "home":
		s.visits.keep(s.browser(c), d)
		if len(d.answers) > 0 {
			return s.leave(c, p, d)
		}
		return s.leaveVisit(c)
	case "back":
		if at == 0 {
			s.visits.keep(s.browser(c), d)
			return web.SeeOther(c, serviceURL(d.service.ID))
		}
		return s.showPage(c, p, d, at-1, nil)
	}
	return s.goOn(c, p, d, pages, at)
}

// goOn checks the page that was sent and moves forward, or stays with what is wrong.
func (s *screen) goOn(c echo.Context, p prefs, d *draft, pages []formPage, at int) error {
	today := s.today()
	if at >= len(pages) {
		return s.showPage(c, p, d, at, nil)
	}
	err := d.check(pages[at], today)
	if err == nil {
		err = s.checkSeat(c, d, pages[at])
	}
	if f := pages[at].field; err == nil && f.Kind == kiosk.FieldConsent && d.answers[f.ID].Value == "no" && !d.service.Form.Anonymous {
		err = &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.consent_needed", Field: f.ID}
	}
	if err != nil {
		return s.showPage(c, p, d, at, err)
	}
	d.mend(pages[at], today)
	return s.showPage(c, p, d, d.next(at, today), nil)
}

// submitForm files the request and shows its slip. What does not pass leads back
// to the question that is wrong, with everything kept. What somebody else has filled
// in waits for the resident's own word.
func (s *screen) submitForm(c echo.Context) error {
	d, err := s.readDraft(c)
	if err != nil {
		return err
	}
	if s.visits.filed(s.browser(c), d.key) {
		return web.SeeOther(c, slipURL(d.key))
	}
	p := s.prefsOf(c)
	if d.helped && c.Request().PostForm.Get("confirmed") != "1" {
		if _, err = d.service.Form.Accept(d.answers, d.pack, s.today()); err == nil {
			return s.showPage(c, p, d, len(pagesOf(d.service.Form, d.answers))+1, nil)
		}
		return s.notYet(c, p, d, err)
	}
	slip, err := s.booth.File(s.from(c, d), d.key, d.service.ID, d.answers, p.Lang)
	if err == nil {
		s.visits.file(s.browser(c), d)
		return web.SeeOther(c, slipURL(slip.ID))
	}
	return s.notYet(c, p, d, err)
}

// notYet leads to the question that is wrong, or says what else stands in the way.
func (s *screen) notYet(c echo.Context, p prefs, d *draft, err error) error {
	var wrong *kiosk.Error
	if !errors.As(err, &wrong) || wrong.Code != kiosk.CodeInvalid && wrong.Code != kiosk.CodeConflict || wrong.Field == "" {
		return s.notFiled(c, p, d, err)
	}
	d.checked = true
	pages := pagesOf(d.service.Form, d.answers)
	if wrong.Code == kiosk.CodeConflict { // the place has gone: the next best one is there
		at, seatErr := s.seatPage(c, d, pages, wrong.Field)
		if seatErr != nil {
			return seatErr
		}
		return s.showPage(c, p, d, at, err)
	}
	today := s.today()
	for i, page := range pages {
		if page.field.ID == wrong.Field && d.check(page, today) != nil {
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
	switch {
	case i > len(pages):
		d.at = confirmPage
	case i == len(pages):
		d.at = checkPage
	default:
		d.at = pages[i].id
	}
	s.visits.keep(s.browser(c), d)
	if i > len(pages) {
		return s.write(c, status, p, "confirm", s.viewConfirm(p, d, pages))
	}
	if i == len(pages) {
		return s.write(c, status, p, "check", s.viewCheck(p, d, pages, wrong))
	}
	page := s.viewQuestion(p, d, pages, i, wrong)
	if err := s.fillSeats(c, &page, d, pages[i], wrong, p.Lang); err != nil {
		return err
	}
	return s.write(c, status, p, "question", page)
}
