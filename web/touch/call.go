package touch

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

type phoneView struct {
	Name   string
	Number string // grouped, as people read it out
}

type callPage struct {
	frame
	Service subject
	Key     kiosk.ID
	Asks    string
	Open    bool   // somebody has called
	Since   string // "09:41"
	Phones  []phoneView
}

func callURL(service string) string { return serviceURL(service) + "/call" }

// call serves the one big button, or, while a call is open, how it stands.
func (s *screen) call(c echo.Context) error {
	v, f, err := s.find(c, kiosk.ActionCall)
	if err != nil {
		return err
	}
	p := s.prefsOf(c)
	page := callPage{frame: s.titled(p, "call", v.Name.In(p.Lang)), Service: viewSubject(v, f, p.Lang),
		Key: kiosk.RandomID(), Asks: v.Call.Asks.In(p.Lang), Phones: s.phones(v.Call, p.Lang)}
	page.Back, page.Return = s.backFrom(v, f), callURL(v.ID)
	if open, ok := s.booth.OpenHelp(); ok {
		page.Open, page.Key, page.Since = true, open.ID, open.At.In(s.booth.Zone()).Format("15:04")
		page.Help = true
	}
	return s.write(c, http.StatusOK, p, "call", page)
}

// phones lists whom to ring: whoever is on duty for this booth first.
func (s *screen) phones(call *kiosk.Call, lang kiosk.Lang) []phoneView {
	var all []phoneView
	if n := s.booth.Settings().Phone; n != "" {
		all = append(all, phoneView{s.words.Say(lang, "call.duty_phone"), groupPhone(n)})
	}
	for _, ph := range call.Phones {
		all = append(all, phoneView{ph.Name.In(lang), groupPhone(ph.Number)})
	}
	return all
}

// callHelp takes the tap. A second one joins the call that rings.
func (s *screen) callHelp(c echo.Context) error {
	key, err := kiosk.ParseID(c.FormValue("key"))
	if err != nil {
		return err
	}
	if _, err := s.booth.CallHelp(c.Request().Context(), key, c.Param("id")); err != nil {
		return err
	}
	return web.SeeOther(c, callURL(c.Param("id")))
}

// cancelHelp takes back a call that is no longer needed.
func (s *screen) cancelHelp(c echo.Context) error {
	id, err := kiosk.ParseID(c.FormValue("key"))
	if err != nil {
		return err
	}
	if err := s.booth.CancelHelp(c.Request().Context(), id); err != nil {
		return err
	}
	return web.SeeOther(c, callURL(c.Param("id")))
}

type answerPage struct {
	frame
	Open    bool
	Key     kiosk.ID
	Since   string
	Service string
}

const answerURL = "/staff/help"

// answer serves the staff's page about the call that is open.
func (s *screen) answer(c echo.Context) error {
	page := answerPage{frame: s.staffFrame(c, "staff-help", "answer.title")}
	page.Back, page.Inner = staffURL, true
	if open, ok := s.booth.OpenHelp(); ok {
		page.Open, page.Key, page.Since = true, open.ID, open.At.In(s.booth.Zone()).Format("15:04")
		if v, _, ok := s.booth.Catalogue().Service(open.Service); ok {
			page.Service = v.Name.In(s.prefsOf(c).Lang)
		}
	}
	return s.write(c, http.StatusOK, s.prefsOf(c), "answer", page)
}

// answerHelp notes that staff are there.
func (s *screen) answerHelp(c echo.Context) error {
	id, err := kiosk.ParseID(c.FormValue("key"))
	if err != nil {
		return err
	}
	if err := s.booth.AnswerHelp(c.Request().Context(), id); err != nil {
		return err
	}
	return web.SeeOther(c, answerURL)
}

const dutyPhoneURL = "/staff/phone"

// dutyPhone asks for the number of whoever is on duty for this booth.
func (s *screen) dutyPhone(c echo.Context) error {
	return s.write(c, http.StatusOK, s.prefsOf(c), "digits", s.dutyPhonePage(c))
}

func (s *screen) dutyPhonePage(c echo.Context) digitsPage {
	p := s.prefsOf(c)
	f := s.staffFrame(c, "staff", "staff.phone")
	f.Back, f.Inner = staffURL, true
	hint := s.words.Say(p.Lang, "staff.phone_hint")
	if n := s.booth.Settings().Phone; n != "" {
		hint = s.words.Say(p.Lang, "staff.phone_now", "number", groupPhone(n))
	}
	return digitsPage{frame: f, Action: dutyPhoneURL, Label: f.Title, Hint: hint,
		Entry: "phone", Max: 12, Next: s.words.Say(p.Lang, "staff.phone_go")}
}

func (s *screen) setDutyPhone(c echo.Context) error {
	err := s.booth.SetPhone(c.Request().Context(), c.FormValue("digits"))
	if kiosk.CodeOf(err) == kiosk.CodeInvalid {
		p, page := s.prefsOf(c), s.dutyPhonePage(c)
		page.Error = s.words.Say(p.Lang, kiosk.KeyOf(err))
		return s.write(c, web.StatusOf(kiosk.CodeInvalid), p, "digits", page)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, staffURL)
}
