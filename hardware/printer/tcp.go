package printer

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"
)

// dialTime is how long a printer in the network has to pick up. It is short, because
// somebody waits for the printer's state; the next try comes soon.
const dialTime = 800 * time.Millisecond

// tcpCable is a printer in the network: its raw port, mostly 9100. Such a printer
// serves one client at a time and lets others wait, so the connection is kept.
func tcpCable(addr string) cable {
	name := "tcp:" + addr
	return cable{name: name, held: true, open: func(ctx context.Context) (link, error) {
		d := net.Dialer{Timeout: dialTime, KeepAliveConfig: net.KeepAliveConfig{
			Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}
		c, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			return nil, absent(name, reason(err), "is it switched on and in this network, and is that its address and port (9100 on most)?")
		}
		t, ok := c.(*net.TCPConn)
		if !ok {
			return nil, errors.Join(absent(name, net.UnknownNetworkError(c.RemoteAddr().Network()), ""), c.Close())
		}
		// A small queue, so that a job which is stopped has not gone out long before.
		if err := errors.Join(t.SetWriteBuffer(8<<10), t.SetNoDelay(true)); err != nil {
			return nil, errors.Join(absent(name, reason(err), ""), c.Close())
		}
		return socket{t, name}, nil
	}}
}

// reason returns what is wrong without the address, which is named already.
func reason(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return errors.New(dns.Err)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

// socket is an open connection.
type socket struct {
	*net.TCPConn
	name string
}

func (s socket) String() string { return s.name }

// Drain waits until the printer has taken all that was written.
func (s socket) Drain(ctx context.Context) error {
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if n, err := unacknowledged(raw); err != nil || n == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// Abort closes the connection without sending what is queued.
func (s socket) Abort() error { return errors.Join(s.SetLinger(0), s.Close()) }
