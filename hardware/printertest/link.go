package printertest

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// link is a cable that is in.
type link struct {
	rwc   io.ReadWriteCloser
	out   chan []byte
	end   chan struct{}
	close func()
}

func newLink(rwc io.ReadWriteCloser) *link {
	l := &link{rwc: rwc, out: make(chan []byte, 64), end: make(chan struct{})}
	l.close = sync.OnceFunc(func() {
		close(l.end)
		_ = rwc.Close()
	})
	return l
}

// send queues bytes; a printer whose answers nobody takes drops them.
func (l *link) send(b []byte) {
	select {
	case l.out <- b:
	default:
	}
}

func (l *link) write() {
	for {
		select {
		case <-l.end:
			return
		case b := <-l.out:
			if _, err := l.rwc.Write(b); err != nil {
				return
			}
		}
	}
}

// plug takes note of a cable.
func (p *Printer) plug(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.link = l
}

// attach serves one cable until it is pulled.
func (p *Printer) attach(l *link) {
	var wg sync.WaitGroup
	wg.Go(l.write)
	b := make([]byte, 64) // little, so that a printer that stalls has taken little more
	for {
		n, err := l.rwc.Read(b)
		if err != nil || !p.room(l) {
			break
		}
		p.receive(b[:n])
	}
	l.close()
	wg.Wait()
	p.mu.Lock()
	if p.link == l {
		p.link = nil
	}
	p.mu.Unlock()
}

// room waits until the printer accepts bytes, false when the cable was pulled.
func (p *Printer) room(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.link == l && (p.stalled || len(p.buf) >= p.opts.Buffer && !p.serial && !p.off) {
		p.turn.Wait()
	}
	return p.link == l
}

// detach pulls the cable that is in.
func (p *Printer) detach() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.link != nil {
		p.link.close()
		p.link = nil
	}
	p.turn.Broadcast()
}

// socket is a printer in the network. It serves one client at a time; others wait.
type socket struct {
	p    *Printer
	addr string
	mu   sync.Mutex
	l    net.Listener
	wg   sync.WaitGroup
}

func (s *socket) dsn() string { return "tcp:" + s.addr + "?" }

func (s *socket) plug() error {
	addr := s.addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	var l net.Listener
	var err error
	for range 50 { // another program may have the port for a moment
		if l, err = net.Listen("tcp", addr); !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addr, s.l = l.Addr().String(), l
	s.wg.Go(func() { s.serve(l) })
	return nil
}

func (s *socket) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		if t, ok := c.(*net.TCPConn); ok { // a small printer, which resets when its cable is pulled
			_ = t.SetReadBuffer(2048)
			_ = t.SetLinger(0)
		}
		k := newLink(c)
		s.p.plug(k)
		s.mu.Lock()
		gone := s.l != l
		s.mu.Unlock()
		if gone {
			s.p.detach()
		}
		s.p.attach(k)
	}
}

func (s *socket) unplug() {
	s.mu.Lock()
	l := s.l
	s.l = nil
	s.mu.Unlock()
	if l != nil {
		_ = l.Close()
	}
	s.p.detach()
}
