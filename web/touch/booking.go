package touch

import (
	"errors"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
)

// The questions for a place: a day and then a time of this booth, or an event. What
// is taken is read when the page is shown, and once more when the answer is sent; the
// book decides when the form is filed.

// seatsView is a list of slots to choose from.
type seatsView struct {
	Name   string // of the input
	Family kiosk.Family
	Seats  []seatView
	About  bool // the clock is not to be trusted: look at the dates
	None   bool // nothing can be chosen
}

// seatView is one day, time or event.
type seatView struct {
	Value, Icon, Label, Note string
	Free                     string // how many places: "还有 2 个"
	Best                     bool   // the next one with a free place
	Off                      bool   // nothing can be had there
	Chosen                   bool
}

// seats reports whether the page is where a place is chosen for good: the time of a
// slot, or the event.
func (p formPage) seats() bool {
	return p.field.Kind == kiosk.FieldEvent || p.field.Kind == kiosk.FieldSlot && p.detail
}

// checkSeat says whether the place that the page asks for is free now.
func (s *screen) checkSeat(c echo.Context, d *draft, p formPage) error {
	if !p.seats() {
		return nil
	}
	return s.booth.CheckSeat(c.Request().Context(), d.service, d.answers[p.field.ID])
}

// seatPage returns the page that leads on from a place that has gone: the times of the
// same day where one of them is free, else the days, or the events.
func (s *screen) seatPage(c echo.Context, d *draft, pages []formPage, field string) (int, error) {
	first := place(pages, field)
	if first == len(pages) || pages[first].field.Kind != kiosk.FieldSlot {
		return first, nil
	}
	open, err := s.booth.Openings(c.Request().Context(), d.service)
	if err != nil {
		return 0, err
	}
	if _, ok := kiosk.NextFree(onDay(open, d.answers[field].Value)); ok {
		return first + 1, nil
	}
	return first, nil
}

// onDay returns the openings of one day.
func onDay(open []kiosk.Opening, day string) []kiosk.Opening {
	var out []kiosk.Opening
	for _, o := range open {
		if o.Date == day {
			out = append(out, o)
		}
	}
	return out
}

// fillSeats makes a question page that asks for a place.
func (s *screen) fillSeats(c echo.Context, page *questionPage, d *draft, p formPage, wrong error, lang kiosk.Lang) error {
	if !p.field.Seated() {
		return nil
	}
	open, err := s.booth.Openings(c.Request().Context(), d.service)
	if err != nil {
		return err
	}
	a, v := d.answers[p.field.ID], &page.Field
	v.Kind = string(p.field.Kind)
	switch {
	case p.field.Kind == kiosk.FieldEvent:
		v.Seats = s.viewEvents(open, a, wrong != nil, lang)
	case p.detail:
		day, _ := s.viewDay(a.Value, lang)
		v.Kind, v.Label, v.Hint = "slot_time", s.words.Say(lang, "seat.time_of", "day", day), ""
		v.Seats = s.viewTimes(onDay(open, a.Value), a, wrong != nil, lang)
		page.Title = v.Label
	default:
		v.Seats = s.viewDays(open, a, wrong != nil, lang)
	}
	v.Seats.Name, v.Seats.Family = v.Name, page.Service.Family
	if wrong != nil {
		v.Error = s.words.Say(lang, seatWrong(wrong, v.Kind))
	}
	return nil
}

// seatWrong names the sentence for what is wrong with the answer to a question for a
// place: nothing chosen is told in the words of the question.
func seatWrong(wrong error, kind string) string {
	switch key := kiosk.KeyOf(wrong); key {
	case "error.required", "error.slot":
		return "error." + kind
	default:
		return key
	}
}

// newSeats begins a list: what is wrong with the clock is said with every one.
func (s *screen) newSeats() *seatsView { return &seatsView{About: !s.booth.Now().State.Trusted()} }

// viewDays puts the openings into days. Where the day that was chosen has nothing any
// more, the next best one is chosen instead.
func (s *screen) viewDays(open []kiosk.Opening, a kiosk.Answer, wrong bool, lang kiosk.Lang) *seatsView {
	v := s.newSeats()
	best, _ := kiosk.NextFree(open)
	chosen := a.Value
	if _, ok := kiosk.NextFree(onDay(open, chosen)); !ok && wrong {
		chosen = best.Date
	}
	for i := range open {
		if i > 0 && open[i].Date == open[i-1].Date {
			continue
		}
		of := onDay(open[i:], open[i].Date)
		free, wait := 0, 0
		for j := range of {
			free += of[j].Free()
			wait += of[j].CanWait()
		}
		label, weekday := s.viewDay(open[i].Date, lang)
		v.Seats = append(v.Seats, seatView{Value: open[i].Date, Label: label, Note: weekday, Free: s.sayFree(free, wait, 0, lang),
			Best: open[i].Date == best.Date, Off: free == 0 && wait == 0, Chosen: open[i].Date == chosen})
	}
	return v.settle()
}

