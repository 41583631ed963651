package tty

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"syscall"
	"time"

	"periph.io/x/conn/v3"
)

// ErrGone is the error of a port whose device was unplugged. The port has to be
// closed, and may be opened again when the device is back.
var ErrGone = errors.New("the device went away; is its cable in?")

// slack is what a transfer may take beyond its time on the wire.
const slack = time.Second

// Conn is a connected port: a conn.Conn, and a byte stream with deadlines. One
// goroutine may read while another writes.
type Conn struct {
	port *Port
	mode mode

	tx      sync.Mutex // one transaction at a time
	writing sync.Mutex // one write with its deadline at a time

	mu    sync.Mutex
	read  time.Time // deadlines set from outside; zero: none
	write time.Time
}

var (
	_ conn.Conn          = (*Conn)(nil)
	_ io.ReadWriteCloser = (*Conn)(nil)
)

// String implements conn.Conn: path and baud rate.
func (c *Conn) String() string { return fmt.Sprintf("%s@%d", c.port.path, c.mode.baud) }

// Duplex implements conn.Conn. A UART could send and receive at a time, but a
// conn.Full connection must receive as many bytes as it sends, which no device on a
// serial line does; so a transaction writes, then reads.
func (c *Conn) Duplex() conn.Duplex { return conn.Half }

// Tx implements conn.Conn: it writes w, then reads until r is full. Each of the two
// may take twice its time on the wire and a second more, whatever the deadlines are;
// a device that is slower gives os.ErrDeadlineExceeded. What had been received
// before is read first: see Flush.
func (c *Conn) Tx(w, r []byte) error {
	c.tx.Lock()
	defer c.tx.Unlock()
	if len(w) > 0 {
		if _, err := c.writeBy(w, c.budget(len(w))); err != nil {
			return err
		}
	}
	if len(r) == 0 {
		return nil
	}
	if err := c.port.file.SetReadDeadline(c.budget(len(r))); err != nil {
		return err
	}
	defer c.restoreRead()
	if n, err := io.ReadFull(c, r); err != nil {
		return fmt.Errorf("got %d of %d bytes: %w", n, len(r), err)
	}
	return nil
}

// Read implements io.Reader. It waits for at least one byte until the read deadline,
// for ever where none is set; then the error is os.ErrDeadlineExceeded. It never
// returns io.EOF: a device that was unplugged gives ErrGone.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.port.file.Read(b)
	if errors.Is(err, io.EOF) { // the kernel's answer after a hang-up
		err = &fs.PathError{Op: "read", Path: c.port.path, Err: ErrGone}
	}
	return n, gone(err)
}

// Write implements io.Writer. It returns when all is in the kernel's queue (see
// Drain). Where the other side stops the flow it waits until the write deadline, and
// where none is set for twice the time on the wire and a second more; then n is what
// was taken, and the error os.ErrDeadlineExceeded.
func (c *Conn) Write(b []byte) (n int, err error) {
	c.mu.Lock()
	by := c.write
	c.mu.Unlock()
	if by.IsZero() {
		by = c.budget(len(b))
	}
	return c.writeBy(b, by)
}

// SetReadDeadline sets when reads give up, also one that waits now; zero is never.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = t
	return c.port.file.SetReadDeadline(t)
}

// SetWriteDeadline sets when writes give up, also one that waits now. Zero leaves it
// to each write, which then has time enough for a device that does not stop the flow.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.write = t
	return c.port.file.SetWriteDeadline(t)
}

// Drain waits until all that was written has left the port, or ctx ends; then the
// error says how much is left. The kernel's own call for it (TCSBRK) cannot be
// interrupted, so its queue is asked again and again. A pseudo-terminal always says
// that nothing is queued, even where nobody has read.
func (c *Conn) Drain(ctx context.Context) error {
	if err := drain(ctx, c.mode, func() (int, error) { return queued(c.port.raw) }); err != nil {
		return fmt.Errorf("drain %s: %w", c.port.path, gone(err))
	}
	return nil
}

// Flush throws away what is queued in both directions: received and not read, written
// and not sent.
func (c *Conn) Flush() error {
	if err := discard(c.port.raw); err != nil {
		return fmt.Errorf("flush %s: %w", c.port.path, gone(err))
	}
	return nil
}

// Close closes the port, like Port.Close.
func (c *Conn) Close() error { return c.port.Close() }

// budget returns when a transfer of n bytes has had its time.
func (c *Conn) budget(n int) time.Time { return time.Now().Add(2*c.mode.wire(n) + slack) }

// writeBy writes with a deadline of its own, and then puts back the one that was set
// from outside.
func (c *Conn) writeBy(b []byte, by time.Time) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.port.file.SetWriteDeadline(by); err != nil {
		return 0, err
	}
	defer c.restoreWrite()
	n, err := c.port.file.Write(b)
	return n, gone(err)
}

// The errors of putting a deadline back are those of a closed file; what is read or
// written next says the same.

func (c *Conn) restoreRead() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.port.file.SetReadDeadline(c.read)
}

func (c *Conn) restoreWrite() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.port.file.SetWriteDeadline(c.write)
}

// gone adds ErrGone to what the kernel says of a device that was unplugged.
func gone(err error) error {
	for _, e := range []syscall.Errno{syscall.EIO, syscall.ENODEV, syscall.ENXIO} {
		if errors.Is(err, e) {
			return fmt.Errorf("%w (%w)", err, ErrGone)
		}
	}
	return err
}

// drain asks queued until it is 0.
func drain(ctx context.Context, m mode, queued func() (int, error)) error {
	for {
		n, err := queued()
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d bytes are still queued: %w", n, context.Cause(ctx))
		case <-time.After(min(max(m.wire(n), time.Millisecond), 50*time.Millisecond)):
		}
	}
}
