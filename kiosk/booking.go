package kiosk

import (
	"context"
	"errors"
	"time"
)

// A booking is a resident's place in a slot, or on its waiting list, under the number
// of a slip. Who it is nobody at the booth can tell. Registrations are bookings of
// events, and of lists that have no event.

// SeatState is how a booking stands. The names are append-only.
type SeatState string

// The states.
const (
	SeatBooked    SeatState = "booked"
	SeatWaiting   SeatState = "waiting"
	SeatCancelled SeatState = "cancelled"
)

// Booking is a place in a slot.
type Booking struct {
	Number  string // of its slip
	Slip    ID     // zero where only the book's records were saved from damage
	Action  Action // ActionBook or ActionRegister
	Service string
	Slot    string // id; "" = the service's list, which has no slots
	Date    string // of the slot, YYYY-MM-DD; "" = none
	Time    string // of the slot, "09:00"; "" = none
	State   SeatState
	Rank    int   // on the waiting list, from 1; 0 = not on it
	Order   int64 // who waits moves up in this order
	Rev     int   // how often it was written, from 1
	Arrived bool
}

// Wish is the place that a resident would like.
type Wish struct {
	Field string // the question that named it, for errors
	Slot  Slot
	Wait  bool // a place on the waiting list will do
}

// Taken is how many places of a slot are gone.
type Taken struct{ Booked, Waiting int }

// Paper is what a new version of a paper's capsule is sealed to.
type Paper struct {
	Lock    Lock
	Version uint64 // the newest that the book has; 0 = it has none
}

// Notice makes the record of a change of a booking, and the next version of what its
// paper opens; nil where the paper is unknown. It is called inside the book's
// transaction and may be called again.
type Notice func(now, was Booking, p Paper) (Draft, *Capsule, error)

// BookingBook gives places away, each once. Its methods write state and records in
// one transaction; what is cancelled or left goes to the first on the waiting list in
// the same one. Where a booking is as it is wanted already, nothing is written.
type BookingBook interface {
	// TakeSeat stores a filled form with a place in the slot, or a waiting place where
	// the wish allows it. A slip that is there already is returned as it is. The error
	// has CodeConflict with the wish's field where there is no such place.
	TakeSeat(ctx context.Context, p *Paperwork, w Wish, today Today, tell Notice) (Slip, error)
	// MoveSeat gives a booking a place in another slot. The error has CodeNotFound, or
	// CodeConflict where the slot is full or the booking is over.
	MoveSeat(ctx context.Context, number string, w Wish, today Today, tell Notice) (Booking, error)
	// GiveSeat cancels a booking. The errors are those of MoveSeat.
	GiveSeat(ctx context.Context, number string, today Today, tell Notice) (Booking, error)
	// NoteArrival notes that whoever has the booking is there.
	NoteArrival(ctx context.Context, number string, tell Notice) (Booking, error)
}

// BookingList reads the bookings.
type BookingList interface {
	// Taken returns how many places are gone in each slot of a service, by the slot's id.
	Taken(ctx context.Context, service string) (map[string]Taken, error)
	// Booking returns the booking of a slip. The error has CodeNotFound.
	Booking(ctx context.Context, slip ID) (Booking, error)
	// NumberedBooking returns the booking with that number. The error has CodeNotFound.
	NumberedBooking(ctx context.Context, number string) (Booking, error)
	// BookingsOn returns the bookings of a day, by time and number, without the cancelled ones.
	BookingsOn(ctx context.Context, date string) ([]Booking, error)
	// BookingDays returns the days from that one on which there are bookings, the
	// earliest first, at most limit.
	BookingDays(ctx context.Context, from string, limit int) ([]string, error)
}

// Book files a form with a place in a slot. The same key again returns the same slip.
// The error has CodeInvalid with the field that is wrong, CodeNotFound, CodeUnavailable,
// or CodeConflict with the field where the place has gone in the meantime.
func (b *Booth) Book(ctx context.Context, key ID, service string, answers Answers, lang Lang) (Slip, error) {
	return b.takeSeat(ctx, formOf(ActionBook, KindBookingMade, key, service, answers, lang))
}

