package hubd

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"redstation/sync/hub"
	"redstation/sync/wire"
	"redstation/web"
)

// What a city that comes at once costs the hub:
//
//  1. A connection that is served takes some thirty kilobytes, and far more with TLS.
//     So only so many are begun at once; the others wait in a queue of ours, where
//     each takes less than one. They are not left to the kernel, whose queue is short:
//     who finds it full tries again a second later, and then three. Whoever says in
//     its first bytes that it brings an alarm goes first; with TLS of the hub's own
//     these cannot be read yet, and alarms wait as the others do.
//  2. A connection that waits for its next request takes some twenty kilobytes. That is
//     nothing for a few hundred booths, and all of the hub's memory for ten thousand, of
//     which each speaks once in half a minute: so while many are connected, each
//     connection is closed after its answer. It is spared where the booth has more to
//     say and will at once: to connect anew costs both ends as much as the request.

const (
	// manyOpen is how many connections may wait for their next request, and mostOpen
	// how many where the request is expected at once.
	manyOpen = 1000
	mostOpen = 1500
	// crowdIdle is how long a connection is waited for then.
	crowdIdle = 10 * time.Second
	// maxBegun is how many connections are begun at once: until their first answer, or
	// until they wait for the other end, as seen every begunTime: some come over a slow
	// line or want to hear news.
	maxBegun  = 300
	begunTime = 250 * time.Millisecond
	// maxQueued is how many connections are accepted and wait to be begun, and queueTime
	// for how long: a booth gives up after 15 s, and a hub that answers only those who
	// have gone never gets to the others. It comes again by itself.
	maxQueued = 20_000
	queueTime = 10 * time.Second
)

// memoryLimit is what the hub's heap may grow to before memory is collected at once
// rather than in time. Beside it stand SQLite's pages, some 40 MB, and the
// program itself, 30. GOMEMLIMIT sets another one.
const memoryLimit = 176 << 20

// crowd takes the connections of a listener and counts them.
type crowd struct {
	net.Listener
	open  atomic.Int64 // connections that were begun and not closed
	begun chan struct{}

	once   sync.Once
	alarms chan queued // go first
	queue  chan queued
	closed chan struct{}
	end    sync.Once
	err    error // why there is no further one; set before closed is closed
}

// queued is a connection that waits to be begun.
type queued struct {
	net.Conn
	came time.Time
}

func newCrowd(l net.Listener) *crowd {
	return &crowd{Listener: l, begun: make(chan struct{}, maxBegun), alarms: make(chan queued, maxQueued),
		queue: make(chan queued, maxQueued), closed: make(chan struct{})}
}

// Accept returns the next connection when it may be begun.
func (c *crowd) Accept() (net.Conn, error) {
	c.once.Do(func() { go c.take() })
	select {
	case c.begun <- struct{}{}:
	case <-c.closed:
		return nil, c.err
	}
	for {
		select {
		case q := <-c.alarms:
			return c.begin(q), nil
		default:
		}
		select {
		case q := <-c.alarms:
			return c.begin(q), nil
		case q := <-c.queue:
			if time.Since(q.came) < queueTime {
				return c.begin(q), nil
			}
			q.Close() //nolint:errcheck // nobody waits for it
		case <-c.closed:
			<-c.begun
			return nil, c.err
		}
	}
}

// begin counts a connection.
func (c *crowd) begin(q queued) net.Conn {
	c.open.Add(1)
	k := &counted{Conn: q.Conn, crowd: c}
	k.came.Store(&q.came)
	time.AfterFunc(begunTime, k.look)
	return k
}

// take accepts connections into the queue until there are no more.
func (c *crowd) take() {
	for {
		conn, err := c.Listener.Accept()
		var passing interface{ Temporary() bool }
		switch {
		case err == nil:
			queue := c.queue
			if brings(conn) {
				queue = c.alarms
			}
			select {
			case queue <- queued{conn, time.Now()}:
			case <-c.closed:
				conn.Close() //nolint:errcheck // nobody has used it
			}
		case errors.As(err, &passing) && passing.Temporary(): // such as too many open files
			time.Sleep(50 * time.Millisecond)
		default:
			c.stop(err)
			return
		}
	}
}

// brings reports whether a connection has already said that it brings an alarm, or asks
// what it needs to bring one. That counts for the order only: who says so without
// reason is found out when the request is looked at.
func brings(conn net.Conn) bool {
	raw, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	control, err := raw.SyscallConn()
	if err != nil {
		return false
	}
	var first [40]byte
	n := 0
	err = control.Read(func(fd uintptr) bool {
		n, _, err = syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	})
	return err == nil && (bytes.HasPrefix(first[:max(n, 0)], []byte("POST "+wire.PathUp+"urgent ")) ||
		bytes.HasPrefix(first[:max(n, 0)], []byte("GET "+wire.PathChallenge+"?"+wire.AskUrgent)))
}

