// Package printer opens the booth's receipt printer.
package printer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"redstation/kiosk"
)

// Opts are the parts of a printer that have working zero values.
type Opts struct {
	Log   *slog.Logger
	Now   func() time.Time // for the times of the simulated papers; time.Now if nil
	Speed int              // of the simulated printer, mm a second; 0 is 150
}

// Printer is an opened receipt printer. It implements kiosk.Printer and kiosk.Preview.
type Printer struct{}

// Open opens the printer that dsn names.
func Open(dsn string, o Opts) (*Printer, error) { return nil, errors.New("not there yet") }

// Print implements kiosk.Printer.
func (p *Printer) Print(ctx context.Context, r kiosk.Receipt) error { return nil }

// State implements kiosk.Printer.
func (p *Printer) State(ctx context.Context) kiosk.PrinterState { return kiosk.PrinterUnknown }

// Preview implements kiosk.Preview.
func (p *Printer) Preview(r kiosk.Receipt) ([]byte, error) { return nil, nil }

// Close releases the printer.
func (p *Printer) Close() error { return nil }

// Sim returns the controls of a simulated printer, nil for any other.
func (p *Printer) Sim() *Sim { return nil }

// Sim are the controls of a simulated printer: what a hand can do to it, and the tray.
type Sim struct{}

// Paper is one printed paper in the simulated printer's tray.
type Paper struct {
	N   int // 1 is the first since start
	At  time.Time
	PNG []byte
}

// SetPaper puts a roll in or takes it out.
func (s *Sim) SetPaper(in bool) {}

// SetPaperLow makes the roll nearly used up, or fresh again.
func (s *Sim) SetPaperLow(low bool) {}

// SetCover opens or closes the cover.
func (s *Sim) SetCover(open bool) {}

// State returns the state that the printer would tell.
func (s *Sim) State() kiosk.PrinterState { return kiosk.PrinterUnknown }

// Papers returns the last 20 papers, newest first.
func (s *Sim) Papers() []Paper { return nil }

// Watch returns a channel that gets a value after each change of state or new
// paper, coalesced, until ctx ends.
func (s *Sim) Watch(ctx context.Context) <-chan struct{} { return nil }