// Register files a form with a place at an event, or on the service's list. Errors are
// those of Book.
func (b *Booth) Register(ctx context.Context, key ID, service string, answers Answers, lang Lang) (Slip, error) {
	return b.takeSeat(ctx, formOf(ActionRegister, KindRegistrationMade, key, service, answers, lang))
}

func (b *Booth) takeSeat(ctx context.Context, f filled) (Slip, error) {
	return b.fill(ctx, f, func(ctx context.Context, p *Paperwork) (Slip, error) {
		// What was promised under this key stays, though its slot may be over by now.
		if have, err := b.book.Slip(ctx, f.key); CodeOf(err) != CodeNotFound {
			return have, err
		}
		s, err := b.serviceFor(ctx, f.service, f.action)
		if err != nil {
			return Slip{}, err
		}
		w, err := b.wish(ctx, s, p.Kept)
		if err != nil {
			return Slip{}, err
		}
		now := b.clock.Read()
		return b.book.TakeSeat(ctx, p, w, b.today(now), b.notice(now, "next_in_line"))
	})
}

// wish finds the slot that the answers name. A form without such a question is for
// the service's list, which has no end.
func (b *Booth) wish(ctx context.Context, s *Service, answers Answers) (Wish, error) {
	f := s.Form.Seat()
	if f == nil {
		return Wish{}, nil
	}
	o, wait, err := b.opening(ctx, s, answers[f.ID])
	return Wish{f.ID, o.Slot, wait}, err
}

// ChangeBooking moves a booking to another slot of its service that has a free place.
// The error has CodeNotFound, CodeUnavailable, or CodeConflict where the slot is full
// or gone, or the booking is over.
func (b *Booth) ChangeBooking(ctx context.Context, number string, to Answer) (Booking, error) {
	k, err := b.book.NumberedBooking(ctx, number)
	if err != nil {
		return Booking{}, err
	}
	s, err := b.service(k.Service, k.Action)
	if err != nil {
		return Booking{}, err
	}
	if err := b.Changes(s, k); err != nil {
		return Booking{}, err
	}
	f := s.Form.Seat()
	w, err := b.wish(ctx, s, Answers{f.ID: to})
	if err != nil {
		return Booking{}, err
	}
	w.Wait = false
	now := b.clock.Read()
	return b.book.MoveSeat(ctx, number, w, b.today(now), b.notice(now, "resident"))
}

// Changes says whether a booking can be moved to another slot of its service: nil, or
// an error with CodeConflict.
func (b *Booth) Changes(s *Service, k Booking) error {
	if err := b.over(k); err != nil {
		return err
	}
	if s.Form == nil || s.Form.Seat() == nil || k.Slot == "" {
		return Errorf(CodeConflict, "error.booking_list", "service %s has no slots to choose from", s.ID)
	}
	return nil
}

// CancelBooking gives a place back; the first who waits for it gets it. A booking that
// is cancelled already stays so. The error has CodeNotFound, or CodeConflict where the
// booking is over.
func (b *Booth) CancelBooking(ctx context.Context, number string) (Booking, error) {
	k, err := b.book.NumberedBooking(ctx, number)
	if err != nil {
		return Booking{}, err
	}
	if err := b.over(k); err != nil && k.State != SeatCancelled {
		return Booking{}, err
	}
	now := b.clock.Read()
	return b.book.GiveSeat(ctx, number, b.today(now), b.notice(now, "resident"))
}

// over says why a booking cannot be changed or cancelled any more: it was cancelled,
// whoever has it is there, or its slot has begun by a clock that can be trusted. A
// clock that nobody vouches for ends nothing.
func (b *Booth) over(k Booking) error {
	now := b.clock.Read()
	start, ok := startOf(k.Date, k.Time, b.zone)
	switch {
	case k.State == SeatCancelled:
		return Errorf(CodeConflict, "error.booking_cancelled", "booking %s is cancelled", k.Number)
	case k.Arrived, ok && now.State.Trusted() && !now.Wall.Before(start):
		return Errorf(CodeConflict, "error.booking_over", "booking %s is over", k.Number)
	}
	return nil
}

