package touch

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// subject is the service that a page is about.
type subject struct {
	ID       string
	Function string // the tile's short name
	Icon     string
	Family   kiosk.Family
	Name     string
	Summary  string
	Hours    string
}

type servicePage struct {
	frame
	Service   subject
	Ways      []tile // more than one thing can be done here
	Start     string // on the button, where the form is all that can be done
	Form      string // where the button leads
	Questions int    // of the form
	Consent   bool   // who does not consent to anything personal may go on
	Help      string // address of who cannot fill the form in alone; "" = there is no form
}

type infoPage struct {
	frame
	Service  subject
	Key      kiosk.ID
	Sections []sectionView
	Source   string
	Updated  string
	Prints   bool
	Notices  []noticeView // of the city, above the rest
}

type sectionView struct {
	Heading string
	Lines   []string
}

type ticketPage struct {
	frame
	Service subject
	Key     kiosk.ID
	Where   string
	Outcome string
}

func serviceURL(id string) string { return "/s/" + id }

func formURL(id string) string { return "/s/" + id + "/form" }

// find returns the service of the path and its function, if a resident can do
// anything with it now (or the wanted action, if one is named).
func (s *screen) find(c echo.Context, want ...kiosk.Action) (*kiosk.Service, *kiosk.Function, error) {
	v, f, ok := s.pack(c).Service(c.Param("id"))
	if !ok {
		return nil, nil, kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "no such service")
	}
	can := s.offered(v)
	if len(can) == 0 && (!v.Follow || len(want) > 0) || len(want) > 0 && !slices.Contains(can, want[0]) {
		return nil, nil, kiosk.Errorf(kiosk.CodeUnavailable, "error.closed", "service %s is not open", v.ID)
	}
	if len(want) > 0 && want[0] == kiosk.ActionCheckIn && !s.signedIn(c) {
		return nil, nil, kiosk.Errorf(kiosk.CodeDenied, "error.duty_staff", "service %s is for staff", v.ID)
	}
	if len(want) > 0 && want[0] != kiosk.ActionInfo && c.Request().Method == http.MethodGet { // what was posted may have been promised
		if err := s.booth.Room(); err != nil {
			return nil, nil, err
		}
	}
	return v, f, nil
}

// findForm returns the service of the path, if a resident can fill in its form now.
func (s *screen) findForm(c echo.Context) (*kiosk.Service, *kiosk.Function, error) {
	want := kiosk.ActionRequest
	if v, _, ok := s.pack(c).Service(c.Param("id")); ok {
		if a, ok := v.Filing(); ok {
			want = a
		}
	}
	return s.find(c, want)
}

func viewSubject(v *kiosk.Service, f *kiosk.Function, lang kiosk.Lang) subject {
	return subject{ID: v.ID, Function: f.Tile.In(lang), Icon: v.Icon, Family: f.Family,
		Name: v.Name.In(lang), Summary: v.Summary.In(lang), Hours: v.Hours.In(lang)}
}

// service serves a service's page: the one thing that can be done with it, or the choice.
func (s *screen) service(c echo.Context) error {
	v, f, err := s.find(c)
	if err != nil {
		return err
	}
	can := s.offered(v)
	if v.Follow {
		return web.SeeOther(c, receiptURL)
	}
	if len(can) == 1 && can[0] == kiosk.ActionInfo {
		return s.info(c)
	}
	if len(can) == 1 && can[0] == kiosk.ActionTicket {
		return s.ticket(c)
	}
	if len(can) == 1 && can[0] == kiosk.ActionCall {
		return s.call(c)
	}
	p := s.prefsOf(c)
	page := servicePage{frame: s.titled(p, "service", v.Name.In(p.Lang)), Service: viewSubject(v, f, p.Lang)}
	page.Back, page.Return = functionURL(f.Number), serviceURL(v.ID)
	if _, ok := v.Filing(); ok {
		page.Help = helpURL(v.ID)
	}
	if len(can) > 1 || can[0] == kiosk.ActionSurvey || can[0] == kiosk.ActionLoan || can[0] == kiosk.ActionPrint {
		page.Ways = s.ways(v, f, can, p.Lang)
		return s.write(c, http.StatusOK, p, "service", page)
	}
	page.Questions, page.Form = len(pagesOf(v.Form, nil)), formURL(v.ID)
	if a, ok := v.Filing(); ok {
		page.Start = s.words.Say(p.Lang, string(a)+".start")
	}
	if v.Duty != nil && !s.signedIn(c) { // only staff may
		page.Start, page.Form, page.Help = s.words.Say(p.Lang, "duty.sign_in"), signInURL+"?"+dutyParam, ""
	}
	page.Consent = v.Form.Anonymous && slices.ContainsFunc(v.Form.Fields, func(f kiosk.Field) bool { return f.Kind == kiosk.FieldConsent })
	return s.write(c, http.StatusOK, p, "service", page)
}

