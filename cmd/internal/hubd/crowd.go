package hubd

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// A connection that waits for its next request costs the hub some twenty kilobytes,
// and far more with TLS. That is nothing for a few hundred booths, and all of its
// memory for ten thousand, of which each speaks once in half a minute: so while many
// are connected, each connection is closed after its answer.

// manyOpen is how many connections may wait for their next request.
const manyOpen = 1000

// memoryLimit is what the hub's heap may grow to before memory is collected at once
// rather than in time. GOMEMLIMIT sets another one.
const memoryLimit = 216 << 20

// crowd counts the connections of a listener.
type crowd struct {
	net.Listener
	open atomic.Int64
}

// Accept takes the next connection.
func (c *crowd) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c.open.Add(1)
	return &counted{Conn: conn, gone: sync.OnceFunc(func() { c.open.Add(-1) })}, nil
}

type counted struct {
	net.Conn
	gone func()
}

// Close closes the connection.
func (c *counted) Close() error {
	c.gone()
	return c.Conn.Close()
}

// thin lets connections end after their answer while there are many.
func (c *crowd) thin(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.open.Load() > manyOpen {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}
