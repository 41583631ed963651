package kiosk

import "time"

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
