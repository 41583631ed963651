package kiosk

import "context"

// Opening is a slot that is offered now, with how much of it is taken.
type Opening struct {
	Slot
	Taken
}

// Free returns how many places are free; -1 where there is no limit. Who waits comes
// before whoever comes now, so that a place that was freed is theirs.
func (o *Opening) Free() int {
	if o.Capacity == 0 {
		return -1
	}
	return max(0, o.Capacity-o.Booked-o.Taken.Waiting)
}

// CanWait returns how many more may wait for a place.
func (o *Opening) CanWait() int { return max(0, o.Slot.Waiting-o.Taken.Waiting) }

// Give returns the state and the rank of a place for whoever comes now; wait says that
// one on the waiting list will do. The error has CodeConflict with the field.
func (o *Opening) Give(wait bool, field string) (SeatState, int, error) {
	switch {
	case o.Free() != 0:
		return SeatBooked, 0, nil
	case !wait:
		return "", 0, &Error{Code: CodeConflict, Key: "error.slot_full", Field: field}
	case o.CanWait() == 0:
		return "", 0, &Error{Code: CodeConflict, Key: "error.slot_waiting_full", Field: field}
	}
	return SeatWaiting, o.Taken.Waiting + 1, nil
}

// CheckSeat says whether the slot that an answer names has a place now, as far as can
// be told before the book gives it. The error is that of Book.
func (b *Booth) CheckSeat(ctx context.Context, s *Service, a Answer) error {
	o, wait, err := b.opening(ctx, s, a)
	if err == nil {
		_, _, err = o.Give(wait, s.Form.Seat().ID)
	}
	return err
}

// opening finds the opening that an answer to the service's question names, and
// whether waiting will do. The error has CodeConflict where it is gone.
func (b *Booth) opening(ctx context.Context, s *Service, a Answer) (o Opening, wait bool, err error) {
	f := s.Form.Seat()
	id, wait := f.Chosen(a)
	open, err := b.Openings(ctx, s)
	if err != nil {
		return Opening{}, false, err
	}
	for _, o := range open {
		if o.ID == id {
			return o, wait, nil
		}
	}
	return Opening{}, false, &Error{Code: CodeConflict, Key: "error.slot_gone", Field: f.ID}
}

// Openings returns what the service's question for a slot or an event offers at this
// booth now, full ones too, in the order of time. A slot that has begun is left out
// where the clock can be trusted.
func (b *Booth) Openings(ctx context.Context, s *Service) ([]Opening, error) {
	if s.Form == nil || s.Form.Seat() == nil {
		return nil, nil
	}
	today, err := b.BookingDay(ctx)
	if err != nil {
		return nil, err
	}
	taken, err := b.book.Taken(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	now := b.clock.Read()
	var out []Opening
	for _, slot := range s.Form.Seat().slots(b.book.Booth(), today) {
		if !b.past(&slot, now) {
			out = append(out, Opening{slot, taken[slot.ID]})
		}
	}
	return out, nil
}

// NextFree returns the first opening with a free place; false where there is none.
func NextFree(open []Opening) (Opening, bool) {
	for i := range open {
		if open[i].Free() != 0 {
			return open[i], true
		}
	}
	return Opening{}, false
}

// allots reports whether this booth has slots of the service, if it needs any.
func (b *Booth) allots(s *Service) bool {
	f := s.Form.Seat()
	return f == nil || f.Slots == nil || !f.Slots.At(b.book.Booth()).Off
}