func (s *screen) ways(v *kiosk.Service, f *kiosk.Function, can []kiosk.Action, lang kiosk.Lang) []tile {
	look := map[kiosk.Action]tile{
		kiosk.ActionTicket:   {Href: "/ticket", Icon: "ticket", Label: "ticket.take", Summary: "ticket.way"},
		kiosk.ActionRequest:  {Href: "/form", Icon: "clipboard-check", Label: "request.start", Summary: "request.way"},
		kiosk.ActionCall:     {Href: "/call", Icon: "siren", Label: "call.title", Summary: "call.way"},
		kiosk.ActionBook:     {Href: "/form", Icon: "calendar-check", Label: "book.start", Summary: "book.way"},
		kiosk.ActionRegister: {Href: "/form", Icon: "list-plus", Label: "register.start", Summary: "register.way"},
		kiosk.ActionInfo:     {Href: "/info", Icon: "book-open-text", Label: "info.read", Summary: "info.way"},
		kiosk.ActionSurvey:   {Href: "/form", Icon: "vote", Label: "survey.start", Summary: "survey.way"},
		kiosk.ActionLoan:     {Href: "/form", Icon: "package-open", Label: "loan.start", Summary: "loan.way"},
		kiosk.ActionCheckIn:  {Href: "/form", Icon: "notebook-pen", Label: "checkin.start", Summary: "checkin.way"},
		kiosk.ActionPrint:    {Href: "/form", Icon: "printer", Label: "print.start", Summary: "print.way"},
	}
	var ways []tile
	for _, a := range can {
		w := look[a]
		ways = append(ways, tile{Href: serviceURL(v.ID) + w.Href, Icon: w.Icon, Family: f.Family,
			Label: s.words.Say(lang, w.Label), Summary: s.words.Say(lang, w.Summary)})
		ways = append(ways, s.moreWays(v, f, a, lang)...)
		if a == kiosk.ActionSurvey {
			ways = append(ways, tile{Href: serviceURL(v.ID) + "/results", Icon: "users-round", Family: f.Family,
				Label: s.words.Say(lang, "survey.results"), Summary: s.words.Say(lang, "survey.results_way")})
		}
	}
	return ways
}

// backFrom returns where the back button of a service's page leads: to the choice
// where there is one, else to the function.
func (s *screen) backFrom(v *kiosk.Service, f *kiosk.Function) string {
	if can := s.offered(v); len(can) > 1 || len(can) == 1 && can[0] == kiosk.ActionSurvey {
		return serviceURL(v.ID)
	}
	return functionURL(f.Number)
}

// info serves the page to read.
func (s *screen) info(c echo.Context) error {
	v, f, err := s.find(c, kiosk.ActionInfo)
	if err != nil {
		return err
	}
	p := s.prefsOf(c)
	page := infoPage{frame: s.titled(p, "info", v.Name.In(p.Lang)), Service: viewSubject(v, f, p.Lang),
		Key: kiosk.RandomID(), Source: v.Info.Source.In(p.Lang), Updated: v.Info.Updated,
		Prints: s.booth.Status().Printer != kiosk.PrinterOffline}
	page.Back, page.Return = s.backFrom(v, f), serviceURL(v.ID)+"/info"
	if v.Info.Notices {
		page.Notices = s.notices(p.Lang)
	}
	for _, sec := range v.Info.Sections {
		view := sectionView{Heading: sec.Heading.In(p.Lang)}
		for _, l := range sec.Lines {
			view.Lines = append(view.Lines, l.In(p.Lang))
		}
		page.Sections = append(page.Sections, view)
	}
	return s.write(c, http.StatusOK, p, "info", page)
}

// ticket serves the page with the one big button. The key that it carries makes a
// second tap, or a second POST after a power cut, find the same ticket.
func (s *screen) ticket(c echo.Context) error {
	v, f, err := s.find(c, kiosk.ActionTicket)
	if err != nil {
		return err
	}
	p := s.prefsOf(c)
	page := ticketPage{frame: s.titled(p, "ticket", v.Name.In(p.Lang)), Service: viewSubject(v, f, p.Lang),
		Key: kiosk.RandomID(), Where: v.Ticket.Where.In(p.Lang), Outcome: v.Outcome.In(p.Lang)}
	page.Back, page.Return = s.backFrom(v, f), serviceURL(v.ID)+"/ticket"
	return s.write(c, http.StatusOK, p, "ticket", page)
}

func (s *screen) takeTicket(c echo.Context) error {
	key, err := kiosk.ParseID(c.FormValue("key"))
	if err != nil {
		return err
	}
	slip, err := s.booth.TakeTicket(s.from(c, nil), key, c.Param("id"), s.prefsOf(c).Lang)
	if err != nil {
		return err
	}
	return web.SeeOther(c, slipURL(slip.ID))
}

func (s *screen) takeLeaflet(c echo.Context) error {
	key, err := kiosk.ParseID(c.FormValue("key"))
	if err != nil {
		return err
	}
	slip, err := s.booth.TakeLeaflet(c.Request().Context(), key, c.Param("id"), s.prefsOf(c).Lang)
	if err != nil {
		return err
	}
	return web.SeeOther(c, slipURL(slip.ID))
}
