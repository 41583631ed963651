package fleet

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// line is the line of one booth. While it is down nothing connects, and what was
// connected is broken.
type line struct {
	bytes *atomic.Int64

	mu    sync.Mutex
	up    bool
	since time.Time // it has been up
	conns map[*conn]struct{}
}

func newLine(bytes *atomic.Int64) *line {
	return &line{bytes: bytes, conns: map[*conn]struct{}{}}
}

var errLine = errors.New("the line is down")

func (l *line) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	l.mu.Lock()
	up := l.up
	l.mu.Unlock()
	if !up {
		return nil, errLine
	}
	c, err := (&net.Dialer{Timeout: 15 * time.Second}).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.up {
		c.Close() //nolint:errcheck // nobody has used it
		return nil, errLine
	}
	k := &conn{Conn: c, line: l}
	l.conns[k] = struct{}{}
	return k, nil
}

// cut takes the line down.
func (l *line) cut() {
	l.mu.Lock()
	l.up = false
	conns := l.conns
	l.conns = map[*conn]struct{}{}
	l.mu.Unlock()
	for c := range conns {
		c.Conn.Close() //nolint:errcheck // that is the point
	}
}

// restore brings it up.
func (l *line) restore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.up {
		l.up, l.since = true, time.Now()
	}
}

// upSince returns since when it has been up.
func (l *line) upSince() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.since
}

// conn counts what it carries.
type conn struct {
	net.Conn
	line *line
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.line.bytes.Add(int64(n))
	return n, err
}

func (c *conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.line.bytes.Add(int64(n))
	return n, err
}

func (c *conn) Close() error {
	c.line.mu.Lock()
	delete(c.line.conns, c)
	c.line.mu.Unlock()
	return c.Conn.Close()
}
