package agent_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
)

// cutter is a line that can be cut: every connection through it dies when it has
// carried so many bytes in one direction.
type cutter struct {
	mu       sync.Mutex
	up, down int // bytes until the next connection dies; negative = never
	carried  [2]int
}

func (k *cutter) set(up, down int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.up, k.down, k.carried = up, down, [2]int{}
}

func (k *cutter) seen() (up, down int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.carried[0], k.carried[1]
}

// dial opens a connection with the limits of the moment; the next one has none.
func (k *cutter) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	cc := &cutConn{Conn: c, k: k, up: k.up, down: k.down}
	k.up, k.down = -1, -1
	return cc, nil
}

type cutConn struct {
	net.Conn
	k        *cutter
	up, down int
}

var errCut = errors.New("the line was cut")

func (c *cutConn) Write(b []byte) (int, error) {
	n := len(b)
	if c.up >= 0 {
		n = min(n, c.up)
	}
	m, err := c.Conn.Write(b[:n])
	c.k.count(0, m)
	if c.up >= 0 {
		if c.up -= m; c.up == 0 {
			c.Conn.Close()
			return m, errCut
		}
	}
	return m, err
}

func (c *cutConn) Read(b []byte) (int, error) {
	if c.down == 0 {
		c.Conn.Close()
		return 0, errCut
	}
	if c.down > 0 {
		b = b[:min(len(b), c.down)]
	}
	n, err := c.Conn.Read(b)
	c.k.count(1, n)
	if c.down > 0 {
		c.down -= n
	}
	return n, err
}

func (k *cutter) count(way, n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.carried[way] += n
}

// TestLineCutAtEveryByte cuts the line at every byte of a small batch, then at
// every byte of its answer. Each time the record must arrive all the same, once.
func TestLineCutAtEveryByte(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	var k cutter
	k.set(-1, -1)
	tr := &http.Transport{DialContext: k.dial}
	o := agent.Opts{Client: &http.Client{Transport: tr, Timeout: 5 * time.Second}, MinBackoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond}
	records := 0
	// once sends one record through the line as it is, from a fresh start.
	once := func(up, down int) {
		t.Helper()
		b.Book.Write(t, kiosk.LaneUrgent, 1)
		records++
		tr.CloseIdleConnections()
		k.set(up, down)
		stop := run(t, b, o)
		eventually(t, "the record there", drained(b))
		stop()
	}
	once(-1, -1)
	up, down := k.seen()
	if up < 1000 || down < 500 {
		t.Fatalf("%d bytes up, %d down: too few for a challenge, a hello and a batch", up, down)
	}
	step := 1
	if testing.Short() {
		step = 29
	}
	for n := 1; n < up; n += step {
		once(n, -1)
	}
	for n := 0; n < down; n += step {
		once(-1, n)
	}
	if n := whole(t, c); n != records {
		t.Errorf("the hub has %d records, want %d", n, records)
	}
	if n := b.Book.Begun(); len(n) != 0 {
		t.Errorf("epochs begun: %v", n)
	}
	t.Logf("cut at %d bytes up and %d down", up, down)
}