// stop lets nobody in any more, and those who wait go.
func (c *crowd) stop(err error) {
	c.end.Do(func() {
		c.err = err
		close(c.closed)
		for {
			select {
			case q := <-c.alarms:
				q.Close() //nolint:errcheck // nobody has used it
			case q := <-c.queue:
				q.Close() //nolint:errcheck // nobody has used it
			default:
				return
			}
		}
	})
}

// Close closes the listener.
func (c *crowd) Close() error {
	err := c.Listener.Close()
	c.stop(net.ErrClosed)
	return err
}

// counted is a connection of a crowd.
type counted struct {
	net.Conn
	crowd    *crowd
	settled  atomic.Bool // it counts no longer as begun
	reading  atomic.Bool // it waits for the other end
	gone     atomic.Bool
	answered atomic.Bool               // what came last went out
	came     atomic.Pointer[time.Time] // the first byte of the present request, or the connection
}

// settle lets another connection begin.
func (k *counted) settle() {
	if !k.settled.Swap(true) {
		<-k.crowd.begun
	}
}

// look settles a connection that waits for the other end: it needs no processor. One
// that has not been looked at yet, or waits for its turn, is looked at again.
func (k *counted) look() {
	if k.reading.Load() {
		k.settle()
	}
	if !k.settled.Load() {
		time.AfterFunc(begunTime, k.look)
	}
}

// Read reads what comes.
func (k *counted) Read(b []byte) (int, error) {
	k.reading.Store(true)
	n, err := k.Conn.Read(b)
	k.reading.Store(false)
	if n > 0 && k.answered.Swap(false) {
		now := time.Now()
		k.came.Store(&now)
	}
	return n, err
}

// Write writes an answer.
func (k *counted) Write(b []byte) (int, error) {
	k.answered.Store(true)
	n, err := k.Conn.Write(b)
	k.settle()
	return n, err
}

// SetReadDeadline limits how long the next bytes are waited for. What the server waits
// for after an answer is the next request.
func (k *counted) SetReadDeadline(t time.Time) error {
	if k.answered.Load() && k.crowd.open.Load() > manyOpen {
		if most := time.Now().Add(crowdIdle); t.After(most) {
			t = most
		}
	}
	return k.Conn.SetReadDeadline(t)
}

// Close closes the connection.
func (k *counted) Close() error {
	k.settle()
	if !k.gone.Swap(true) {
		k.crowd.open.Add(-1)
	}
	return k.Conn.Close()
}

// thin lets connections end after their answer while there are many.
func (c *crowd) thin(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if came := cameAt(r.Context()); came != nil {
			r = r.WithContext(hub.Came(r.Context(), *came))
		}
		h.ServeHTTP(&thinned{ResponseWriter: w, crowd: c}, r)
	})
}

// cameAt returns when the first byte of a request came, or its connection; nil where
// that is not known.
func cameAt(ctx context.Context) *time.Time {
	conn := web.Conn(ctx)
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	if k, ok := conn.(*counted); ok {
		return k.came.Load()
	}
	return nil
}

// thinned is an answer. Its handler asks for "Connection: keep-alive" where the caller
// has more to say at once; the word itself is not sent, since it goes without saying.
type thinned struct {
	http.ResponseWriter
	crowd *crowd
	begun bool
}

// WriteHeader begins the answer.
func (t *thinned) WriteHeader(status int) {
	if status >= http.StatusOK && !t.begun {
		t.begun = true
		most := int64(manyOpen)
		if strings.EqualFold(t.Header().Get("Connection"), "keep-alive") {
			t.Header().Del("Connection")
			most = mostOpen
		}
		if t.crowd.open.Load() > most {
			t.Header().Set("Connection", "close")
		}
	}
	t.ResponseWriter.WriteHeader(status)
}

// Write begins the answer where nothing has, and goes on with it.
func (t *thinned) Write(b []byte) (int, error) {
	if !t.begun {
		t.WriteHeader(http.StatusOK)
	}
	return t.ResponseWriter.Write(b)
}

// Flush sends what there is.
func (t *thinned) Flush() {
	if !t.begun {
		t.WriteHeader(http.StatusOK)
	}
	http.NewResponseController(t.ResponseWriter).Flush() //nolint:errcheck // the writer says it
}

// Unwrap lets http.ResponseController through.
func (t *thinned) Unwrap() http.ResponseWriter { return t.ResponseWriter }
