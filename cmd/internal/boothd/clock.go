package boothd

import (
	"sync"
	"time"

	"redstation/kiosk"
)

// A Pi has no clock battery: after a power cut with no line the wall clock is
// wrong, and nothing in its value says so. The rules by which the clock's state is
// judged, the first that holds:
//
//	below build  the clock shows a time before this program was made
//	anchored     the hub said the time in this boot, and nobody has moved the clock since
//	NTP          the kernel says that the clock is being kept by a time server
//	RTC          the kernel took its time from a battery clock, which still agrees
//	restored     anything else: most likely the time of the last shutdown
//
// What cannot be read (no /proc, a system call that a sandbox forbids) counts as
// not known, and so leads to a lower state, never to a higher one.

// anchorTolerance is how far the clock may be from the hub's word, and how far it
// may move against the time since boot afterwards, to count as anchored. It is
// above what a slow line adds and below what changes a service day.
const anchorTolerance = 5 * time.Second

// Clock is the machine's clock, a kiosk.Clock.
type Clock struct {
	built   time.Time
	machine machine
	rtc     bool // judged once: later the kernel may have written the RTC itself

	mu       sync.Mutex
	anchored bool
	offset   time.Duration // wall clock less time since boot, when the hub last agreed
}

var _ kiosk.Clock = (*Clock)(nil)

// machine is what the clock asks the operating system.
type machine struct {
	now    func() time.Time
	since  func() time.Duration // since boot, sleep included
	synced func() bool          // a time server keeps the clock
	rtc    func() (time.Time, bool)
	bootID func() (kiosk.ID, bool)
}

// NewClock returns the machine's clock. Built is when this program was made.
func NewClock(built time.Time) *Clock { return newClock(built, thisMachine()) }

func newClock(built time.Time, m machine) *Clock {
	c := &Clock{built: built, machine: m}
	if t, ok := m.rtc(); ok {
		c.rtc = m.now().Sub(t).Abs() <= anchorTolerance
	}
	return c
}

// Read looks at the clocks.
func (c *Clock) Read() kiosk.Reading {
	r := kiosk.Reading{Wall: c.machine.now(), Since: c.machine.since()}
	switch {
	case r.Wall.Before(c.built):
		r.State = kiosk.ClockBelowBuild
	case c.holds(r):
		r.State = kiosk.ClockAnchored
	case c.machine.synced():
		r.State = kiosk.ClockNTP
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
	if now := c.machine.now(); now.After(c.built) {
		return now
	}
	return c.built
}

// Anchor takes the hub's word for the time, from an answer that was verified. The
// clock itself is not moved: that is the system's business.
func (c *Clock) Anchor(hub time.Time) {
	wall, since := c.machine.now(), c.machine.since()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.anchored = wall.Sub(hub).Abs() <= anchorTolerance
	c.offset = offset(wall, since)
}

// holds reports whether the last anchor still does: a clock that was stepped since
// has moved against the time since boot.
func (c *Clock) holds(r kiosk.Reading) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.anchored && (offset(r.Wall, r.Since)-c.offset).Abs() <= anchorTolerance
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
