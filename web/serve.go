package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// closingKey is where Serve keeps the signal that streams watch.
type closingKey struct{}

// Closing returns a channel that is closed when the server begins to stop, for
// handlers that would otherwise never end. Under a server that Serve did not
// start it never closes.
func Closing(ctx context.Context) <-chan struct{} {
	ch, _ := ctx.Value(closingKey{}).(<-chan struct{})
	return ch
}

// connKey is where Serve keeps the connection.
type connKey struct{}

// Conn returns the connection that a request came on, as the listener gave it; nil
// under a server that Serve did not start.
func Conn(ctx context.Context) net.Conn {
	conn, _ := ctx.Value(connKey{}).(net.Conn)
	return conn
}

// The limits of a connection. A handler that streams lifts the write limit for
// itself (see OpenStream).
const (
	headTimeout  = 10 * time.Second
	readTimeout  = 30 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute
	stopTimeout  = 5 * time.Second
	headLimit    = 32 << 10
)

// Serve serves h on l until ctx ends. Then it takes no new connection, tells the
// streams to end, lets running requests finish (a form that is being filed is
// filed) and returns nil; what runs longer than 5 s is cut, and Serve says so.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	closing := make(chan struct{})
	base := context.WithValue(context.WithoutCancel(ctx), closingKey{}, (<-chan struct{})(closing))
	s := &http.Server{
		Handler:           h,
		BaseContext:       func(net.Listener) context.Context { return base },
		ConnContext:       func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
		ReadHeaderTimeout: headTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headLimit,
	}
	s.RegisterOnShutdown(func() { close(closing) })
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(base, stopTimeout)
	defer cancel()
	err := s.Shutdown(stop)
	if err != nil {
		err = errors.Join(fmt.Errorf("stop serving %s: %w", l.Addr(), err), s.Close())
	}
	<-served //nolint:errcheck // it says that the server was shut down
	return err
}
