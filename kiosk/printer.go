package kiosk

import "context"

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
	// after bytes had gone out (the paper may or may not have come).
	Print(ctx context.Context, r Receipt) error
	// State asks the printer how it is.
	State(ctx context.Context) PrinterState
}

// Preview makes the PNG picture of a receipt from the very bytes that would be printed.
type Preview interface {
	Preview(r Receipt) (png []byte, err error)
}
