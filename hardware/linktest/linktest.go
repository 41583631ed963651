// Package linktest holds what every byte link to a device has to keep, whatever the
// wire: a serial port, a USB printer, a socket. A kind of link runs the one suite in
// its tests, with a far end that stands for the device.
//
// The suite asks that all bytes pass unchanged both ways, that reads and writes give
// up at their deadlines and say how much they did, that waiting ends at Close, that a
// device which goes away is an error and not a silence, and, where the kind has it,
// that a device belongs to one program and can stop the flow.
package linktest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Link is what is tested.
type Link interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	String() string
}

// Far is the device's end of a link. To close it is to pull the plug.
type Far interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
}

// Kind is a kind of link.
type Kind struct {
	// Pair opens a link to a new device. What it opens is closed at the test's end.
	Pair func(t *testing.T) (Link, Far)
	// Again opens the device of the last Pair once more; nil where more than one
	// program may have the device.
	Again func() (Link, error)
	// Stop and Go are what the device sends to stop the flow and to let it go on; nil
	// where it cannot. They do not reach the reader.
	Stop, Go []byte
}

// patience is how long something may take that has to happen, on a busy machine.
const patience = 30 * time.Second

// much is more than any queue between the two ends holds.
const much = 16 << 20

// Run holds a kind of link to all of it.
func Run(t *testing.T, k Kind) {
	t.Run("it has a name", k.named)
	t.Run("all bytes pass unchanged both ways", k.clean)
	t.Run("a read gives up at its deadline and the link lives on", k.readDeadline)
	t.Run("a deadline set from elsewhere ends a read that waits", k.readInterrupted)
	t.Run("a write to a device that takes nothing gives up and counts honestly", k.stall)
	t.Run("close ends a read that waits", k.closed)
	t.Run("a device that goes away is an error", k.unplugged)
	if k.Again != nil {
		t.Run("a device belongs to one program", k.exclusive)
	}
	if k.Stop != nil {
		t.Run("the device stops the flow and lets it go on", k.flow)
	}
}

func (k Kind) named(t *testing.T) {
	if l, _ := k.Pair(t); l.String() == "" {
		t.Error("the link has no name")
	}
}

func (k Kind) clean(t *testing.T) {
	l, far := k.Pair(t)
	soon(t, l, far)
	t.Run("to the device", func(t *testing.T) { pass(t, far, l, everyPair()) })
	signs := slices.Concat(k.Stop, k.Go)
	data := slices.DeleteFunc(everyPair(), func(b byte) bool { return slices.Contains(signs, b) })
	t.Run("from the device", func(t *testing.T) { pass(t, l, far, data) })
}

// pass sends bytes and compares what arrives.
func pass(t *testing.T, to io.Reader, from io.Writer, want []byte) {
	t.Helper()
	sent := make(chan error, 1)
	go func() {
		_, err := from.Write(want)
		sent <- err
	}()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(to, got); err != nil {
		t.Fatalf("got %d of %d bytes: %v", n, len(want), err)
	}
	if err := <-sent; err != nil {
		t.Fatalf("write: %v", err)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("byte %d is %#02x, want %#02x", i, got[i], want[i])
		}
	}
}

// everyPair returns 64 KiB in which all 256 values stand beside many others.
func everyPair() []byte {
	b := make([]byte, 0, 1<<16)
	for step := range 256 {
		for i := range 256 {
			b = append(b, byte(i*(2*step+1)+step))
		}
	}
	return b
}

func (k Kind) readDeadline(t *testing.T) {
	l, far := k.Pair(t)
	must(t, l.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
	if n, err := l.Read(make([]byte, 8)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("got %d bytes and %v, want none and os.ErrDeadlineExceeded", n, err)
	}
	soon(t, l, far)
	send(t, far, []byte("late"))
	got := make([]byte, 4)
	if _, err := io.ReadFull(l, got); err != nil || string(got) != "late" {
		t.Errorf("got %q and %v, want what came later", got, err)
	}
}

func (k Kind) readInterrupted(t *testing.T) {
	l, _ := k.Pair(t)
	ended := waiting(l)
	must(t, l.SetReadDeadline(time.Now()))
	if err := within(t, ended); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want os.ErrDeadlineExceeded", err)
	}
}