// viewTimes puts the openings of one day into times.
func (s *screen) viewTimes(open []kiosk.Opening, a kiosk.Answer, wrong bool, lang kiosk.Lang) *seatsView {
	v := s.newSeats()
	best, _ := kiosk.NextFree(open)
	chosen := a.Detail
	if wrong {
		chosen = best.Time
	}
	for i := range open {
		o := &open[i]
		seat := s.viewOpening(o, lang)
		seat.Value, seat.Label, seat.Note = o.Time+seat.Value, sayTime(&o.Slot), ""
		seat.Best, seat.Chosen = o.ID == best.ID, strings.TrimSuffix(chosen, kiosk.WaitMark) == o.Time && !seat.Off
		v.Seats = append(v.Seats, seat)
	}
	return v.settle()
}

// viewEvents lists events with their day and place.
func (s *screen) viewEvents(open []kiosk.Opening, a kiosk.Answer, wrong bool, lang kiosk.Lang) *seatsView {
	v := s.newSeats()
	best, _ := kiosk.NextFree(open)
	chosen := strings.TrimSuffix(a.Value, kiosk.WaitMark)
	for i := range open {
		o := &open[i]
		seat := s.viewOpening(o, lang)
		seat.Value, seat.Label, seat.Icon = o.ID+seat.Value, o.Name.In(lang), o.Icon
		seat.Note = s.saySlot(&o.Slot, lang)
		if seat.Note == "" {
			seat.Note = o.Where.In(lang)
		}
		seat.Best = o.ID == best.ID && o.Date != ""
		seat.Chosen = chosen == o.ID && !seat.Off && !(wrong && o.Free() == 0)
		v.Seats = append(v.Seats, seat)
	}
	return v.settle()
}

// viewOpening fills in how much is free; Value is the mark of the waiting list where
// there is nothing else.
func (s *screen) viewOpening(o *kiosk.Opening, lang kiosk.Lang) seatView {
	free, wait := o.Free(), o.CanWait()
	v := seatView{Free: s.sayFree(free, wait, o.Taken.Waiting+1, lang), Off: free == 0 && wait == 0}
	if free == 0 {
		v.Value = kiosk.WaitMark
	}
	return v
}

// settle says so where nothing can be chosen.
func (v *seatsView) settle() *seatsView {
	v.None = true
	for _, seat := range v.Seats {
		v.None = v.None && seat.Off
	}
	return v
}

// sayFree puts into words how many places are free; rank is the place on the waiting
// list that one would get, 0 where several lists are meant.
func (s *screen) sayFree(free, wait, rank int, lang kiosk.Lang) string {
	switch {
	case free < 0:
		return s.words.Say(lang, "seat.free_any")
	case free > 0:
		return s.words.Say(lang, "seat.free", "n", free)
	case wait == 0:
		return s.words.Say(lang, "seat.full")
	case rank == 0:
		return s.words.Say(lang, "seat.full_wait")
	}
	return s.words.Say(lang, "seat.full_rank", "rank", rank)
}

// sayTime writes a slot's time: "09:00–09:30".
func sayTime(slot *kiosk.Slot) string {
	if end := slot.Until(); end != "" {
		return slot.Time + "–" + end
	}
	return slot.Time
}

// saySlot writes when a slot is: day, day of the week and time; "" where it has no day.
func (s *screen) saySlot(slot *kiosk.Slot, lang kiosk.Lang) string {
	if slot.Date == "" {
		return ""
	}
	label, weekday := s.viewDay(slot.Date, lang)
	return strings.TrimSpace(label + " " + weekday + " " + sayTime(slot))
}

// saySeat writes the answer to a question for a place.
func (s *screen) saySeat(f *kiosk.Field, a kiosk.Answer, lang kiosk.Lang) string {
	if a.Value == "" {
		return ""
	}
	id, wait := f.Chosen(a)
	slot, ok := f.Named(id, s.booth.ID())
	if !ok {
		return ""
	}
	words := strings.TrimSpace(slot.Name.In(lang) + " " + s.saySlot(&slot, lang))
	if wait {
		words += " " + s.words.Say(lang, "seat.waiting")
	}
	return words
}

// bookedView is what a page says of a booking.
type bookedView struct {
	State kiosk.SeatState
	Name  string // of the event
	When  string
	Where string
	Bring string
	Rank  int
}

// viewBooked puts a booking into words. v is nil where its service is gone.
func (s *screen) viewBooked(v *kiosk.Service, k kiosk.Booking, lang kiosk.Lang) *bookedView {
	if k.Slot == "" || v == nil {
		return &bookedView{State: k.State}
	}
	slot := s.booth.SlotOf(v, k)
	return &bookedView{State: k.State, Name: slot.Name.In(lang), When: s.saySlot(&slot, lang), Where: slot.Where.In(lang), Bring: slot.Bring.In(lang), Rank: k.Rank}
}

// bookedOn returns what a slip's page says of the booking that the slip stands for;
// nil where it stands for none.
func (s *screen) bookedOn(c echo.Context, slip kiosk.Slip, v *kiosk.Service, lang kiosk.Lang) (*bookedView, error) {
	if slip.Action != kiosk.ActionBook && slip.Action != kiosk.ActionRegister {
		return nil, nil
	}
	k, err := s.booth.Booking(c.Request().Context(), slip.Number)
	var none *kiosk.Error
	if errors.As(err, &none) && none.Code == kiosk.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.viewBooked(v, k, lang), nil
}

// longDay writes a day out for a heading: "12月1日 周二".
func (s *screen) longDay(date string, lang kiosk.Lang) string {
	label, note := s.viewDay(date, lang)
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return date
	}
	return s.words.Say(lang, "date.full", "day", label, "note", note)
}
