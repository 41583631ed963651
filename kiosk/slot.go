package kiosk

import (
	"slices"
	"strings"
	"time"
)

// What can be booked or joined is a slot: a time at this booth, an event, or a list
// without a day. A booth owns its slots alone, so that it can give away the last
// place with the line down.

// Slots is the calendar of a slot field: the times of one booth.
type Slots struct {
	First    int            // days from today to the first day that can be chosen; 0 = today
	Days     int            // how many days can be chosen from
	Weekdays []time.Weekday // on which there are times
	Times    []string       // "09:00", in their order
	Minutes  int            // how long each takes
	Capacity int            // places in each
	Waiting  int            // how many may wait for a place in each; 0 = no waiting list
	Closed   []string       // YYYY-MM-DD: days without times
	Where    Text           // where to come to
	Bring    Text           // what to bring; nil = nothing
	Booths   map[string]*Slots
	Off      bool // this booth has none
}

// Events is what a register form can offer: events with or without a day.
type Events struct {
	Days int // how far ahead an event is listed
	List []Event
}

// Event is something to join. It has a day, or weekdays on which it comes again, or
// neither: then it is a list or a team that can be joined at any time.
type Event struct {
	ID       string
	Icon     string
	Name     Text
	Where    Text
	Bring    Text
	Date     string         // YYYY-MM-DD
	Weekdays []time.Weekday // it comes again on these
	Weeks    []int          // only in these weeks of the month, 1 to 5; empty = in all
	Time     string         // "14:00"; "" = no time of the day
	Minutes  int            // 0 = not said
	Capacity int            // 0 = no limit
	Waiting  int
}

// Slot is one thing with places.
type Slot struct {
	ID       string // "2026-12-05T09:00"; an event's id, with "@2026-12-05" where it comes again
	Name     Text   // of the event; nil for a time
	Icon     string
	Date     string // YYYY-MM-DD in the city's zone; "" = no day
	Time     string // "09:00"; "" = no time of the day
	Minutes  int
	Capacity int // 0 = no limit
	Waiting  int
	Where    Text
	Bring    Text
}

// comesAgain is how many days of an event that comes again are listed at most.
const comesAgain = 2

// Start returns when the slot begins; false where it has no day. A slot without a
// time of the day begins when its day ends: until then one can come.
func (s *Slot) Start(zone *time.Location) (time.Time, bool) {
	return startOf(s.Date, s.Time, zone)
}

func startOf(date, clock string, zone *time.Location) (time.Time, bool) {
	if date == "" {
		return time.Time{}, false
	}
	if clock == "" {
		t, err := time.ParseInLocation(time.DateOnly, date, zone)
		return t.AddDate(0, 0, 1), err == nil
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", date+"T"+clock, zone)
	return t, err == nil
}

// At returns the calendar of one booth: its own where the pack gives it one.
func (s *Slots) At(booth string) *Slots {
	if own, ok := s.Booths[booth]; ok {
		return own
	}
	return s
}

// list returns the calendar's slots as seen on the day today (YYYY-MM-DD), in order.
func (s *Slots) list(today string) []Slot {
	base, err := time.Parse(time.DateOnly, today)
	if err != nil || s.Off {
		return nil
	}
	var out []Slot
	for i := range s.Days {
		day := base.AddDate(0, 0, s.First+i)
		date := day.Format(time.DateOnly)
		if !slices.Contains(s.Weekdays, day.Weekday()) || slices.Contains(s.Closed, date) {
			continue
		}
		for _, t := range s.Times {
			out = append(out, Slot{ID: date + "T" + t, Date: date, Time: t, Minutes: s.Minutes,
				Capacity: s.Capacity, Waiting: s.Waiting, Where: s.Where, Bring: s.Bring})
		}
	}
	return out
}

// list returns the events as seen on the day today: those with a day in their order,
// then those without.
func (e *Events) list(today string) []Slot {
	base, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return nil
	}
	last := base.AddDate(0, 0, e.Days).Format(time.DateOnly)
	var dated, open []Slot
	for i := range e.List {
		v := &e.List[i]
		switch {
		case len(v.Weekdays) > 0:
			dated = append(dated, v.again(base, e.Days)...)
		case v.Date == "":
			open = append(open, v.on(""))
		case v.Date >= today && v.Date <= last:
			dated = append(dated, v.on(v.Date))
		}
	}
	slices.SortStableFunc(dated, func(a, b Slot) int { return strings.Compare(a.Date+a.Time, b.Date+b.Time) })
	return append(dated, open...)
}

