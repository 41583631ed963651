package printer

import (
	"context"
	"errors"
	"fmt"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/uart"

	"redstation/hardware/tty"
)

// uartCable is a serial port: TTL or RS-232, or an adapter on USB. Eight bits, no
// parity, one stop bit, which is what receipt printers are set to.
func uartCable(port string, l line) cable {
	flow := map[string]uart.Flow{"rtscts": uart.RTSCTS, "xonxoff": uart.XOnXOff, "none": uart.NoFlow}[l.flow]
	name := "uart:" + port
	open := func(f uart.Flow) func(context.Context) (link, error) {
		return func(context.Context) (link, error) { return openUART(name, port, l.baud, f) }
	}
	c := cable{name: name, open: open(flow), baud: l.baud, held: flow != uart.NoFlow}
	if c.held {
		c.past = open(uart.NoFlow)
	}
	return c
}

func openUART(name, port string, baud int, flow uart.Flow) (link, error) {
	p, err := tty.Open(port)
	if err != nil {
		return nil, absent(name, err, "") // it says what to do
	}
	c, err := p.Connect(physic.Frequency(baud)*physic.Hertz, uart.One, uart.NoParity, flow, 8)
	if err != nil {
		return nil, errors.Join(absent(name, err, "this port may not know flow=rtscts or that baud rate; try others"), p.Close())
	}
	l, ok := c.(*tty.Conn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("printer %s: %T is no serial line", name, c), p.Close())
	}
	return l, nil
}
