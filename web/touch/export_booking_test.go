package touch

import "redstation/kiosk"

// bookingViews are the pages that ask for a place or tell of one.
func bookingViews(v map[string][]any, f frame, form formFrame) {
	bookingsViews(v, f)
	seats := []seatView{{"2026-12-01", "star", "12月1日", "星期二", "还有 2 个", true, false, true}, {Value: "x", Off: true, Free: "满"}, {}}
	for _, kind := range []string{"slot", "slot_time", "event"} {
		for _, s := range []*seatsView{{}, {"a.x", kiosk.Advice, seats, true, false}, {"a.x", kiosk.Advice, nil, false, true}} {
			v["question"] = append(v["question"], questionPage{form, questionView{Kind: kind, Name: "a.x", Label: "问", Hint: "示", Seats: s}})
		}
	}
	for _, state := range []kiosk.SeatState{kiosk.SeatBooked, kiosk.SeatWaiting, kiosk.SeatCancelled} {
		booked := &bookedView{state, "课", "12月1日 09:00", "室", "证", 2}
		for _, a := range []kiosk.Action{kiosk.ActionBook, kiosk.ActionRegister} {
			v["slip"] = append(v["slip"], slipPage{f, kiosk.ID{1}, a, "烦", "07-218", true, "", "等", "done", prints(), 0, true, "", booked, "号"})
		}
	}
}

// bookingsViews are those of the staff's list.
func bookingsViews(v map[string][]any, f frame) {
	rows := []bookingRow{{"07-218", "09:00", "烦", false, false, true}, {"07-219", "09:00", "烦", true, false, false}, {"07-220", "", "烦", false, true, false}}
	v["bookings"] = []any{bookingsPage{}, bookingsPage{f, "2026-12-01", "12月1日", true, "2026-11-30", "2026-12-02", rows, "错"}}
}

// spokenByBooking returns the keys of theirs that are made of parts.
func spokenByBooking() []string {
	return []string{"seat.time_of", "seat.free", "seat.free_any", "seat.full", "seat.full_wait", "seat.full_rank", "seat.waiting",
		"staff.bookings", "staff.bookings_note", "book.start", "book.way", "register.start", "register.way"}
}
