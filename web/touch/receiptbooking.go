package touch

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web"
)

// What can be done with the paper of a booking or a registration, at the booth that
// gave it: another time, give it back, be there. The booth that owns the slots decides
// at once, with the line up or down.
//
//	/receipt/change   a day, a time or another event; the last POST moves the booking
//	/receipt/cancel   asks once more, and gives the place back
//	/receipt/arrive   notes that whoever holds the paper is there

const (
	changeURL = receiptURL + "/change"
	cancelURL = receiptURL + "/cancel"
	arriveURL = receiptURL + "/arrive"
)

type bookingDoPage struct {
	frame
	Action string // address
	Do     string // what the button says
	About  string // what follows
	Booked *bookedView
	Error  string
}

type bookingMovePage struct {
	frame
	Action string
	Day    string // chosen already
	Seats  *seatsView
	Booked *bookedView
	Error  string
}

func (s *screen) bookingRoutes(e *echo.Echo) {
	e.GET(changeURL, s.changeBooking)
	e.POST(changeURL, s.moveBooking)
	e.GET(cancelURL, func(c echo.Context) error { return s.askBooking(c, cancelURL, nil) })
	e.POST(cancelURL, s.cancelBooking)
	e.GET(arriveURL, func(c echo.Context) error { return s.askBooking(c, arriveURL, nil) })
	e.POST(arriveURL, s.arriveBooking)
}

