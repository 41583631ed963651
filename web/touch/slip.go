package touch

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

type slipPage struct {
	frame
	ID       kiosk.ID
	Action   kiosk.Action
	Service  string
	Number   string
	Wide     bool // the number needs more room than the usual six characters
	Where    string
	Outcome  string
	Print    string // what to say about the paper: one of prints
	Prints   []string
	Reprints int
	CanAgain bool   // a reprint may be asked for
	Error    string // why the last wish was not met
	Booked   *bookedView
	Told     string   // what stands before the number
	Unkept   bool     // what is on the paper is kept nowhere
	Queue    bool     // of a ticket
	Ahead    string   // how many wait before it, in words
	More     []string // what else to know
}

// told returns the key of what stands before the number of a slip.
func told(a kiosk.Action, booked *bookedView) string {
	switch {
	case booked != nil && booked.State == kiosk.SeatWaiting:
		return "slip.number_waiting"
	case a == kiosk.ActionTicket || a == kiosk.ActionTwin || a == kiosk.ActionBook || a == kiosk.ActionRights:
		return "slip.number_" + string(a)
	}
	return "slip.number_request"
}

func slipURL(id kiosk.ID) string { return "/slip/" + id.String() }

// prints are all that can be said about a paper; the page holds a sentence for
// each and shows one.
func prints() []string {
	return []string{"printing", "done", "no_paper", "cover_open", "trouble", "later", "failed", "none"}
}

// maxReprints is how often the domain lets a slip be printed again.
const maxReprints = 3

// printOf joins the job's state and how the printer is into what a resident should
// know.
func printOf(job kiosk.SlipState, st kiosk.Status) string {
	switch job {
	case kiosk.SlipDone:
		return "done"
	case kiosk.SlipNone:
		return "none"
	case kiosk.SlipFailed, kiosk.SlipUnknown:
		return "failed"
	}
	switch st.Printer {
	case kiosk.PrinterNoPaper:
		return "no_paper"
	case kiosk.PrinterCover:
		return "cover_open"
	case kiosk.PrinterError, kiosk.PrinterOffline:
		return "trouble"
	}
	if st.Stalled { // it says nothing, and nothing comes
		return "later"
	}
	return "printing"
}

// slip serves the confirmation: the number first, the paper after it.
func (s *screen) slip(c echo.Context) error { return s.showSlip(c, nil) }

func (s *screen) showSlip(c echo.Context, wrong error) error {
	id, err := kiosk.ParseID(c.Param("id"))
	if err != nil {
		return kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "slip id: %w", err)
	}
	slip, err := s.booth.Slip(c.Request().Context(), id)
	if err != nil {
		return err
	}
	p := s.prefsOf(c)
	st := s.booth.Status()
	page := slipPage{
		frame: s.frame(p, "slip", "slip.title_"+string(slip.Action)),
		ID:    slip.ID, Action: slip.Action, Number: slip.Number, Wide: len(slip.Number) > 6,
		Print: printOf(slip.State, st), Prints: prints(), Reprints: slip.Reprints,
		CanAgain: slip.State != kiosk.SlipNone && st.Printer != kiosk.PrinterOffline && slip.Reprints < maxReprints,
	}
	page.Return = slipURL(id)
	v, _, ok := s.pack(c).Service(slip.Service)
	if page.Booked, err = s.bookedOn(c, slip, v, p.Lang); err != nil {
		return err
	}
	page.Told = s.words.Say(p.Lang, told(slip.Action, page.Booked))
	if ok {
		page.Service, page.Outcome = v.Name.In(p.Lang), v.Outcome.In(p.Lang)
		if slip.Action == kiosk.ActionTicket && v.Ticket != nil {
			page.Where = v.Ticket.Where.In(p.Lang)
		}
	}
	if err := s.moreOnSlip(c, p, slip, &page); err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		status, page.Error = web.StatusOf(kiosk.CodeOf(wrong)), s.words.Say(p.Lang, kiosk.KeyOf(wrong))
	}
	return s.write(c, status, p, "slip", page)
}

// slipPicture serves the picture of the very paper.
func (s *screen) slipPicture(c echo.Context) error {
	id, err := kiosk.ParseID(c.Param("id"))
	if err != nil {
		return kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "slip id: %w", err)
	}
	png, err := s.booth.SlipPicture(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "image/png", png)
}

// reprint asks for the paper once more.
func (s *screen) reprint(c echo.Context) error {
	id, err := kiosk.ParseID(c.Param("id"))
	if err != nil {
		return kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "slip id: %w", err)
	}
	if _, err := s.booth.Reprint(c.Request().Context(), id); err != nil {
		switch kiosk.CodeOf(err) {
		case kiosk.CodeConflict, kiosk.CodeUnavailable:
			return s.showSlip(c, err)
		}
		return err
	}
	return web.SeeOther(c, slipURL(id))
}
