package kiosk

import "time"

// Confidence says how well the city knows when a record was written: a closed sum,
// whose names stand in exports.
type Confidence string

// The confidences.
const (
	// TimeExact: something trusted told the time in the same boot. Lo and Hi are as
	// far apart as it was sure, and the drift since.
	TimeExact Confidence = "exact"
	// TimeBounded: nobody told the time in that boot, but boots before and after are
	// known, so that it lies between them.
	TimeBounded Confidence = "bounded"
	// TimeUnknown: it was after the booth was set up and before the record arrived.
	TimeUnknown Confidence = "unknown"
)

// Instant is when a record was written, as far as the city can tell: certainly
// between Lo and Hi, most likely at Best. It is worked out beside the record, which
// keeps the booth's own clock as it was, and may become better when more is known.
// The order of records is that of their seq, whatever stands here.
type Instant struct {
	Lo, Hi, Best time.Time
	Confidence   Confidence // "" = not worked out
}

// GiveOrTake returns how far from Best the truth may be.
func (i Instant) GiveOrTake() time.Duration { return max(i.Best.Sub(i.Lo), i.Hi.Sub(i.Best)) }
