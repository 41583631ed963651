package door_test

import (
	"slices"
	"testing"
	"time"

	"redstation/hardware/door"
	"redstation/kiosk"
)

var start = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)

// contact plays a contact to a Line, a reading each 20 ms.
type contact struct {
	line door.Line
	now  time.Time
	got  []kiosk.DoorEvent
}

func (c *contact) hold(open, cut bool, d time.Duration) {
	for end := c.now.Add(d); c.now.Before(end); c.now = c.now.Add(20 * time.Millisecond) {
		if e := c.line.Feed(open, cut, c.now); e != "" {
			c.got = append(c.got, e)
		}
	}
}

// flap moves the contact for as long as d; it never holds a level for 50 ms.
func (c *contact) flap(d time.Duration) {
	for open, end := true, c.now.Add(d); c.now.Before(end); open = !open {
		c.hold(open, false, 40*time.Millisecond)
	}
}

func TestALineIsJudged(t *testing.T) {
	const flapping, cut, back = kiosk.DoorFlapping, kiosk.DoorCut, kiosk.DoorBack
	for _, tt := range []struct {
		name string
		play func(c *contact)
		want []kiosk.DoorEvent
	}{
		{"a door that is opened and closed is a good line", func(c *contact) {
			for range 50 {
				c.hold(true, false, 2*time.Second)
				c.hold(false, false, 2*time.Second)
			}
		}, nil},
		{"29 seconds of bounces are a bad door, not a bad line", func(c *contact) { c.flap(29 * time.Second); c.hold(false, false, time.Minute) }, nil},
		{"a pause begins the time anew", func(c *contact) {
			c.flap(20 * time.Second)
			c.hold(true, false, 60*time.Millisecond)
			c.flap(20 * time.Second)
		}, nil},
		{"more is flapping, told once", func(c *contact) { c.flap(5 * time.Minute) }, []kiosk.DoorEvent{flapping}},
		{"a short rest is not yet back", func(c *contact) { c.flap(time.Minute); c.hold(false, false, 9*time.Second); c.flap(time.Minute) }, []kiosk.DoorEvent{flapping}},
		{"a long one is", func(c *contact) { c.flap(time.Minute); c.hold(false, false, 11*time.Second) }, []kiosk.DoorEvent{flapping, back}},
		{"a cut cable", func(c *contact) {
			c.hold(false, false, time.Second)
			c.hold(true, true, time.Hour)
			c.hold(false, false, time.Minute)
		}, []kiosk.DoorEvent{cut, back}},
		{"a cable that is cut at the start", func(c *contact) { c.hold(true, true, time.Second) }, []kiosk.DoorEvent{cut}},
		{"40 ms without the guard are a bounce", func(c *contact) {
			c.hold(false, false, time.Second)
			c.hold(true, true, 40*time.Millisecond)
			c.hold(false, false, time.Minute)
		}, nil},
		{"a cable that is cut while its contact flaps", func(c *contact) {
			c.flap(time.Minute)
			c.hold(true, true, time.Minute)
			c.hold(false, false, time.Minute)
		}, []kiosk.DoorEvent{flapping, cut, back}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := contact{now: start}
			tt.play(&c)
			if !slices.Equal(c.got, tt.want) {
				t.Errorf("got %v, want %v", c.got, tt.want)
			}
		})
	}
}
