package agent_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
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

// cuts sends batches through a line that is cut at a place of each, from a fresh start.
type cuts struct {
	*testing.T
	city    *hubtest.City
	booth   *hubtest.Booth
	line    cutter
	client  *http.Client
	records int
	write   func() int // the records of a batch, and how many they are
}

func newCuts(t *testing.T, facts int, records int) *cuts {
	k := &cuts{T: t, city: hubtest.NewInMemory(t)}
	k.booth = k.city.Enrol("07")
	k.client = &http.Client{Transport: &http.Transport{DialContext: k.line.dial}, Timeout: 20 * time.Second}
	k.write = func() int {
		for range records {
			noise := make([]byte, facts/2) // so that it cannot be compressed below that
			rand.Read(noise)
			k.booth.Book.WriteDraft(t, kiosk.Draft{Lane: kiosk.LaneUrgent, Kind: kiosk.KindTicketIssued, Facts: fmt.Appendf(nil, `"%x"`, noise)})
		}
		return records
	}
	return k
}

// once sends one batch through the line with these limits, and returns what went up
// and came down.
func (k *cuts) once(up, down int) (int, int) {
	k.Helper()
	k.records += k.write()
	k.client.CloseIdleConnections()
	k.line.set(up, down)
	stop := run(k.T, k.booth, agent.Opts{Client: k.client, Codec: simCodec(), MinBackoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond})
	eventually(k.T, "the records there", drained(k.booth))
	stop()
	return k.line.seen()
}

// check holds that everything arrived once, in order, and that nobody took a cut for
// something else.
func (k *cuts) check() {
	k.Helper()
	if n := whole(k.T, k.city); n != k.records {
		k.Errorf("the hub has %d records, want %d", n, k.records)
	}
	if n := k.booth.Book.Begun(); len(n) != 0 {
		k.Errorf("epochs begun: %v", n)
	}
}

// TestT6LineCutAtEveryByte cuts the line at every byte of a challenge, a hello and a
// batch of 2 KiB, then at every byte of the answers. Each time the records must
// arrive all the same, once.
func TestT6LineCutAtEveryByte(t *testing.T) {
	k := newCuts(t, 300, 7)
	up, down := k.once(-1, -1)
	if up < 3500 || down < 900 {
		t.Fatalf("%d bytes up, %d down: too few for a challenge, a hello and a batch", up, down)
	}
	all := up + down - 1
	p := kiosktest.Prove(t, "T6", "line cut at every byte of a 2 KiB batch, both ways", kiosktest.Runs{Short: all, Release: all})
	for p.Next() {
		if n := int(p.Seed()-1) % all; n < up-1 {
			k.once(n+1, -1)
		} else {
			k.once(-1, n-up+1)
		}
		p.Count("lost", 0)
	}
	k.check()
	p.Count("records", k.records)
}

// TestT6LineCutInALargeBatch cuts it at and around each 4 KiB of a batch of 256 KiB.
func TestT6LineCutInALargeBatch(t *testing.T) {
	k := newCuts(t, 20<<10, 24)
	up, _ := k.once(-1, -1)
	if up < 256<<10 {
		t.Fatalf("%d bytes up, want 256 KiB", up)
	}
	all := up / 4096 * 3
	p := kiosktest.Prove(t, "T6", "line cut around each 4 KiB of a 256 KiB batch", kiosktest.Runs{Short: all, Release: all})
	for p.Next() {
		n := int(p.Seed()-1) % all
		k.once((n/3+1)*4096+n%3-1, -1)
		p.Count("lost", 0)
	}
	k.check()
	p.Count("records", k.records)
}
