package touch

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// Whoever cannot use the screen alone lets somebody else fill the form in and then
// says with one large button that it is right, or takes it home on paper.

func helpURL(id string) string { return "/help/" + id }

type helpPage struct {
	frame
	Service subject
	Form    string // address of the form for two
	Twin    string // address that prints it; "" = there is no printer
	Key     kiosk.ID
}

// help serves the choice between the two.
func (s *screen) help(c echo.Context) error {
	v, fn, err := s.findForm(c)
	if err != nil {
		return err
	}
	p := s.prefsOf(c)
	page := helpPage{frame: s.frame(p, "help", "help.title"), Service: viewSubject(v, fn, p.Lang),
		Form: formURL(v.ID) + "?helped", Key: kiosk.RandomID()}
	page.Back, page.Return = serviceURL(v.ID), helpURL(v.ID)
	if s.booth.Status().Printer != kiosk.PrinterOffline {
		page.Twin = serviceURL(v.ID) + "/twin"
	}
	return s.write(c, http.StatusOK, p, "help", page)
}

// printTwin prints the form for a pen.
func (s *screen) printTwin(c echo.Context) error {
	key, err := kiosk.ParseID(c.FormValue("key"))
	if err != nil {
		return err
	}
	slip, err := s.booth.PrintTwin(s.from(c, nil), key, c.Param("id"), s.prefsOf(c).Lang)
	if err != nil {
		return err
	}
	return web.SeeOther(c, slipURL(slip.ID))
}

// confirmPage is the id of the page on which the resident confirms what somebody
// else has filled in.
const confirmPage = "confirm"

type confirmView struct {
	formFrame
	Submit string
	Rows   []answerRow
}

// viewConfirm is the check page in large words, and a yes or a no.
func (s *screen) viewConfirm(p prefs, d *draft, pages []formPage) confirmView {
	check := s.viewCheck(p, d, pages, nil)
	check.Name, check.Title, check.At = confirmPage, s.words.Say(p.Lang, "confirm.title"), confirmPage
	return confirmView{check.formFrame, check.Submit, check.Rows}
}

// printNotice prints what the form asks consent for, and stays with the question.
// Pressed again, it says the same and prints nothing more.
func (s *screen) printNotice(c echo.Context) error {
	d, err := s.readDraft(c)
	if err != nil {
		return err
	}
	p := s.prefsOf(c)
	d.noticed = true
	pages := pagesOf(d.service.Form, d.answers)
	if _, err := s.booth.PrintNotice(s.from(c, d), noticeKey(d.key, p.Lang), d.service.ID, p.Lang); err != nil {
		return s.showPage(c, p, d, d.index(pages), err)
	}
	return s.showPage(c, p, d, d.index(pages), nil)
}
