package tty

import (
	"fmt"
	"math"
	"time"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/uart"
)

// mode is how a line is to run.
type mode struct {
	baud   uint32 // bits per second
	bits   int    // of a character
	stop   int    // stop bits
	parity uart.Parity
	rtscts bool
	xon    byte // both 0: no XON/XOFF
	xoff   byte
}

// newMode checks what periph's Connect was asked for.
func newMode(f physic.Frequency, stop uart.Stop, parity uart.Parity, flow uart.Flow, bits int) (mode, error) {
	baud, err := baudOf(f)
	if err != nil {
		return mode{}, err
	}
	m := mode{baud: baud, bits: bits, stop: int(stop), parity: parity}
	if bits < 5 || bits > 8 {
		return mode{}, fmt.Errorf("%d bits to a character: use 5 to 8", bits)
	}
	if stop != uart.One && stop != uart.Two {
		return mode{}, fmt.Errorf("stop bits %d: use one or two", stop)
	}
	switch parity {
	case uart.NoParity, uart.Odd, uart.Even, uart.Mark, uart.Space:
	default:
		return mode{}, fmt.Errorf("parity %q: use N, O, E, M or S", byte(parity))
	}
	switch {
	case flow == uart.NoFlow:
	case flow == uart.RTSCTS:
		m.rtscts = true
	case flow == uart.XOnXOff:
		m.xon, m.xoff = 0x11, 0x13
	case flow&^0xffff == uart.XOnXOff:
		m.xon, m.xoff = byte(flow>>8), byte(flow)
		if m.xon == m.xoff {
			return mode{}, fmt.Errorf("flow control %v: XON and XOFF are the same", flow)
		}
	default:
		return mode{}, fmt.Errorf("flow control %v: use one of NoFlow, RTSCTS and XOnXOff", flow)
	}
	return m, nil
}

// baudOf returns the baud rate that a frequency means.
func baudOf(f physic.Frequency) (uint32, error) {
	if f < physic.Hertz || f/physic.Hertz > math.MaxUint32 {
		return 0, fmt.Errorf("speed %s: use the baud rate times physic.Hertz", f)
	}
	return uint32(f / physic.Hertz), nil
}

// wire returns how long n characters are under way at least: start bit, bits,
// parity and stop bits each.
func (m mode) wire(n int) time.Duration {
	size := 1 + m.bits + m.stop
	if m.parity != uart.NoParity {
		size++
	}
	return time.Duration(float64(n) * float64(size) / float64(m.baud) * float64(time.Second))
}

// near tells whether a rate that a driver chose will do for the one asked for: the
// last bit of a character is still sampled inside itself with 3 % on one side.
func near(got, want uint32) bool {
	return math.Abs(float64(got)-float64(want)) <= 0.03*float64(want)
}