// again returns the next days of an event that comes again, at most comesAgain.
func (e *Event) again(base time.Time, days int) []Slot {
	var out []Slot
	for i := 0; i <= days && len(out) < comesAgain; i++ {
		day := base.AddDate(0, 0, i)
		week := (day.Day()-1)/7 + 1
		if slices.Contains(e.Weekdays, day.Weekday()) && (len(e.Weeks) == 0 || slices.Contains(e.Weeks, week)) {
			s := e.on(day.Format(time.DateOnly))
			s.ID += "@" + s.Date
			out = append(out, s)
		}
	}
	return out
}

// on returns the event's slot on a day, "" for none.
func (e *Event) on(date string) Slot {
	return Slot{ID: e.ID, Name: e.Name, Icon: e.Icon, Date: date, Time: e.Time, Minutes: e.Minutes,
		Capacity: e.Capacity, Waiting: e.Waiting, Where: e.Where, Bring: e.Bring}
}

// Event returns the event with that id.
func (e *Events) Event(id string) (*Event, bool) {
	for i := range e.List {
		if e.List[i].ID == id {
			return &e.List[i], true
		}
	}
	return nil, false
}

// Seated reports whether the answer is a place in a slot.
func (f *Field) Seated() bool { return f.Kind == FieldSlot || f.Kind == FieldEvent }

// Seat returns the form's question for a slot or an event, nil where it has none.
func (f *Form) Seat() *Field {
	i := slices.IndexFunc(f.Fields, func(field Field) bool { return field.Seated() })
	if i < 0 {
		return nil
	}
	return &f.Fields[i]
}

// WaitMark ends an answer that takes a place on the waiting list, too.
const WaitMark = "/wait"

// Chosen returns the slot that an answer names, and whether a place on its waiting
// list will do. The answer to a slot field is a day with the time as its detail.
func (f *Field) Chosen(a Answer) (slot string, wait bool) {
	slot = a.Value
	if f.Kind == FieldSlot {
		slot += "T" + a.Detail
	}
	return strings.CutSuffix(slot, WaitMark)
}

// slots returns what the field offers at a booth, as seen on the day today.
func (f *Field) slots(booth, today string) []Slot {
	switch {
	case f.Kind == FieldSlot && f.Slots != nil:
		return f.Slots.At(booth).list(today)
	case f.Kind == FieldEvent && f.Events != nil:
		return f.Events.list(today)
	}
	return nil
}

// Named returns the slot with that id as the pack describes it for a booth, whenever it
// is; false where the pack has none like it.
func (f *Field) Named(id, booth string) (Slot, bool) {
	if f.Kind == FieldEvent && f.Events != nil {
		name, date, _ := strings.Cut(id, "@")
		if e, ok := f.Events.Event(name); ok {
			if date == "" {
				date = e.Date
			}
			s := e.on(date)
			s.ID = id
			return s, true
		}
	}
	if f.Kind == FieldSlot && f.Slots != nil {
		c := f.Slots.At(booth)
		date, clock, _ := strings.Cut(id, "T")
		return Slot{ID: id, Date: date, Time: clock, Minutes: c.Minutes, Capacity: c.Capacity, Waiting: c.Waiting, Where: c.Where, Bring: c.Bring}, true
	}
	return Slot{}, false
}

// CheckDay says whether the day of an answer to a slot field has the shape of one. The
// error is that of Check.
func (f *Field) CheckDay(a Answer) error {
	if _, err := time.Parse(time.DateOnly, a.Value); err != nil {
		return f.wrong("error.slot")
	}
	return nil
}

// checkSeat says what is wrong with the shape of an answer that names a slot, or "".
// Whether the slot is there and has a place is for the book to say.
func (f *Field) checkSeat(a *Answer) string {
	id, _ := f.Chosen(*a)
	if f.Kind == FieldSlot {
		if _, err := time.Parse("2006-01-02T15:04", id); err != nil {
			return "error.slot"
		}
		return ""
	}
	name, date, again := strings.Cut(id, "@")
	if f.Events == nil {
		return "error.event"
	}
	e, ok := f.Events.Event(name)
	if _, err := time.Parse(time.DateOnly, date); !ok || again != (len(e.Weekdays) > 0) || again && err != nil {
		return "error.event"
	}
	return ""
}
