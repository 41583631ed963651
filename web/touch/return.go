package touch

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// "I bring this back": at any booth, with the line up or down. What was scanned or
// typed is in the body of each POST, never in an address.

const returnURL = "/return"

type returnPage struct {
	frame
	Error string
}

// backPage shows what is held in the hand, and the one button.
type backPage struct {
	frame
	Key    kiosk.ID
	Number string // of a receipt
	Tag    kiosk.AssetTag
	Thing  string // what it is called; "" = not known
	Due    string // in words
	Late   bool
	Is     string     // "out", "back" or "" where this booth does not know
	Kinds  []backKind // to choose from where only another booth's receipt is known
	Renew  bool       // it may be kept for longer
	Error  string
}

type backKind struct{ ID, Icon, Name string }

func (s *screen) loanRoutes(e *echo.Echo) {
	e.GET(returnURL, s.askReturn)
	e.GET(returnURL+"/type", s.typeReturn)
	e.POST(returnURL+"/type", s.typedReturn)
	e.POST(returnURL+"/scan", s.scannedReturn)
	e.POST(returnURL, s.bringBack)
	e.POST("/renew", s.renew)
	e.GET("/s/:id/blank", s.blank)
	e.POST("/s/:id/blank", s.printBlank)
}

// moreWays are what else can be done where something is lent or printed.
func (s *screen) moreWays(v *kiosk.Service, f *kiosk.Function, a kiosk.Action, lang kiosk.Lang) []tile {
	say := func(key string) string { return s.words.Say(lang, key) }
	switch a {
	case kiosk.ActionLoan:
		return []tile{{Href: returnURL, Icon: "undo-2", Family: f.Family, Label: say("loan.return"), Summary: say("loan.return_way")}}
	case kiosk.ActionPrint:
		return []tile{{Href: serviceURL(v.ID) + "/blank", Icon: "file-text", Family: f.Family, Label: say("print.blank"), Summary: say("print.blank_way")}}
	}
	return nil
}

func (s *screen) askReturn(c echo.Context) error { return s.showReturn(c, nil) }

func (s *screen) showReturn(c echo.Context, wrong error) error {
	s.catcher.wait(s.booth)
	p := s.prefsOf(c)
	page := returnPage{frame: s.frame(p, "return", "loan.return_title")}
	page.Back, page.Return = "/", returnURL
	status := http.StatusOK
	if wrong != nil {
		status, page.Error = web.StatusOf(kiosk.CodeOf(wrong)), s.words.Say(p.Lang, kiosk.KeyOf(wrong))
	}
	return s.write(c, status, p, "return", page)
}

// scannedReturn takes what was held before the scanner: a thing or a receipt.
func (s *screen) scannedReturn(c echo.Context) error {
	scan, ok := s.catcher.take()
	if !ok {
		return web.SeeOther(c, returnURL)
	}
	if number, ok := receiptNumber(scan.Text); ok {
		return s.showBack(c, backPage{Number: number}, nil)
	}
	tag, err := kiosk.ParseAssetTag(scan.Text)
	if err != nil {
		return s.showReturn(c, kiosk.Errorf(kiosk.CodeInvalid, "error.scan_other", "it is neither a thing nor a receipt"))
	}
	return s.showBack(c, backPage{Tag: tag}, nil)
}