// seatFacts is what is known of a booking, as its paper says.
func (s *screen) seatFacts(p prefs, r openedReceipt) []factView {
	seat := r.Filing.Seat
	if seat == nil {
		return nil
	}
	say := func(key string) string { return s.words.Say(p.Lang, key) }
	facts := []factView{{"calendar-check", say("receipt.state"), say("seat.state_" + string(seat.State))}}
	v, _, ok := s.booth.Catalogue().Service(r.Service)
	if seat.Slot == "" || !ok {
		return facts
	}
	slot := s.booth.SlotOf(v, kiosk.Booking{Slot: seat.Slot, Date: seat.Date, Time: seat.Time})
	for _, f := range []factView{{"star", say("receipt.event"), slot.Name.In(p.Lang)}, {"clock", say("receipt.when"), s.saySlot(&slot, p.Lang)},
		{"map-pin", say("receipt.where"), slot.Where.In(p.Lang)}} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

// seatWays is what can be done with a booking: only at the booth that owns the slots.
func (s *screen) seatWays(p prefs, r openedReceipt) []tile {
	seat := r.Filing.Seat
	if seat == nil || seat.State == kiosk.SeatCancelled || !s.own(r.Number) {
		return nil
	}
	k := kiosk.Booking{Number: r.Number, State: seat.State, Slot: seat.Slot, Date: seat.Date, Time: seat.Time}
	way := func(href, icon, word string) tile {
		return tile{Href: href, Icon: icon, Family: kiosk.Civic, Label: s.words.Say(p.Lang, "receipt.way_"+word)}
	}
	var ways []tile
	if s.booth.Attends(k) == nil {
		ways = append(ways, way(arriveURL, "badge-check", "arrive"))
	}
	if v, _, ok := s.booth.Catalogue().Service(r.Service); ok && s.booth.Changes(v, k) == nil {
		ways = append(ways, way(changeURL, "calendar-clock", "change"))
	}
	return append(ways, way(cancelURL, "calendar-days", "cancel"))
}

// own reports whether this booth gave the number.
func (s *screen) own(number string) bool {
	booth, _, _ := strings.Cut(number, "-")
	return strings.EqualFold(booth, s.booth.ID())
}

// openBooking returns the booking of the opened receipt with its service; ok is false
// where there is none.
func (s *screen) openBooking(c echo.Context) (k kiosk.Booking, v *kiosk.Service, ok bool) {
	r, ok := s.opened(c)
	if !ok || r.Filing.Seat == nil || !s.own(r.Number) {
		return k, nil, false
	}
	k, err := s.booth.Booking(c.Request().Context(), r.Number)
	if err != nil {
		return k, nil, false
	}
	v, _, ok = s.booth.Catalogue().Service(k.Service)
	return k, v, ok
}

// askBooking asks once more before something is done with a booking.
func (s *screen) askBooking(c echo.Context, do string, wrong error) error {
	k, v, ok := s.openBooking(c)
	if !ok {
		return web.SeeOther(c, receiptURL)
	}
	p := s.prefsOf(c)
	word := strings.TrimPrefix(do, receiptURL+"/")
	page := bookingDoPage{frame: s.frame(p, "bookingdo", "receipt.ask_"+word), Action: do, Booked: s.viewBooked(v, k, p.Lang),
		Do: s.words.Say(p.Lang, "receipt.do_"+word), About: s.words.Say(p.Lang, "receipt.about_"+word)}
	page.Back, page.Return = receiptURL, receiptURL
	status := http.StatusOK
	if wrong != nil {
		status, page.Error = web.StatusOf(kiosk.CodeOf(wrong)), s.words.Say(p.Lang, kiosk.KeyOf(wrong))
	}
	return s.write(c, status, p, "bookingdo", page)
}

// cancelBooking gives the place back.
func (s *screen) cancelBooking(c echo.Context) error {
	k, _, ok := s.openBooking(c)
	if !ok {
		return web.SeeOther(c, receiptURL)
	}
	_, err := s.booth.CancelBooking(c.Request().Context(), k.Number)
	if kiosk.CodeOf(err) == kiosk.CodeConflict {
		return s.askBooking(c, cancelURL, err)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, receiptURL)
}

// arriveBooking notes that whoever holds the paper is there.
func (s *screen) arriveBooking(c echo.Context) error {
	k, _, ok := s.openBooking(c)
	if !ok {
		return web.SeeOther(c, receiptURL)
	}
	_, err := s.booth.Arrive(c.Request().Context(), k.Number, "paper")
	if kiosk.CodeOf(err) == kiosk.CodeConflict {
		return s.askBooking(c, arriveURL, err)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, receiptURL)
}

// changeBooking asks for another slot.
func (s *screen) changeBooking(c echo.Context) error { return s.showMove(c, "", nil) }

// moveBooking takes a day, then a time, or an event, and moves the booking there.
func (s *screen) moveBooking(c echo.Context) error {
	k, v, ok := s.openBooking(c)
	if !ok || s.booth.Changes(v, k) != nil {
		return web.SeeOther(c, receiptURL)
	}
	f := v.Form.Seat()
	a := kiosk.Answer{Value: c.FormValue("day"), Detail: c.FormValue("time")}
	if f.Kind == kiosk.FieldEvent {
		a = kiosk.Answer{Value: c.FormValue("event")}
	}
	switch {
	case a.Value == "":
		return s.showMove(c, "", &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error." + string(f.Kind)})
	case f.Kind == kiosk.FieldSlot && !c.Request().PostForm.Has("time") && c.FormValue("at") != "time":
		return s.showMove(c, a.Value, nil)
	case f.Kind == kiosk.FieldSlot && a.Detail == "":
		return s.showMove(c, a.Value, &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.slot_time"})
	}
	_, err := s.booth.ChangeBooking(c.Request().Context(), k.Number, a)
	switch kiosk.CodeOf(err) {
	case "":
		return web.SeeOther(c, receiptURL)
	case kiosk.CodeConflict:
		return s.showMove(c, "", err)
	}
	return err
}

// showMove serves the days of another slot, or the times of that day, or events. Only
// what has a free place can be chosen: nobody gives a place up for the waiting list.
func (s *screen) showMove(c echo.Context, day string, wrong error) error {
	k, v, ok := s.openBooking(c)
	if !ok || s.booth.Changes(v, k) != nil {
		return web.SeeOther(c, receiptURL)
	}
	p := s.prefsOf(c)
	open, err := s.booth.Openings(c.Request().Context(), v)
	if err != nil {
		return err
	}
	for i := range open {
		open[i].Slot.Waiting = 0
		if open[i].ID == k.Slot {
			open[i].Capacity, open[i].Booked = 1, 1 // that one they have already
		}
	}
	page := bookingMovePage{frame: s.frame(p, "bookingmove", "receipt.ask_change"), Action: changeURL, Day: day, Booked: s.viewBooked(v, k, p.Lang)}
	page.Back, page.Return = receiptURL, receiptURL
	switch {
	case v.Form.Seat().Kind == kiosk.FieldEvent:
		page.Seats = s.viewEvents(open, kiosk.Answer{}, false, p.Lang)
		page.Seats.Name = "event"
	case day == "":
		page.Seats = s.viewDays(open, kiosk.Answer{}, false, p.Lang)
		page.Seats.Name = "day"
	default:
		label, _ := s.viewDay(day, p.Lang)
		page.Title, page.Back = s.words.Say(p.Lang, "seat.time_of", "day", label), changeURL
		page.Seats = s.viewTimes(onDay(open, day), kiosk.Answer{}, false, p.Lang)
		page.Seats.Name = "time"
	}
	page.Seats.Family = kiosk.Civic
	status := http.StatusOK
	if wrong != nil {
		status, page.Error = web.StatusOf(kiosk.CodeOf(wrong)), s.words.Say(p.Lang, kiosk.KeyOf(wrong))
	}
	return s.write(c, status, p, "bookingmove", page)
}