// Arrive notes that whoever has the booking is there: by says who says so, "staff" or
// "paper". The error has CodeNotFound, or CodeConflict where the booking is cancelled,
// waits, or is of another day by a clock that can be trusted.
func (b *Booth) Arrive(ctx context.Context, number, by string) (Booking, error) {
	k, err := b.book.NumberedBooking(ctx, number)
	if err != nil {
		return Booking{}, err
	}
	if err := b.Attends(k); err != nil {
		return Booking{}, err
	}
	return b.book.NoteArrival(ctx, number, b.notice(b.clock.Read(), by))
}

// Attends says whether somebody can be there for the booking now: nil, or an error
// with CodeConflict.
func (b *Booth) Attends(k Booking) error {
	now := b.clock.Read()
	switch {
	case k.State == SeatCancelled:
		return Errorf(CodeConflict, "error.booking_cancelled", "booking %s is cancelled", k.Number)
	case k.State == SeatWaiting:
		return Errorf(CodeConflict, "error.booking_waits", "booking %s has no place yet", k.Number)
	case k.Date == "" || now.State.Trusted() && k.Date != b.today(now).Date:
		return Errorf(CodeConflict, "error.booking_day", "booking %s is of %q", k.Number, k.Date)
	}
	return nil
}

// Booking returns the booking with that number as this booth's book has it. The error
// has CodeNotFound.
func (b *Booth) Booking(ctx context.Context, number string) (Booking, error) {
	return b.book.NumberedBooking(ctx, number)
}

// BookingsOn returns who is expected on a day, by numbers only.
func (b *Booth) BookingsOn(ctx context.Context, date string) ([]Booking, error) {
	return b.book.BookingsOn(ctx, date)
}

// BookingDays returns the days from that one on which somebody is expected.
func (b *Booth) BookingDays(ctx context.Context, from string, limit int) ([]string, error) {
	return b.book.BookingDays(ctx, from, limit)
}

// BookingDay is the day that bookings are counted from: the service day, which is in
// the book and goes only forward, so that no wrong clock offers days that are over.
func (b *Booth) BookingDay(ctx context.Context) (string, error) {
	day, err := b.book.ServiceDay(ctx)
	if err != nil {
		return "", err
	}
	today := b.today(b.clock.Read())
	return day.Advance(today.Date, today.Trusted).Date, nil
}

// bookingOf returns the booking of a slip; ok is false where there is none.
func (b *Booth) bookingOf(ctx context.Context, slip Slip) (k Booking, ok bool, err error) {
	if slip.Action != ActionBook && slip.Action != ActionRegister {
		return Booking{}, false, nil
	}
	k, err = b.book.Booking(ctx, slip.ID)
	var e *Error
	if errors.As(err, &e) && e.Code == CodeNotFound {
		return Booking{}, false, nil
	}
	return k, err == nil, err
}

// SlotOf returns the slot of a booking as the pack describes it now. Day and time are
// those that were booked, whatever the pack says.
func (b *Booth) SlotOf(s *Service, k Booking) Slot {
	var slot Slot
	if s.Form != nil {
		if f := s.Form.Seat(); f != nil {
			slot, _ = f.Named(k.Slot, b.book.Booth())
		}
	}
	slot.ID, slot.Date, slot.Time = k.Slot, k.Date, k.Time
	return slot
}

// past reports whether a slot has begun by a clock that can be trusted.
func (b *Booth) past(s *Slot, now Reading) bool {
	start, ok := s.Start(b.zone)
	return ok && now.State.Trusted() && !now.Wall.Before(start)
}

// Until returns the end of a slot as "10:30"; "" where it is not said.
func (s *Slot) Until() string {
	t, err := time.Parse("15:04", s.Time)
	if err != nil || s.Minutes <= 0 {
		return ""
	}
	return t.Add(time.Duration(s.Minutes) * time.Minute).Format("15:04")
}
