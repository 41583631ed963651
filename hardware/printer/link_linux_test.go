package printer

import (
	"net"
	"os"
	"testing"

	"redstation/hardware/linktest"
)

func TestASocketKeepsTheSuiteOfLinks(t *testing.T) {
	linktest.Run(t, linktest.Kind{Pair: func(t *testing.T) (linktest.Link, linktest.Far) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		return plugged(t, tcpCable(l.Addr().String())), accepted(t, l)
	}})
}

func TestASerialLineKeepsTheSuiteOfLinks(t *testing.T) {
	var c cable
	linktest.Run(t, linktest.Kind{
		Pair: func(t *testing.T) (linktest.Link, linktest.Far) {
			var far *os.File
			far, path := linktest.PTY(t)
			c = uartCable(path, line{baud: 115200, flow: "xonxoff"})
			return plugged(t, c), far
		},
		Again: func() (linktest.Link, error) { return c.open(t.Context()) },
		Stop:  []byte{0x13}, Go: []byte{0x11},
	})
}

// plugged opens a cable until the test ends.
func plugged(t *testing.T, c cable) link {
	t.Helper()
	l, err := c.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // the test may have closed it
	return l
}

func accepted(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // the test may have closed it
	return c
}
