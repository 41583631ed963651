package kiosk

import (
	"context"
	"fmt"
)

// PrinterState is the state of the receipt printer: a closed sum. Trouble with
// paper is a state, not an error.
type PrinterState string

// The printer states.
const (
	PrinterReady    PrinterState = "ready"
	PrinterPaperLow PrinterState = "paper_low" // it prints, and wants a new roll soon
	PrinterNoPaper  PrinterState = "no_paper"
	PrinterCover    PrinterState = "cover_open"
	PrinterError    PrinterState = "error"
	PrinterOffline  PrinterState = "offline" // not there, or not answering where it always did
	PrinterUnknown  PrinterState = "unknown" // it never says
)

// Prints reports whether paper may be expected in this state.
func (s PrinterState) Prints() bool {
	return s == PrinterReady || s == PrinterPaperLow || s == PrinterUnknown
}

// Printer puts receipts on paper, one at a time.
type Printer interface {
	// Print prints one receipt and returns when it is done as far as the printer
	// can tell. It returns an Error with CodeUnavailable when the state forbids
	// printing and nothing was sent, and any other error when the printer failed
	// after bytes had gone out (the paper may or may not have come). Where the
	// printer told what stopped it, the error wraps a *PrintStopped.
	Print(ctx context.Context, r Receipt) error
	// State asks the printer how it is. It may be called while Print runs, and does
	// not wait for the job.
	State(ctx context.Context) PrinterState
}

// PrintStopped is the cause inside an error of Print where the printer said why it
// stopped in the middle of a job, or where it was found gone: bytes had gone out,
// and part of the paper may have come. Read it with errors.AsType[*PrintStopped].
type PrintStopped struct {
	State PrinterState // what stopped it: no paper, cover open, error or offline
	Err   error        // how far it had come and what failed; may be nil
}

func (e *PrintStopped) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("print stopped: the printer's state is %s", e.State)
	}
	return fmt.Sprintf("print stopped: the printer's state is %s: %v", e.State, e.Err)
}

// Unwrap returns the cause, for errors.Is and errors.As.
func (e *PrintStopped) Unwrap() error { return e.Err }

// Preview knows how a receipt comes out before it is printed, from the very bytes
// that would be sent.
type Preview interface {
	// Preview makes the receipt's picture, a PNG.
	Preview(r Receipt) (png []byte, err error)
	// Length returns how much paper it takes, mm.
	Length(r Receipt) (mm int, err error)
}
