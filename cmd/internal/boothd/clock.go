package boothd

import (
	"log/slog"
	"sync"
	"time"

	"redstation/kiosk"
)

// A Pi has no clock battery: after a power cut with no line the wall clock is
// wrong, and nothing in its value says so. The rules by which the clock's state is
// judged, the first that holds:
//
//	anchored     the hub said the time in this boot, and the clock still agrees
//	NTP          the kernel says that the clock is being kept by a time server
//	anchored     the hub said another time in this boot than the clock shows; it is read instead
//	by hand      an operator said the time in this boot; it is read instead of the clock
//	below build  the clock shows a time before this program was made
//	RTC          the kernel took its time from a battery clock, which still agrees
//	restored     anything else: most likely the time of the last shutdown
//
// A clock that shows a time before the build is no witness, whatever keeps it.
//
// What cannot be read (no /proc, a system call that a sandbox forbids) counts as
// not known, and so leads to a lower state, never to a higher one.

// anchorTolerance is how far the clock may be from the hub's word to count as
// anchored. It is above what a slow line adds and below what changes a service day.
const anchorTolerance = 5 * time.Second

// Clock is the machine's clock, a kiosk.Clock.
type Clock struct {
	built   time.Time
	machine machine
	rtc     bool // judged once: later the kernel may have written the RTC itself
	log     *slog.Logger

	handFile string // where an operator's word is kept; "" = nowhere

	mu   sync.Mutex
	hand *time.Duration // an operator's word: wall clock less time since boot; nil = none
	hub  *time.Duration // the hub's last word in this boot, likewise
}

var _ kiosk.HandClock = (*Clock)(nil)

// machine is what the clock asks the operating system.
type machine struct {
	now    func() time.Time
	since  func() time.Duration // since boot, sleep included
	synced func() bool          // a time server keeps the clock
	rtc    func() (time.Time, bool)
	bootID func() (kiosk.ID, bool)
}

// NewClock returns the machine's clock. Built is when this program was made, and
// dir the data folder.
func NewClock(built time.Time, dir string, log *slog.Logger) *Clock {
	c := newClock(built, thisMachine())
	c.handFile, c.log = handFileIn(dir), log
	c.loadHand()
	return c
}

func newClock(built time.Time, m machine) *Clock {
	c := &Clock{built: built, machine: m, log: slog.New(slog.DiscardHandler)}
	if t, ok := m.rtc(); ok {
		c.rtc = m.now().Sub(t).Abs() <= anchorTolerance
	}
	return c
}

// Read looks at the clocks.
func (c *Clock) Read() kiosk.Reading {
	r := kiosk.Reading{Wall: c.machine.now(), Since: c.machine.since()}
	early := r.Wall.Before(c.built)
	said, anyone := c.said(&c.hand, r.Since)
	hub, heard := c.said(&c.hub, r.Since)
	switch {
	case !early && heard && r.Wall.Sub(hub).Abs() <= anchorTolerance:
		r.State = kiosk.ClockAnchored
	case !early && c.machine.synced():
		r.State = kiosk.ClockNTP
	case heard:
		r.Wall, r.State = hub, kiosk.ClockAnchored
	case anyone:
		r.Wall, r.State = said, kiosk.ClockSetByHand
	case early:
		r.State = kiosk.ClockBelowBuild
	case c.rtc:
		r.State = kiosk.ClockRTC
	default:
		r.State = kiosk.ClockRestored
	}
	return r
}

// AtLeastBuilt returns the time to check certificates at: a clock that fell back to
// 1970 would find every one of them not valid yet.
func (c *Clock) AtLeastBuilt() time.Time {
	if now := c.Read().Wall; now.After(c.built) {
		return now
	}
	return c.built
}

// Anchor takes the hub's word for the time, from an answer that was verified: it was
// hub at so much time since boot. The system's clock itself is not moved: that is the
// system's business. A clock that agrees within anchorTolerance is read as it is, so
// that time does not jump to and fro with every answer.
func (c *Clock) Anchor(hub time.Time, since time.Duration) {
	if hub.Before(c.built) {
		return // the hub's own clock is wrong
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o := offset(hub, since)
	c.hub = &o
}

// said returns the time by somebody's word, false where there is none.
func (c *Clock) said(word **time.Duration, since time.Duration) (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if *word == nil {
		return time.Time{}, false
	}
	return time.Unix(0, int64(**word+since)), true
}

// offset is the wall clock at the moment of boot, as a duration since 1970. Both
// terms come from wall time, so that Go's own monotonic reading plays no part.
func offset(wall time.Time, since time.Duration) time.Duration {
	return time.Duration(wall.UnixNano()) - since
}

// BootID returns the kernel's random id of this boot. Where the kernel does not
// tell, each start of the program counts as a boot.
func (c *Clock) BootID() kiosk.ID {
	if id, ok := c.machine.bootID(); ok {
		return id
	}
	return kiosk.RandomID()
}