// stall writes more than all queues hold. What was counted, and nothing else, must
// have arrived or still arrive.
func (k Kind) stall(t *testing.T) {
	l, far := k.Pair(t)
	sent := bytes.Repeat(everyPair(), much>>16)
	var n int
	var err error
	for limit := 300 * time.Millisecond; n == 0 && limit < patience; limit *= 2 { // a busy machine may not even begin
		must(t, l.SetWriteDeadline(time.Now().Add(limit)))
		if n, err = l.Write(sent); !errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
	}
	if n <= 0 || n >= len(sent) || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("got %d of %d bytes and %v, want some and os.ErrDeadlineExceeded", n, len(sent), err)
	}
	soon(t, l, far)
	end := []byte("and this is the end")
	wrote := make(chan error, 1)
	go func() {
		_, err := l.Write(end)
		wrote <- err
	}()
	got := make([]byte, n+len(end))
	if m, err := io.ReadFull(far, got); err != nil {
		t.Fatalf("%d bytes were counted, %d arrived: %v", n+len(end), m, err)
	}
	if err := <-wrote; err != nil {
		t.Fatalf("write after the stall: %v", err)
	}
	if !bytes.Equal(got[:n], sent[:n]) || !bytes.Equal(got[n:], end) {
		t.Errorf("what arrived is not what was counted: it ends %q", got[n:])
	}
}

func (k Kind) closed(t *testing.T) {
	l, _ := k.Pair(t)
	ended := waiting(l)
	must(t, l.Close())
	if err := within(t, ended); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want an error that is no deadline", err)
	}
	if _, err := l.Write([]byte("x")); err == nil {
		t.Error("a closed link took a byte")
	}
}

func (k Kind) unplugged(t *testing.T) {
	l, far := k.Pair(t)
	soon(t, l, far)
	must(t, far.Close())
	if n, err := l.Read(make([]byte, 8)); n != 0 || err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read: got %d bytes and %v, want an error that is no deadline", n, err)
	}
	for until := time.Now().Add(patience); ; { // a socket may take some bytes before it knows
		_, err := l.Write([]byte("is anybody there?"))
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("write: got %v, want an error that is no deadline", err)
			}
			return
		}
		if time.Now().After(until) {
			t.Fatal("the link goes on taking bytes")
		}
	}
}

func (k Kind) exclusive(t *testing.T) {
	l, _ := k.Pair(t)
	if second, err := k.Again(); err == nil {
		must(t, second.Close())
		t.Error("the device was opened twice")
	}
	must(t, l.Close())
	second, err := k.Again()
	if err != nil {
		t.Fatalf("open after close: %v", err)
	}
	must(t, second.Close())
}

// flow sends Stop, and writes pieces until one is not taken whole: the stop may be
// noticed late, and there is a queue before it. The device reads all the time, so
// nothing else can hold the writes up. In the end all that was counted has arrived.
func (k Kind) flow(t *testing.T) {
	l, far := k.Pair(t)
	send(t, far, k.Stop)
	arrived := reading(t, far)
	piece, total := everyPair()[:4096], 0
	for until := time.Now().Add(patience); ; {
		must(t, l.SetWriteDeadline(time.Now().Add(300*time.Millisecond)))
		n, err := l.Write(piece)
		total += n
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
		must(t, err)
		if time.Now().After(until) {
			t.Fatal("the flow did not stop")
		}
	}
	send(t, far, k.Go)
	must(t, l.SetWriteDeadline(time.Now().Add(patience)))
	send(t, l, piece)
	total += len(piece)
	for until := time.Now().Add(patience); arrived.Load() != int64(total); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%d bytes were counted, %d arrived", total, arrived.Load())
		}
	}
}

// reading takes what arrives at the far end until the test ends, and counts it.
func reading(t *testing.T, far Far) *atomic.Int64 {
	var count atomic.Int64
	var wg sync.WaitGroup
	wg.Go(func() {
		for b := make([]byte, 4096); ; {
			n, err := far.Read(b)
			count.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	t.Cleanup(func() {
		if err := far.SetReadDeadline(time.Now()); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
	return &count
}

// soon gives both ends deadlines that only a fault reaches.
func soon(t *testing.T, l Link, far Far) {
	t.Helper()
	by := time.Now().Add(patience)
	must(t, errors.Join(l.SetReadDeadline(by), l.SetWriteDeadline(by), far.SetReadDeadline(by)))
}

// waiting begins a read that has nothing to read.
func waiting(l Link) <-chan error {
	ended, begun := make(chan error, 1), make(chan struct{})
	go func() {
		close(begun)
		_, err := l.Read(make([]byte, 8))
		ended <- err
	}()
	<-begun
	return ended
}

func within(t *testing.T, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(patience):
		t.Fatal("it waits on")
		return nil
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func send(t *testing.T, to io.Writer, b []byte) {
	t.Helper()
	if n, err := to.Write(b); err != nil {
		t.Fatalf("wrote %d of %d bytes: %v", n, len(b), err)
	}
}
