package hubd

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// crowded is a server whose listener is a crowd.
func crowded(t *testing.T, h http.Handler) (*crowd, *httptest.Server) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := newCrowd(l)
	s := httptest.NewUnstartedServer(c.thin(h))
	s.Listener.Close()
	s.Listener = c
	s.Start()
	t.Cleanup(s.Close)
	return c, s
}

func TestConnectionsEndAfterTheirAnswerWhileThereAreMany(t *testing.T) {
	c, s := crowded(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/more" {
			w.Header().Set("Connection", "keep-alive")
		}
		fmt.Fprint(w, "yes")
	}))
	closes := func(path string) bool {
		r, err := s.Client().Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if _, err := io.ReadAll(r.Body); err != nil {
			t.Fatal(err)
		}
		return r.Close
	}
	for _, path := range []string{"/", "/", "/more"} {
		if closes(path) || c.open.Load() != 1 {
			t.Errorf("with %d connections they end", c.open.Load())
		}
	}
	c.open.Add(manyOpen)
	if closes("/more") {
		t.Error("one on which more is to come ends")
	}
	if !closes("/") {
		t.Errorf("with %d connections they stay", c.open.Load())
	}
	c.open.Add(mostOpen - manyOpen)
	if !closes("/more") {
		t.Errorf("with %d connections one stays because more is to come", c.open.Load())
	}
	s.Close()
	if n := c.open.Load(); n != mostOpen {
		t.Errorf("%d connections are counted after the end", n-mostOpen)
	}
}

// Whoever comes while as many are begun as may be waits in the queue, is let in when
// one of those has its answer or has taken long, and is let go when the server ends.
func TestConnectionsWaitToBeBegun(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := newCrowd(l)
	for range maxBegun - 1 {
		c.begun <- struct{}{}
	}
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	accepted := make(chan net.Conn)
	go func() {
		defer close(accepted)
		for {
			conn, err := c.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	dial()
	first := <-accepted // nobody reads from it: it waits for its turn
	second := dial()
	for len(c.queue) == 0 {
		time.Sleep(time.Millisecond)
	}
	select {
	case <-accepted:
		t.Fatal("more are begun than may be")
	default:
	}
	if _, err := first.Write([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	began := <-accepted
	if began.RemoteAddr().String() != second.LocalAddr().String() {
		t.Error("another one was let in")
	}
	third := dial()
	for len(c.queue) == 0 {
		time.Sleep(time.Millisecond)
	}
	fourth := announce(t, c, "GET /v1/challenge?lane=urgent&nonce=x HTTP/1.1")
	if _, err := second.Write([]byte("a request")); err != nil {
		t.Fatal(err)
	}
	if _, err := began.Write([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	if began = <-accepted; began.RemoteAddr().String() != fourth.LocalAddr().String() {
		t.Error("an alarm waits behind who came before it")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for range accepted {
		t.Error("one was let in after the end")
	}
	if _, err := third.Read(make([]byte, 1)); err == nil {
		t.Error("one that waited was not let go")
	}
}

// announce connects with first words that have come before the connection is taken.
func announce(t *testing.T, c *crowd, words string) net.Conn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := conn.Write([]byte(words)); err != nil {
		t.Fatal(err)
	}
	taken, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); !brings(taken); time.Sleep(time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("%q is not seen to bring an alarm", words)
		}
	}
	c.alarms <- queued{taken, time.Now()}
	return conn
}

func TestOnlyAlarmsAreSeenAsSuch(t *testing.T) {
	for words, want := range map[string]bool{
		"POST /v1/up/urgent HTTP/1.1\r\n":                true,
		"GET /v1/challenge?lane=urgent&nonce=x HTTP/1.1": true,
		"GET /v1/challenge?nonce=lane=urgent HTTP/1.1":   false,
		"POST /v1/up/log HTTP/1.1\r\n":                   false,
		"POST /v1/up/urgently HTTP/1.1":                  false,
		"P":                                              false,
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(words)); err != nil {
			t.Fatal(err)
		}
		taken, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		got := false
		for range 100 {
			if got = brings(taken); got {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if got != want {
			t.Errorf("%q: %v, want %v", words, got, want)
		}
		first := make([]byte, 1)
		if _, err := taken.Read(first); err != nil || first[0] != words[0] {
			t.Errorf("%q: the first byte is then %q, %v", words, first, err)
		}
		for _, c := range []interface{ Close() error }{taken, conn, l} {
			c.Close() //nolint:errcheck // the test is over
		}
	}
}

// Who has waited for so long that nobody waits for the answer any more is let go.
func TestConnectionsThatWaitedForTooLongAreNotBegun(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := newCrowd(l)
	old, other := net.Pipe()
	fresh, another := net.Pipe()
	defer another.Close()
	c.queue <- queued{old, time.Now().Add(-queueTime)}
	c.queue <- queued{fresh, time.Now()}
	conn, err := c.Accept()
	if err != nil || conn.(*counted).Conn != fresh {
		t.Errorf("got %v, %v, want the one that came just now", conn, err)
	}
	if _, err := other.Read(make([]byte, 1)); err == nil {
		t.Error("the one that waited for too long was not let go")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTheNextRequestIsNotAwaitedForLongInACrowd(t *testing.T) {
	c, s := crowded(t, http.NotFoundHandler())
	here, there := net.Pipe()
	defer there.Close()
	k := &counted{Conn: here, crowd: c}
	k.settled.Store(true)
	for _, try := range []struct {
		open     int64
		answered bool
		ends     bool
	}{{0, true, false}, {manyOpen + 1, false, false}, {manyOpen + 1, true, true}} {
		c.open.Store(try.open)
		k.answered.Store(try.answered)
		d := &deadline{Conn: here}
		k.Conn = d
		if err := k.SetReadDeadline(time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if ends := time.Until(d.at) <= crowdIdle; ends != try.ends {
			t.Errorf("%+v: waited for until %s", try, d.at)
		}
	}
	c.open.Store(0)
	s.Close()
}

// deadline remembers what a connection was told.
type deadline struct {
	net.Conn
	at time.Time
}

func (d *deadline) SetReadDeadline(t time.Time) error {
	d.at = t
	return nil
}
