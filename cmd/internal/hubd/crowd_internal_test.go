package hubd

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestConnectionsEndAfterTheirAnswerWhileThereAreMany(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{Listener: l}
	s := httptest.NewUnstartedServer(c.thin(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	s.Listener.Close()
	s.Listener = c
	s.Start()
	closes := func() bool {
		r, err := s.Client().Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		return r.Close
	}
	for range 2 {
		if closes() || c.open.Load() != 1 {
			t.Errorf("with %d connections they end", c.open.Load())
		}
	}
	c.open.Add(manyOpen)
	if !closes() {
		t.Errorf("with %d connections they stay", c.open.Load())
	}
	s.Close()
	if n := c.open.Load(); n != manyOpen {
		t.Errorf("%d connections are counted after the end", n-manyOpen)
	}
}