// receiptNumber returns the number on a receipt's QR. The code beside it is not needed
// to bring something back, and is let go at once.
func receiptNumber(text string) (string, bool) {
	rest, ok := strings.CutPrefix(strings.ToUpper(text), "RS1:")
	number, _, dot := strings.Cut(rest, ".")
	return number, ok && dot && len(number) <= 32 && strings.Trim(number, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == ""
}

func (s *screen) typeReturn(c echo.Context) error { return s.showTypeReturn(c, "", nil) }

func (s *screen) showTypeReturn(c echo.Context, typed string, wrong error) error {
	p := s.prefsOf(c)
	f := s.frame(p, "return", "loan.type_title")
	f.Back, f.Return = returnURL, returnURL+"/type"
	page := digitsPage{frame: f, Action: returnURL + "/type", Label: f.Title, Hint: s.words.Say(p.Lang, "loan.type_hint"),
		Entry: "asset", Max: 22, Typed: typed, Next: s.words.Say(p.Lang, "frame.next")}
	status := http.StatusOK
	if wrong != nil {
		status, page.Error = web.StatusOf(kiosk.CodeOf(wrong)), s.words.Say(p.Lang, kiosk.KeyOf(wrong))
	}
	return s.write(c, status, p, "digits", page)
}

func (s *screen) typedReturn(c echo.Context) error {
	typed := c.FormValue("digits")
	tag, err := kiosk.ParseAssetTag(typed)
	if err != nil {
		return s.showTypeReturn(c, typed, err)
	}
	return s.showBack(c, backPage{Tag: tag}, nil)
}

// showBack shows what somebody is about to bring back.
func (s *screen) showBack(c echo.Context, page backPage, wrong error) error {
	p := s.prefsOf(c)
	ctx := c.Request().Context()
	page.frame = s.frame(p, "back", "loan.return_title")
	page.Back, page.Return = returnURL, returnURL
	if page.Key.IsZero() {
		page.Key = kiosk.RandomID()
	}
	var l kiosk.Loan
	var err error
	if page.Number != "" {
		l, err = s.booth.LoanNumbered(ctx, page.Number)
	} else {
		l, err = s.booth.LoanWith(ctx, page.Tag)
	}
	switch {
	case err == nil:
		s.tellLoan(&page, l, p.Lang)
	case kiosk.CodeOf(err) != kiosk.CodeNotFound:
		return err
	default:
		if t, _, ok := s.booth.Catalogue().Thing(page.Tag.Code()); ok {
			page.Thing = t.Name.In(p.Lang)
		}
		if page.Tag == "" {
			page.Kinds = s.backKinds(p.Lang)
		}
	}
	status := http.StatusOK
	if wrong != nil {
		status, page.Error = web.StatusOf(kiosk.CodeOf(wrong)), s.words.Say(p.Lang, kiosk.KeyOf(wrong))
	}
	return s.write(c, status, p, "back", page)
}

// tellLoan adds what this booth knows of the loan.
func (s *screen) tellLoan(page *backPage, l kiosk.Loan, lang kiosk.Lang) {
	page.Is = string(l.State)
	// Whoever has the receipt may keep the thing for longer; whoever has the thing alone
	// may be somebody who found it.
	page.Renew = page.Number != "" && l.State == kiosk.LoanOut
	if page.Tag == "" {
		page.Tag = l.Tag
	}
	page.Thing = l.Thing
	if t, ok := s.booth.Catalogue().ThingNamed(l.Service, l.Thing); ok {
		page.Thing = t.Name.In(lang)
	}
	label, note := s.viewDay(l.Due, lang)
	page.Due = s.words.Say(lang, "date.full", "day", label, "note", note)
	page.Late = l.Late(s.today().Format("2006-01-02"))
}

// backKinds are the kinds of things to choose from.
func (s *screen) backKinds(lang kiosk.Lang) []backKind {
	var all []backKind
	for _, v := range s.booth.Catalogue().Lending() {
		for _, t := range v.Form.Things().Things {
			all = append(all, backKind{t.ID, t.Icon, t.Name.In(lang)})
		}
	}
	return all
}

// bringBack takes it back.
func (s *screen) bringBack(c echo.Context) error {
	key, err := kiosk.ParseID(c.FormValue("key"))
	if err != nil {
		return err
	}
	r := kiosk.Return{Number: strings.ToUpper(c.FormValue("number")), Thing: c.FormValue("thing")}
	if t := c.FormValue("tag"); t != "" {
		if r.Tag, err = kiosk.ParseAssetTag(t); err != nil {
			return err
		}
	}
	if _, ok := receiptNumber("RS1:" + r.Number + "."); r.Number != "" && !ok {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.invalid", "a receipt's number of %d characters", len(r.Number))
	}
	slip, err := s.booth.BringBack(c.Request().Context(), key, r, s.prefsOf(c).Lang)
	if err != nil {
		return err
	}
	return web.SeeOther(c, slipURL(slip.ID))
}

// renew lets whoever holds the receipt keep the thing for longer.
func (s *screen) renew(c echo.Context) error {
	key, err := kiosk.ParseID(c.FormValue("key"))
	if err != nil {
		return err
	}
	number := c.FormValue("number")
	slip, err := s.booth.Renew(c.Request().Context(), key, number, s.prefsOf(c).Lang)
	switch kiosk.CodeOf(err) {
	case "":
		return web.SeeOther(c, slipURL(slip.ID))
	case kiosk.CodeConflict, kiosk.CodeUnavailable:
		return s.showBack(c, backPage{Number: number, Key: key}, err)
	}
	return err
}

// blank serves the page with the button for an empty list.
func (s *screen) blank(c echo.Context) error {
	v, f, err := s.find(c, kiosk.ActionPrint)
	if err != nil {
		return err
	}
	p := s.prefsOf(c)
	page := ticketPage{frame: s.titled(p, "blank", v.Name.In(p.Lang)), Service: viewSubject(v, f, p.Lang), Key: kiosk.RandomID(), Outcome: v.Outcome.In(p.Lang)}
	page.Back, page.Return = serviceURL(v.ID), serviceURL(v.ID)+"/blank"
	return s.write(c, http.StatusOK, p, "blank", page)
}

// printBlank prints an empty list to fill in by hand.
func (s *screen) printBlank(c echo.Context) error {
	key, err := kiosk.ParseID(c.FormValue("key"))
	if err != nil {
		return err
	}
	slip, err := s.booth.PrintBlank(c.Request().Context(), key, c.Param("id"), s.prefsOf(c).Lang)
	if err != nil {
		return err
	}
	return web.SeeOther(c, slipURL(slip.ID))
}

// moreOnSlip adds to a slip's page what its action has to tell.
func (s *screen) moreOnSlip(c echo.Context, p prefs, slip kiosk.Slip, page *slipPage) error {
	ctx := c.Request().Context()
	say := func(key string, args ...any) string { return s.words.Say(p.Lang, key, args...) }
	switch slip.Action {
	case kiosk.ActionTicket:
		page.Told, page.Queue = say("slip.number_ticket"), true
		at, err := s.booth.Standing(ctx, slip.ID)
		if err != nil {
			return err
		}
		page.Ahead = s.ahead(at, p.Lang)
	case kiosk.ActionLoan:
		page.Told = say("slip.number_loan")
		l, err := s.booth.LoanOf(ctx, slip.ID)
		if err != nil {
			return err
		}
		label, note := s.viewDay(l.Due, p.Lang)
		page.More = append(page.More, say("loan.due", "day", say("date.full", "day", label, "note", note)))
		if l.Tag == "" {
			page.More = append(page.More, say("loan.ask_staff"))
		}
		if l.Doubt != kiosk.DoubtNone {
			page.More = append(page.More, say("loan.doubt"))
		}
	case kiosk.ActionReturn:
		page.Told, page.Outcome = say("slip.number_return"), say("loan.back_thanks")
	case kiosk.ActionRenewal:
		page.Told, page.Outcome = say("slip.number_renewal"), ""
		l, err := s.booth.LoanNumbered(ctx, slip.Number)
		if err != nil {
			return err
		}
		label, note := s.viewDay(l.Due, p.Lang)
		page.More = append(page.More, say("loan.due", "day", say("date.full", "day", label, "note", note)))
	case kiosk.ActionPrint:
		page.Unkept, page.More = true, append(page.More, say("print.unkept"))
	case kiosk.ActionTags:
		page.Unkept = true
	}
	return nil
}

// ahead says how long a ticket still has to wait.
func (s *screen) ahead(at kiosk.Standing, lang kiosk.Lang) string {
	switch {
	case at.State == kiosk.TicketSkipped:
		return s.words.Say(lang, "ticket.skipped")
	case at.State == kiosk.TicketCalled:
		return s.words.Say(lang, "ticket.called")
	case at.Ahead == 0:
		return s.words.Say(lang, "ticket.next")
	}
	return s.words.Say(lang, "ticket.ahead", "n", at.Ahead)
}
