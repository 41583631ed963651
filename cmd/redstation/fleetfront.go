package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// front is a load balancer that knows nothing: each connection goes to the next hub
// that answers, and breaks with it.
type front struct {
	listener net.Listener
	backends []string // HOST:PORT
	turn     atomic.Uint32
	room     chan struct{} // as many connections as may be passed on at once
	served   sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// frontRoom is how many connections are passed on at once; the others wait in the
// kernel's queue. Each takes two open files.
const frontRoom = 2000

func openFront(backends []string) (*front, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the balancer: %w", err)
	}
	f := &front{listener: l, backends: backends, room: make(chan struct{}, frontRoom), conns: map[net.Conn]bool{}}
	f.served.Go(f.accept)
	return f, nil
}

func (f *front) url() string { return "http://" + f.listener.Addr().String() }

func (f *front) accept() {
	for {
		f.room <- struct{}{}
		conn, err := f.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // such as too many open files
			<-f.room
			time.Sleep(50 * time.Millisecond)
			continue
		}
		f.served.Go(func() {
			f.pass(conn)
			<-f.room
		})
	}
}

// pass carries a connection to a hub until one of the two ends it.
func (f *front) pass(conn net.Conn) {
	hub := f.dial()
	if hub == nil || !f.keep(conn, hub) {
		conn.Close() //nolint:errcheck // there is nobody to talk to
		return
	}
	done := make(chan struct{})
	go func() {
		carry(hub, conn)
		close(done)
	}()
	carry(conn, hub)
	<-done
	f.drop(conn, hub)
}

// carry copies one way. The end of it is passed on, too.
func carry(to, from net.Conn) {
	_, err := io.Copy(to, from)
	half, ok := to.(*net.TCPConn)
	if err == nil && ok && half.CloseWrite() == nil {
		return
	}
	to.Close()   //nolint:errcheck // it is broken
	from.Close() //nolint:errcheck // likewise
}

// dial connects to the next hub that takes connections; nil where none does.
func (f *front) dial() net.Conn {
	first := int(f.turn.Add(1))
	for i := range f.backends {
		conn, err := net.DialTimeout("tcp", f.backends[(first+i)%len(f.backends)], 5*time.Second)
		if err == nil {
			return conn
		}
	}
	return nil
}

// keep remembers connections so that close can break them; false after close.
func (f *front) keep(conns ...net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range conns {
		if f.conns == nil {
			c.Close() //nolint:errcheck // the balancer is closed
			continue
		}
		f.conns[c] = true
	}
	return f.conns != nil
}

func (f *front) drop(conns ...net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range conns {
		delete(f.conns, c)
		c.Close() //nolint:errcheck // it may be closed already
	}
}

// close breaks all connections and takes no more.
func (f *front) close() error {
	err := f.listener.Close()
	f.mu.Lock()
	for c := range f.conns {
		c.Close() //nolint:errcheck // that is the point
	}
	f.conns = nil
	f.mu.Unlock()
	select { // accept may wait for room
	case <-f.room:
	default:
	}
	f.served.Wait()
	return err
}
