package hubd

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"redstation/sync/hub"
	"redstation/web"
)

// What a city that comes at once costs the hub:
//
//  1. A connection that is served takes some thirty kilobytes, and far more with TLS.
//     So only so many are begun at once; the others wait in a queue of ours, where
//     each takes less than one. They are not left to the kernel, whose queue is short:
//     who finds it full tries again a second later, and then three.
//  2. A connection that waits for its next request takes some twenty kilobytes. That is
//     nothing for a few hundred booths, and all of the hub's memory for ten thousand, of
//     which each speaks once in half a minute: so while many are connected, each
//     connection is closed after its answer. It is spared where the booth has more to
//     say and will at once: to connect anew costs both ends as much as the request.

const (
	// manyOpen is how many connections may wait for their next request, and mostOpen
	// how many where the request is expected at once.
	manyOpen = 1000
	mostOpen = 3000
	// crowdIdle is how long a connection is waited for then.
	crowdIdle = 10 * time.Second
	// maxBegun is how many connections are begun at once: until their first answer, but
	// no longer than begunTime, since some wait for news or come over a slow line.
	maxBegun  = 1500
	begunTime = 2 * time.Second
	// maxQueued is how many connections are accepted and wait to be begun.
	maxQueued = 20_000
)

// memoryLimit is what the hub's heap may grow to before memory is collected at once
// rather than in time. GOMEMLIMIT sets another one.
const memoryLimit = 216 << 20

// crowd takes the connections of a listener and counts them.
type crowd struct {
	net.Listener
	open  atomic.Int64 // connections that were begun and not closed
	begun chan struct{}

	once   sync.Once
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
	return &crowd{Listener: l, begun: make(chan struct{}, maxBegun), queue: make(chan queued, maxQueued), closed: make(chan struct{})}
}

// Accept returns the next connection when it may be begun.
func (c *crowd) Accept() (net.Conn, error) {
	c.once.Do(func() { go c.take() })
	select {
	case c.begun <- struct{}{}:
	case <-c.closed:
		return nil, c.err
	}
	select {
	case q := <-c.queue:
		c.open.Add(1)
		k := &counted{Conn: q.Conn, crowd: c}
		k.came.Store(&q.came)
		time.AfterFunc(begunTime, k.settle)
		return k, nil
	case <-c.closed:
		<-c.begun
		return nil, c.err
	}
}

// take accepts connections into the queue until there are no more.
func (c *crowd) take() {
	for {
		conn, err := c.Listener.Accept()
		var passing interface{ Temporary() bool }
		switch {
		case err == nil:
			select {
			case c.queue <- queued{conn, time.Now()}:
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

// stop lets nobody in any more, and those who wait go.
func (c *crowd) stop(err error) {
	c.end.Do(func() {
		c.err = err
		close(c.closed)
		for {
			select {
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

// Read reads what comes.
func (k *counted) Read(b []byte) (int, error) {
	n, err := k.Conn.Read(b)
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
