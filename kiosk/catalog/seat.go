package catalog

import (
	"slices"
	"strconv"
	"time"

	"redstation/kiosk"
)

// The most that one calendar may hold, so that days and times fit their pages.
const (
	maxTimes  = 24
	maxClosed = 60
	maxEvents = 24
)

// slots reads the calendar of a booking, and those of the booths that have their own.
func (l *loader) slots(n node) *kiosk.Slots {
	own := []string{"first", "days", "weekdays", "times", "minutes", "capacity", "waiting", "closed", "where", "bring"}
	keys, ok := n.mapping(append(own, "booths")...)
	if !ok {
		return nil
	}
	s := &kiosk.Slots{First: 1}
	for _, key := range []string{"days", "weekdays", "times", "minutes", "capacity", "where"} {
		if !keys[key].given() {
			keys[key].failf("is missing")
		}
	}
	l.calendar(keys, s)
	if !keys["booths"].given() {
		return s
	}
	s.Booths = map[string]*kiosk.Slots{}
	seen := map[string]string{}
	for _, item := range keys["booths"].items(1, 500) {
		keys, ok := item.mapping(append(own, "booth", "off")...)
		if !ok {
			continue
		}
		id := keys["booth"].word(isVersion, "the id of a booth, such as 07")
		claim(seen, keys["booth"], id, "an earlier line")
		c := *s
		c.Booths, c.Off = nil, keys["off"].flag()
		if c.Off {
			forbid(keys, "means nothing for a booth that is off", own...)
		}
		l.calendar(keys, &c)
		s.Booths[id] = &c
	}
	return s
}

// calendar reads what is given of a calendar, and leaves the rest as it is.
func (l *loader) calendar(keys map[string]node, s *kiosk.Slots) {
	number := func(key string, into *int, least, most int) {
		if keys[key].given() {
			*into = keys[key].number(least, most)
		}
	}
	number("first", &s.First, 0, 30)
	number("days", &s.Days, 1, 60)
	number("minutes", &s.Minutes, 5, 24*60)
	number("capacity", &s.Capacity, 1, 500)
	number("waiting", &s.Waiting, 0, 50)
	if keys["weekdays"].given() {
		s.Weekdays = weekdays(keys["weekdays"])
	}
	if keys["times"].given() {
		s.Times = times(keys["times"])
	}
	if keys["closed"].given() {
		s.Closed = nil
		for _, item := range keys["closed"].items(1, maxClosed) {
			s.Closed = append(s.Closed, item.word(isDay, "a date such as 2027-02-06"))
		}
	}
	if keys["where"].given() {
		s.Where = l.text(keys["where"], size{24, 60})
	}
	if keys["bring"].given() {
		s.Bring = l.text(keys["bring"], size{48, 140})
	}
}

// times reads times of the day in their order.
func times(n node) []string {
	var all []string
	for _, item := range n.items(1, maxTimes) {
		t := item.word(isTime, "a time such as 09:00")
		if len(all) > 0 && t != "" && t <= all[len(all)-1] {
			item.failf("is not later than the one before it")
		}
		all = append(all, t)
	}
	return all
}

// weekdays reads days of the week.
func weekdays(n node) []time.Weekday {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	var all []time.Weekday
	for _, item := range n.items(1, 7) {
		w := item.word(func(s string) bool { return slices.Contains(names, s) }, "mon, tue, wed, thu, fri, sat or sun")
		day := time.Weekday(slices.Index(names, w))
		if w != "" && slices.Contains(all, day) {
			item.failf("is %s for the second time", w)
		}
		all = append(all, day)
	}
	return all
}

// events reads what can be joined.
func (l *loader) events(n node, days int) *kiosk.Events {
	e := &kiosk.Events{Days: days}
	if days == 0 {
		e.Days = 60
	}
	seen := map[string]string{}
	for _, item := range n.items(1, maxEvents) {
		keys, ok := item.mapping("id", "icon", "name", "where", "bring", "date", "weekdays", "weeks", "time", "minutes", "capacity", "waiting")
		if !ok {
			continue
		}
		v := l.event(keys)
		if v.ID != "" {
			claim(seen, keys["id"], v.ID, "an earlier event")
		}
		e.List = append(e.List, v)
	}
	return e
}

// event reads one event: it has a date, or weekdays, or neither.
func (l *loader) event(keys map[string]node) kiosk.Event {
	v := kiosk.Event{
		ID:       keys["id"].word(isID, idRule),
		Icon:     optionalWord(keys["icon"], isIcon, iconRule),
		Name:     l.text(keys["name"], size{16, 44}),
		Where:    l.text(keys["where"], size{24, 60}),
		Bring:    l.optionalText(keys["bring"], size{48, 140}),
		Date:     optionalWord(keys["date"], isDay, "a date such as 2026-12-05"),
		Time:     optionalWord(keys["time"], isTime, "a time such as 14:00"),
		Minutes:  keys["minutes"].optionalNumber(5, 24*60),
		Capacity: keys["capacity"].optionalNumber(1, 5000),
		Waiting:  keys["waiting"].optionalNumber(1, 500),
	}
	if keys["weekdays"].given() {
		v.Weekdays = weekdays(keys["weekdays"])
	}
	if keys["weeks"].given() {
		for _, item := range keys["weeks"].items(1, 5) {
			v.Weeks = append(v.Weeks, item.number(1, 5))
		}
	}
	switch {
	case v.Date != "" && len(v.Weekdays) > 0:
		keys["weekdays"].failf("stands beside a date: an event has one day or comes again")
	case v.Date == "" && len(v.Weekdays) == 0:
		forbid(keys, "means nothing for an event without a day", "time", "minutes", "weeks")
	case len(v.Weekdays) == 0:
		forbid(keys, "means nothing for an event that does not come again", "weeks")
	}
	if v.Time == "" {
		forbid(keys, "means nothing without a time", "minutes")
	}
	if v.Capacity == 0 {
		forbid(keys, "means nothing without a capacity", "waiting")
	}
	return v
}

// seats checks that a form asks for a slot or an event where its action needs one,
// and only there.
func seats(n node, form *kiosk.Form, action kiosk.Action) {
	slots, events := 0, 0
	for i := range form.Fields {
		switch form.Fields[i].Kind {
		case kiosk.FieldSlot:
			slots++
		case kiosk.FieldEvent:
			events++
		}
	}
	switch {
	case action == kiosk.ActionBook && slots != 1:
		n.failf("has %s, the action book needs one", count(slots, "slot"))
	case action != kiosk.ActionBook && slots > 0:
		n.failf("has a question of the kind slot, which needs the action book")
	case action == kiosk.ActionRegister && events > 1:
		n.failf("has %s, the action register takes one at most", count(events, "event"))
	case action != kiosk.ActionRegister && events > 0:
		n.failf("has a question of the kind event, which needs the action register")
	}
}

func count(n int, kind string) string {
	if n == 0 {
		return "no question of the kind " + kind
	}
	return strconv.Itoa(n) + " questions of the kind " + kind
}

// isTime reports whether s is a time of the day.
func isTime(s string) bool {
	_, err := time.Parse("15:04", s)
	return err == nil && len(s) == 5
}
