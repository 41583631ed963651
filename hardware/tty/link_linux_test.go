package tty_test

import (
	"os"
	"testing"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/uart"

	"redstation/hardware/linktest"
	"redstation/hardware/tty"
)

// connect opens and connects a port with the usual settings.
func connect(t *testing.T, path string, flow uart.Flow) *tty.Conn {
	t.Helper()
	p := open(t, path)
	c, err := p.Connect(115200*physic.Hertz, uart.One, uart.NoParity, flow, 8)
	if err != nil {
		t.Fatal(err)
	}
	return c.(*tty.Conn)
}

func open(t *testing.T, path string) *tty.Port {
	t.Helper()
	p, err := tty.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestAPortKeepsTheSuiteOfLinks(t *testing.T) {
	for _, tt := range []struct {
		name     string
		flow     uart.Flow
		stop, on []byte
	}{
		{"without flow control", uart.NoFlow, nil, nil},
		{"with RTS/CTS, which a pseudo-terminal only notes", uart.RTSCTS, nil, nil},
		{"with XON/XOFF", uart.MakeXOnXOffFlow(0xf1, 0xf3), []byte{0xf3}, []byte{0xf1}},
		{"with the usual XON/XOFF", uart.XOnXOff, []byte{0x13}, []byte{0x11}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var path string
			linktest.Run(t, linktest.Kind{
				Pair: func(t *testing.T) (linktest.Link, linktest.Far) {
					var far *os.File
					far, path = linktest.PTY(t)
					return connect(t, path, tt.flow), far
				},
				Again: func() (linktest.Link, error) {
					p, err := tty.Open(path)
					if err != nil {
						return nil, err
					}
					c, err := p.Connect(9600*physic.Hertz, uart.One, uart.NoParity, uart.NoFlow, 8)
					if err != nil {
						return nil, err
					}
					return c.(*tty.Conn), nil
				},
				Stop: tt.stop, Go: tt.on,
			})
		})
	}
}
