package touch

import "redstation/kiosk"

// bookingViews are the pages that ask for a place or tell of one.
func bookingViews(v map[string][]any, f frame, form formFrame) {
	bookingsViews(v, f)
	bookingReceiptViews(v, f)
	seats := []seatView{{"2026-12-01", "star", "12月1日", "星期二", "还有 2 个", true, false, true}, {Value: "x", Off: true, Free: "满"}, {}}
	for _, kind := range []string{"slot", "slot_time", "event"} {
		for _, s := range []*seatsView{{}, {"a.x", kiosk.Advice, seats, true, false}, {"a.x", kiosk.Advice, nil, false, true}} {
			v["question"] = append(v["question"], questionPage{form, questionView{Kind: kind, Name: "a.x", Label: "问", Hint: "示", Seats: s}})
		}
	}
	for _, state := range []kiosk.SeatState{kiosk.SeatBooked, kiosk.SeatWaiting, kiosk.SeatCancelled} {
		booked := &bookedView{state, "课", "12月1日 09:00", "室", "证", 2}
		for _, a := range []kiosk.Action{kiosk.ActionBook, kiosk.ActionRegister} {
			v["slip"] = append(v["slip"], slipPage{f, kiosk.ID{1}, a, "烦", "07-218", true, "", "等", "done", prints(), 0, true, "", booked, "", false, false, "", nil})
		}
	}
}

// bookingsViews are those of the staff's list.
func bookingsViews(v map[string][]any, f frame) {
	rows := []bookingRow{{"07-218", "09:00", "烦", false, false, true}, {"07-219", "09:00", "烦", true, false, false}, {"07-220", "", "烦", false, true, false}}
	v["bookings"] = []any{bookingsPage{}, bookingsPage{f, "2026-12-01", "12月1日", true, "2026-11-30", "2026-12-02", rows, "错"}}
}

// bookingReceiptViews are what can be done with the paper of a booking.
func bookingReceiptViews(v map[string][]any, f frame) {
	booked := &bookedView{kiosk.SeatBooked, "课", "12月1日 09:00", "室", "证", 0}
	v["bookingdo"] = []any{bookingDoPage{}, bookingDoPage{f, "/receipt/cancel", "取消", "说明", booked, "错"}}
	seats := &seatsView{Name: "day", Seats: []seatView{{Value: "2026-12-01", Label: "12月1日"}}}
	v["bookingmove"] = []any{bookingMovePage{Seats: &seatsView{None: true}}, bookingMovePage{f, "/receipt/change", "2026-12-01", seats, booked, "错"},
		bookingMovePage{f, "/receipt/change", "", &seatsView{Name: "event"}, booked, ""}}
}

// spokenByBooking returns the keys of theirs that are made of parts.
func spokenByBooking() []string {
	var keys []string
	for _, do := range []string{"cancel", "change", "arrive"} {
		keys = append(keys, "receipt.way_"+do, "receipt.ask_"+do)
		if do != "change" {
			keys = append(keys, "receipt.do_"+do, "receipt.about_"+do)
		}
	}
	for _, state := range []kiosk.SeatState{kiosk.SeatBooked, kiosk.SeatWaiting, kiosk.SeatCancelled} {
		keys = append(keys, "seat.state_"+string(state))
	}
	return append(keys, "receipt.state", "receipt.event", "receipt.when", "receipt.where", "seat.time_of", "seat.free", "seat.free_any", "seat.full", "seat.full_wait", "seat.full_rank", "seat.waiting",
		"staff.bookings", "staff.bookings_note", "book.start", "book.way", "register.start", "register.way")
}
