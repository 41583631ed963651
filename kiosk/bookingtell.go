package kiosk

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// What the city, the paper and the slip say of a booking.

// Seat is what papers and records say of a booking's place.
type Seat struct {
	Slot    string    `json:"slot,omitempty"`
	Date    string    `json:"date,omitempty"`
	Time    string    `json:"time,omitempty"`
	State   SeatState `json:"state"`
	Rank    int       `json:"rank,omitempty"`
	Order   int64     `json:"order"`
	Arrived bool      `json:"arrived,omitempty"`
}

// Seat returns what is said of the booking's place.
func (k Booking) Seat() Seat {
	return Seat{k.Slot, k.Date, k.Time, k.State, k.Rank, k.Order, k.Arrived}
}

// SeatFacts is what the city learns of a change of a booking. A form that was filed
// says the same beside its choices, so that a book can be made anew of the records.
type SeatFacts struct {
	Service string `json:"service"`
	Number  string `json:"number"`
	Seat    Seat   `json:"seat"`
	Was     string `json:"was,omitempty"` // the slot before, where it is another
	By      string `json:"by,omitempty"`  // resident, staff, paper, next_in_line
	Index   *ID    `json:"index,omitempty"`
	Public  []byte `json:"public,omitempty"`
	Capsule []byte `json:"capsule,omitempty"`
}

// notice makes the records of changes that somebody caused at this moment. Whoever
// moves up because of that is told of as next in line.
func (b *Booth) notice(r Reading, by string) Notice {
	return func(now, was Booking, p Paper) (Draft, *Capsule, error) {
		f := SeatFacts{Service: now.Service, Number: now.Number, Seat: now.Seat(), By: by}
		if was.Slot != now.Slot {
			f.Was = was.Slot
		}
		if was.State == SeatWaiting && now.State == SeatBooked && was.Slot == now.Slot {
			f.By = "next_in_line"
		}
		var c *Capsule
		if p.Version > 0 && now.Arrived == was.Arrived {
			sealed, err := b.seatFiling(now, r).Seal(p.Lock, p.Version+1, b.book.Booth(), *b.key.Load())
			if err != nil {
				return Draft{}, nil, err
			}
			bytes, err := sealed.Bytes()
			if err != nil {
				return Draft{}, nil, err
			}
			c, f.Index, f.Public, f.Capsule = &sealed, &sealed.Index, sealed.Public, bytes
		}
		d, err := b.draft(seatKind(now, was), r, f)
		d.BasedOn = uint64(was.Rev)
		if now.Slip != (ID{}) {
			ref := RefOf(now.Slip)
			d.Ref = ref[:]
		}
		return d, c, err
	}
}

// seatKind names the record of a change.
func seatKind(now, was Booking) Kind {
	register := now.Action == ActionRegister
	switch {
	case now.Arrived && !was.Arrived:
		return KindAttendanceNoted
	case now.State == SeatCancelled && register:
		return KindRegistrationCancelled
	case now.State == SeatCancelled:
		return KindBookingCancelled
	case register:
		return KindRegistrationChanged
	}
	return KindBookingChanged
}

// seatFiling is what the paper of a booking opens.
func (b *Booth) seatFiling(k Booking, r Reading) Filing {
	seat := k.Seat()
	return Filing{Service: k.Service, Number: k.Number, Action: k.Action, Ref: RefOf(k.Slip), State: FilingFiled, Seat: &seat,
		At: r.Wall.UTC().Truncate(time.Second), About: !r.State.Trusted()}
}

// Seat adds to the record, and to what the paper opens, which place the book gave. It
// is called inside the book's transaction and may be called again.
func (p *Paperwork) Seat(k Booking) error {
	c, err := p.reseal(k)
	if err != nil {
		return err
	}
	if p.facts.Capsule, err = c.Bytes(); err != nil {
		return err
	}
	p.Capsule = c
	seat := k.Seat()
	p.facts.Seat = &seat
	if p.Record.Facts, err = json.Marshal(p.facts); err != nil {
		return Errorf(CodeInternal, "error.internal", "facts of %s: %w", p.Record.Kind, err)
	}
	return nil
}

// resealer returns the function that seals what a paper opens once the place is known.
func (b *Booth) resealer(l Lock, r Reading) func(Booking) (Capsule, error) {
	return func(k Booking) (Capsule, error) {
		return b.seatFiling(k, r).Seal(l, 1, b.book.Booth(), *b.key.Load())
	}
}

// bookingLines are the lines of a slip that tell what was booked: the day and time in
// large type, where, and what to bring.
func (b *Booth) bookingLines(ctx context.Context, s *Service, slip Slip) ([]Line, error) {
	k, ok, err := b.bookingOf(ctx, slip)
	if err != nil || !ok || k.Slot == "" {
		return nil, err
	}
	w := func(key string) string { return slipWords[key].In(slip.Lang) }
	slot := b.SlotOf(s, k)
	var lines []Line
	switch k.State {
	case SeatWaiting:
		lines = append(lines, Line{Text: w("waiting"), Size: Large, Bold: true, Align: Center},
			Line{Text: strings.ReplaceAll(w("rank"), "#", strconv.Itoa(k.Rank)), Align: Center}, Line{Text: w("no_seat"), Align: Center}, Line{Feed: 1})
	case SeatCancelled:
		lines = append(lines, Line{Text: w("cancelled"), Size: Large, Bold: true, Align: Center}, Line{Feed: 1})
	}
	if name := slot.Name.In(slip.Lang); name != "" {
		lines = append(lines, Line{Text: name, Bold: true, Align: Center})
	}
	if k.Date != "" {
		lines = append(lines, Line{Text: slipDay(k.Date, slip.Lang), Size: Large, Bold: true, Align: Center})
	}
	if k.Time != "" {
		clock := k.Time
		if end := slot.Until(); end != "" {
			clock += "–" + end
		}
		lines = append(lines, Line{Text: clock, Size: Large, Bold: true, Align: Center})
	}
	if where := slot.Where.In(slip.Lang); where != "" {
		lines = append(lines, Line{Text: w("where"), Align: Center}, Line{Text: where, Size: Large, Align: Center})
	}
	if bring := slot.Bring.In(slip.Lang); bring != "" {
		lines = append(lines, Line{Feed: 1}, Line{Text: w("bring"), Bold: true}, Line{Text: bring})
	}
	if k.State != SeatCancelled {
		lines = append(lines, Line{Feed: 1}, Line{Text: w("give_back")})
	}
	return lines, nil
}

// slipDay writes a day out with its day of the week.
func slipDay(date string, lang Lang) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	day := strconv.Itoa(t.Day())
	switch lang {
	case English:
		return t.Format("Mon 2 Jan")
	case Korean:
		return strconv.Itoa(int(t.Month())) + "월 " + day + "일 " + weekdaysKorean[t.Weekday()]
	}
	return strconv.Itoa(int(t.Month())) + "月" + day + "日 " + weekdaysChinese[t.Weekday()]
}

var (
	weekdaysChinese = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}
	weekdaysKorean  = [...]string{"일요일", "월요일", "화요일", "수요일", "목요일", "금요일", "토요일"}
)
