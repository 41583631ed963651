package printer

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"redstation/kiosk"
)

// link is an open connection to a printer. A read or a write ends at its deadline
// with os.ErrDeadlineExceeded and the count of what it did; any other error means
// that the printer is gone.
type link interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	String() string // for people: where it goes, and what the printer calls itself
}

// drainer is a link that knows when its queue is empty. Drain waits for that until
// ctx ends.
type drainer interface {
	Drain(ctx context.Context) error
}

// aborter is a link whose Close would still send what is queued; Abort throws it away.
type aborter interface {
	Abort() error
}

// sensor is a link that can tell the printer's state beside the stream of bytes.
// It returns false where it does not know.
type sensor interface {
	sense() (kiosk.PrinterState, bool)
}

// cable is how a printer is connected.
type cable struct {
	name string // for people
	open func(context.Context) (link, error)
	// past opens the link with the flow control off, so that a printer which has
	// stopped the flow can be asked why; nil where there is none to pass by.
	past func(context.Context) (link, error)
	// baud is the speed of a serial line, whose queue is drained after each piece of
	// a job, so that a question is not stuck behind the data; 0 for others.
	baud int
	held bool // the printer can stop the flow; else time has to do it
}

// newCable returns the connection that a DSN names.
func newCable(n name) cable {
	switch n.kind {
	case "uart":
		return uartCable(n.rest, n.line)
	case "usblp":
		return lpCable(n.rest)
	}
	return tcpCable(n.rest)
}

// absent is the error of a printer that could not be opened: one line, with what to
// do about it.
func absent(name string, err error, remedy string) error {
	if remedy != "" {
		remedy = "; " + remedy
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err // the device is named already
	}
	return kiosk.Errorf(kiosk.CodeUnavailable, "error.no_printer", "printer %s: %w%s", name, err, remedy)
}

// late reports whether an error only says that the time is over.
func late(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
