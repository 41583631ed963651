package agent_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
)

// profile is how one direction of a bad line carries bytes.
type profile struct {
	rate    int           // bytes a second; 0 = as many as come
	delay   time.Duration // of every byte
	slice   int           // bytes that travel together; 0 = as many as come
	stall   int           // after so many bytes it stands still for stallFor; 0 = never
	breakAt int           // after so many bytes it breaks; 0 = never
	close   time.Duration // how long it takes until the other end hears of an end
}

const stallFor = 40 * time.Second

// pipe is a connection in memory, in the test's own time, with a buffer at each end.
type pipe struct {
	net.Conn // what has arrived
	far      net.Conn
	profile
	out     chan load
	done    chan struct{}
	closing sync.Once
	carried int
	free    time.Time // when the line has carried what it was given
}

type load struct {
	at   time.Time
	data []byte
}

// connect returns both ends of a line.
func connect(up, down profile) (booth, hub net.Conn) {
	a, b := net.Pipe()
	c, d := net.Pipe()
	x := &pipe{Conn: a, far: d, profile: up, out: up.buffer(), done: make(chan struct{})}
	y := &pipe{Conn: c, far: b, profile: down, out: down.buffer(), done: make(chan struct{})}
	go x.carry()
	go y.carry()
	return x, y
}

// buffer holds 64 KiB, as a socket does.
func (p profile) buffer() chan load { return make(chan load, 64<<10/p.unit()) }

// unit is how many bytes travel together.
func (p profile) unit() int {
	if p.slice > 0 {
		return p.slice
	}
	return 1024
}

// Write puts bytes on the line. It waits where the buffer is full.
func (p *pipe) Write(b []byte) (int, error) {
	for n := 0; n < len(b); {
		m := min(len(b)-n, p.unit())
		if p.breakAt > 0 && p.carried+m > p.breakAt {
			p.Close() //nolint:errcheck // the line broke
			return n, net.ErrClosed
		}
		now := time.Now()
		if p.free.Before(now) {
			p.free = now
		}
		if p.rate > 0 {
			p.free = p.free.Add(time.Duration(m) * time.Second / time.Duration(p.rate))
		}
		if p.stall > 0 && (p.carried+m)/p.stall > p.carried/p.stall {
			p.free = p.free.Add(stallFor)
		}
		p.carried += m
		select {
		case p.out <- load{p.free.Add(p.delay), append([]byte(nil), b[n:n+m]...)}:
			n += m
		case <-p.done:
			return n, net.ErrClosed
		}
	}
	return len(b), nil
}

// carry brings what is on the line to the other end.
func (p *pipe) carry() {
	defer p.far.Close() //nolint:errcheck // the end of what comes
	for {
		select {
		case c := <-p.out:
			time.Sleep(time.Until(c.at))
			if _, err := p.far.Write(c.data); err != nil {
				return
			}
		case <-p.done:
			time.Sleep(p.close)
			return
		}
	}
}

// Close ends the connection.
func (p *pipe) Close() error {
	p.closing.Do(func() { close(p.done) })
	return p.Conn.Close()
}

// SetWriteDeadline does nothing: the buffer takes it.
func (p *pipe) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline is for reading.
func (p *pipe) SetDeadline(t time.Time) error { return p.SetReadDeadline(t) }

// listener hands out the hub's ends.
type listener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: "line", Net: "unix"} }

func profiles() map[string][2]profile {
	both := func(p profile) [2]profile { return [2]profile{p, p} }
	return map[string][2]profile{
		"1 kB a second":                         both(profile{rate: 1000}),
		"1 kB a second up only":                 {{rate: 1000}, {}},
		"half a minute there and back":          both(profile{delay: 15 * time.Second}),
		"slices of one byte":                    both(profile{slice: 1, rate: 2000}),
		"ends are heard of late":                both(profile{close: 25 * time.Second}),
		"it stands still after every 10 kB":     both(profile{stall: 10_000}),
		"it breaks after every 8 kB":            both(profile{breakAt: 8_000}),
		"slow, far, in slices, breaks at 20 kB": both(profile{rate: 4000, delay: 4 * time.Second, slice: 7, breakAt: 20_000}),
	}
}

// drawn returns lines that are bad in all ways at once.
func drawn(seed uint64) map[string][2]profile {
	rng := rand.New(rand.NewPCG(seed, 7))
	one := func() (p profile) {
		p.rate = 500 + rng.IntN(20_000)
		if rng.IntN(2) == 0 {
			p.delay = time.Duration(rng.Int64N(int64(8 * time.Second)))
		}
		if rng.IntN(3) == 0 {
			p.slice = 1 + rng.IntN(50)
		}
		if rng.IntN(3) == 0 {
			p.stall = 8_000 + rng.IntN(40_000)
		}
		if rng.IntN(3) == 0 {
			p.breakAt = 8_000 + rng.IntN(40_000)
		}
		if rng.IntN(3) == 0 {
			p.close = time.Duration(rng.Int64N(int64(time.Minute)))
		}
		return p
	}
	return map[string][2]profile{"drawn": {one(), one()}}
}

// TestT7SlowLinesGetThere sends a backlog through lines that hardly are any, in
// virtual time: what is acknowledged only grows, and all gets there.
func TestT7SlowLinesGetThere(t *testing.T) {
	p := kiosktest.Prove(t, "T7", "slow, far, broken and stuttering lines", kiosktest.Runs{Short: 30, Release: 20_000})
	for p.Next() {
		lines := profiles()
		if p.Seed() > 1 {
			lines = drawn(p.Seed())
		}
		for name, line := range lines {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					took := overSlowLine(t, line)
					p.Count("lines", 1)
					t.Logf("%+v: all there after %s", line, took.Round(time.Second))
				})
			})
		}
		p.Count("lost", 0)
	}
}

func overSlowLine(t *testing.T, line [2]profile) time.Duration {
	c := hubtest.NewInMemory(t)
	b := c.Enrol("07")
	c.Stop() // no sockets any more: they know only real time
	const records = 600
	b.Book.Write(t, kiosk.LaneLog, records)
	l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		select { // a packet there and one back
		case <-time.After(line[0].delay + line[1].delay):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		booth, hub := connect(line[0], line[1])
		go func() { // the third packet opens the hub's end
			time.Sleep(line[0].delay)
			select {
			case l.conns <- hub:
			case <-l.closed:
				hub.Close() //nolint:errcheck // nobody has used it
			}
		}()
		return booth, nil
	}
	// The limits are those of the hub's own server.
	server := &http.Server{Handler: c.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	tr := &http.Transport{DialContext: dial}
	begin := time.Now()
	stop := run(t, b, agent.Opts{Client: &http.Client{Transport: tr}, MinBackoff: time.Second, MaxBackoff: 5 * time.Minute})
	for last, behind := records, b.Book.Behind(); behind > 0; behind = b.Book.Behind() {
		if behind > last {
			t.Errorf("%d records behind, after %d: acknowledged ones came back", behind, last)
		}
		if time.Since(begin) > 48*time.Hour {
			t.Errorf("%d of %d records are still behind", behind, records)
			break
		}
		last = behind
		time.Sleep(10 * time.Second)
	}
	took := time.Since(begin)
	stop()
	tr.CloseIdleConnections()
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
	time.Sleep(10 * time.Minute) // what is on the line yet comes to its end
	if n := whole(t, c); !t.Failed() && n != records {
		t.Errorf("the hub has %d records, want %d", n, records)
	}
	c.DB.Close() //nolint:errcheck // its goroutines belong to this time
	return took
}
