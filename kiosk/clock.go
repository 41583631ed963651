package kiosk

import (
	"context"
	"strconv"
	"time"
)

// ClockState says how far the wall clock can be trusted. The numbers are stored
// in every record's header and never change their meaning.
type ClockState uint8

// The clock states, worst first.
const (
	ClockBelowBuild ClockState = 0 // earlier than this program was built: surely wrong
	ClockRestored   ClockState = 1 // the last saved time, put back at start
	ClockSetByHand  ClockState = 2
	ClockRTC        ClockState = 3 // a battery clock
	ClockNTP        ClockState = 4
	ClockAnchored   ClockState = 5 // agrees with a signed answer of the hub in this boot
)

// Trusted reports whether the wall clock is good enough to begin or correct a service day.
func (s ClockState) Trusted() bool { return s >= ClockRTC }

// String returns the state's name: "below_build", "by_hand".
func (s ClockState) String() string {
	names := [...]string{"below_build", "restored", "by_hand", "rtc", "ntp", "anchored"}
	if int(s) >= len(names) {
		return strconv.Itoa(int(s))
	}
	return names[s]
}

// Reading is one look at the clocks: the wall clock, the time since the machine
// booted (which counts sleep), and how far the wall clock can be trusted.
type Reading struct {
	Wall  time.Time
	Since time.Duration
	State ClockState
}

// Clock reads the time. It is injected everywhere, so that tests can set 1970.
type Clock interface {
	Read() Reading
}

// HandClock is a clock that takes an operator's word for the time, until the
// machine boots anew or something better vouches for another time.
type HandClock interface {
	Clock
	// Earliest returns the earliest time that can be true: when the program was made.
	Earliest() time.Time
	// SetByHand makes the clock read wall now.
	SetByHand(wall time.Time)
}

// handYears is how far after Earliest a time that somebody typed is still believed.
const handYears = 20

// CheckClock says what is wrong with a time that somebody wants to set. The error
// has CodeUnavailable where the clock cannot be set here (key error.clock_fixed) or
// is kept by something better than a person (error.clock_kept), and CodeInvalid for
// a time that cannot be (error.clock_early, error.clock_late).
func (b *Booth) CheckClock(wall time.Time) error {
	c, ok := b.clock.(HandClock)
	if !ok {
		return Errorf(CodeUnavailable, "error.clock_fixed", "this clock cannot be set by hand")
	}
	if now := c.Read(); now.State >= ClockNTP {
		return Errorf(CodeUnavailable, "error.clock_kept", "the clock is %s, which a person cannot better", now.State)
	}
	if wall.Before(c.Earliest()) {
		return Errorf(CodeInvalid, "error.clock_early", "%s is before this program was made, %s", wall, c.Earliest())
	}
	if wall.After(c.Earliest().AddDate(handYears, 0, 0)) {
		return Errorf(CodeInvalid, "error.clock_late", "%s is more than %d years after this program was made", wall, handYears)
	}
	return nil
}

// SetClock takes an operator's word for the time. What the clock said before and
// says now goes into the book. The errors are those of CheckClock.
func (b *Booth) SetClock(ctx context.Context, wall time.Time) error {
	if err := b.CheckClock(wall); err != nil {
		return err
	}
	old := b.clock.Read()
	b.clock.(HandClock).SetByHand(wall)
	b.log.InfoContext(ctx, "clock set by hand", "old", old.Wall, "new", wall, "state", old.State.String())
	if err := b.note(ctx, KindClockSet, struct {
		Old      time.Time `json:"old"`
		OldState string    `json:"old_state"`
		New      time.Time `json:"new"`
	}{old.Wall.UTC(), old.State.String(), wall.UTC()}); err != nil {
		return err
	}
	return b.NoteTime(ctx, AnchorHand, old.Since, wall, UncHand)
}

// Boot names one run of the machine: the book's own count of boots, the kernel's
// random id of this boot.
type Boot struct {
	Count uint64
	ID    ID
}

// Stamp is the time of a record as it goes into the header.
type Stamp struct {
	Boot  Boot
	Since time.Duration
	Wall  time.Time
	State ClockState
}
