package linktest_test

import (
	"net"
	"testing"

	"redstation/hardware/linktest"
)

// socket is a TCP connection as a link.
type socket struct{ *net.TCPConn }

func (s socket) String() string { return s.RemoteAddr().String() }

// TestASocketKeepsTheSuite runs the suite over the kernel's TCP, which keeps it: a
// link that fails where this one does not is at fault itself.
func TestASocketKeepsTheSuite(t *testing.T) {
	linktest.Run(t, linktest.Kind{Pair: func(t *testing.T) (linktest.Link, linktest.Far) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		near, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { near.Close() })
		far, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { far.Close() })
		link := socket{near.(*net.TCPConn)}
		if err := link.SetWriteBuffer(1 << 16); err != nil {
			t.Fatal(err)
		}
		return link, far
	}})
}
