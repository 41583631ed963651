package kiosk

// Attention is what a beacon calls for.
type Attention string

// The calls.
const (
	AttentionHelp  Attention = "help"  // somebody here wants a person to come
	AttentionFound Attention = "found" // a tag was scanned: somebody who was lost is here
	AttentionTry   Attention = "try"   // staff see whether the beacon works
)

// Beacon calls attention to the booth: its help light, its buzzer.
type Beacon interface {
	// Call takes the call and returns at once; it is seen or heard after those
	// before it. The error has CodeUnavailable when no beacon is attached, or when
	// calls enough wait already.
	Call(a Attention) error
}

// Light returns the help light.
func (b *Booth) Light() Beacon { return b.light }

// Buzzer returns the buzzer.
func (b *Booth) Buzzer() Beacon { return b.buzzer }

// noBeacon stands where none was given.
type noBeacon struct{}

func (noBeacon) Call(Attention) error {
	return Errorf(CodeUnavailable, "error.beacon", "no such beacon is attached")
}
