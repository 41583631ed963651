package door

import (
	"periph.io/x/conn/v3/gpio"

	"redstation/hardware/pins"
)

// Sim are the controls of a simulated door: its contact is a simulated pin, which is
// low while the door is closed.
type Sim struct{ pin *pins.Sim }

// SetOpen opens or closes the door.
func (s *Sim) SetOpen(open bool) { s.pin.Set(gpio.Level(open)) }

// IsOpen tells whether the door stands open.
func (s *Sim) IsOpen() bool { return bool(s.pin.Read()) }
