package kiosk

import (
	"context"
	"strings"
	"time"
)

// DoorEvent is what the door's contact tells, after debouncing.
type DoorEvent string

// The door events. One contact cannot tell who went in or out.
const (
	DoorOpened   DoorEvent = "opened"
	DoorClosed   DoorEvent = "closed"
	DoorLeftOpen DoorEvent = "left_open" // open longer than the booth's limit; said once per opening
)

// The events of the contact's line, of which the first three say that it is dead:
// nothing that it tells about the door can be believed.
const (
	DoorLost     DoorEvent = "lost"     // its pin cannot be read
	DoorFlapping DoorEvent = "flapping" // it moves without end, as no door does
	DoorCut      DoorEvent = "cut"      // its cable is cut, where a second line guards it
	DoorBack     DoorEvent = "back"     // it is good again
)

// NoteDoor writes a door event into the book and wakes the screens. An opening
// within the night's hours is noted as such, too, where the clock can be trusted. A
// dead line is noted once, and once when it is back.
func (b *Booth) NoteDoor(ctx context.Context, e DoorEvent) error {
	switch e {
	case DoorOpened, DoorClosed, DoorLeftOpen:
		return b.noteDoor(ctx, e)
	case DoorLost, DoorFlapping, DoorCut:
		return b.noteDoorLine(ctx, e)
	case DoorBack:
		return b.noteDoorLine(ctx, "")
	}
	return Errorf(CodeInvalid, "error.door", "door event %q is none of ours", e)
}

func (b *Booth) noteDoor(ctx context.Context, e DoorEvent) error {
	b.change(func(s *Status) { s.Door, s.DoorCount = e, s.DoorCount+1 })
	if e == DoorOpened {
		b.NotePresence()
	}
	kind := map[DoorEvent]Kind{DoorOpened: KindDoorOpened, DoorClosed: KindDoorClosed, DoorLeftOpen: KindDoorLeftOpen}[e]
	if err := b.note(ctx, kind, struct{}{}); err != nil {
		return err
	}
	if e != DoorOpened || !b.isNight(b.clock.Read()) {
		return nil
	}
	b.log.WarnContext(ctx, "door opened at night")
	return b.note(ctx, KindDoorNight, struct {
		Hours string `json:"hours"`
	}{b.night.String()})
}

// isNight reports whether it is surely night: a clock that nobody vouches for would
// raise alarms at noon.
func (b *Booth) isNight(r Reading) bool { return r.State.Trusted() && b.night.Holds(r.Wall.In(b.zone)) }

// noteDoorLine notes what is wrong with the contact's line, "" for nothing, when
// that is new. A line that is dead for another reason now is still the same dead line.
func (b *Booth) noteDoorLine(ctx context.Context, fault DoorEvent) error {
	isNew := false
	b.change(func(s *Status) {
		isNew = (s.DoorFault == "") != (fault == "")
		s.DoorFault = fault
	})
	switch {
	case !isNew:
		return nil
	case fault == "":
		b.log.InfoContext(ctx, "door line back")
		return b.note(ctx, KindDoorBack, struct{}{})
	}
	b.log.WarnContext(ctx, "door line dead", "why", fault)
	return b.note(ctx, KindDoorDead, struct {
		Why DoorEvent `json:"why"`
	}{fault})
}

// Night is a span of the day, which may hold midnight, in minutes since midnight.
// Its zero value is no time at all.
type Night struct{ From, To int }

// ParseNight reads "22:00-06:00", or "none" for no night. The error has CodeInvalid.
func ParseNight(text string) (Night, error) {
	if text == "none" {
		return Night{}, nil
	}
	from, to, _ := strings.Cut(text, "-")
	f, err1 := time.Parse("15:04", from)
	t, err2 := time.Parse("15:04", to)
	if err1 != nil || err2 != nil || f.Equal(t) {
		return Night{}, Errorf(CodeInvalid, "error.night", "night %q: use two times of the day as in 22:00-06:00, or none", text)
	}
	return Night{minutes(f), minutes(t)}, nil
}

// String returns the span as ParseNight reads it.
func (n Night) String() string {
	if n == (Night{}) {
		return "none"
	}
	clock := func(m int) string { return time.Date(0, 1, 1, 0, m, 0, 0, time.UTC).Format("15:04") }
	return clock(n.From) + "-" + clock(n.To)
}

// Holds reports whether the time of day that t shows lies in the span. Its first
// minute does, the minute that it ends with does not.
func (n Night) Holds(t time.Time) bool {
	m := minutes(t)
	if n.From <= n.To {
		return n.From <= m && m < n.To
	}
	return m >= n.From || m < n.To
}

func minutes(t time.Time) int { return 60*t.Hour() + t.Minute() }
