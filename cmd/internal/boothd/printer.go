package boothd

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"redstation/hardware/printer"
	"redstation/kiosk"
)

// printerAfter is how long a printer that could not be opened is left alone: its
// state is asked every two seconds anyway, and somebody may stand there with a cable.
const printerAfter = 2 * time.Second

// mistyped reports whether a device's name is wrong in a way that only a person can
// mend. What the operating system refuses (a folder on a stick that is not in yet,
// a missing right) may be mended while the booth serves.
func mistyped(err error) bool {
	_, refused := errors.AsType[syscall.Errno](err)
	return kiosk.CodeOf(err) == kiosk.CodeInvalid && !refused
}

// lazyPrinter is a printer that may not be there yet: it is offline until it can be
// opened, and is tried again while the booth serves. Pictures of slips come from
// the same encoder as the paper, so they are made without the device, and never wait
// for it. A device that goes away later is opened again by package printer itself;
// what is wrong with it is logged here, once.
type lazyPrinter struct {
	dsn     string
	log     *slog.Logger
	drawing *printer.Printer // what it would print
	opened  atomic.Pointer[printer.Printer]

	trouble atomic.Pointer[string] // why it is not open, one line; nil = nothing was wrong yet

	mu    sync.Mutex // held by who opens it
	tried time.Time
}

var (
	_ kiosk.Printer = (*lazyPrinter)(nil)
	_ kiosk.Preview = (*lazyPrinter)(nil)
)

// openPrinter opens the printer or leaves it for later. The error comes only for a
// DSN that no trying again can mend.
func openPrinter(dsn string, log *slog.Logger) (*lazyPrinter, error) {
	drawing, err := printer.Drawing(dsn)
	if err != nil {
		return nil, err
	}
	p := &lazyPrinter{dsn: dsn, log: log, drawing: drawing}
	if err := p.open(); mistyped(err) {
		return nil, err
	} else if err != nil {
		p.tell(err, "")
	}
	return p, nil
}

func (p *lazyPrinter) open() error {
	p.tried = time.Now()
	opened, err := printer.Open(p.dsn, printer.Opts{}) // kiosk.Booth logs its states
	if err == nil {
		p.opened.Store(opened)
	}
	return err
}

// device returns the printer, which it tries to open where that was not possible
// before; nil while it is not there, or while somebody else is opening it.
func (p *lazyPrinter) device() *printer.Printer {
	if p.opened.Load() == nil && p.mu.TryLock() {
		defer p.mu.Unlock()
		if p.opened.Load() == nil && time.Since(p.tried) >= printerAfter {
			err := p.open()
			if d := p.opened.Load(); d != nil {
				p.tell(nil, d.Describe())
			} else {
				p.tell(err, "")
			}
		}
	}
	return p.opened.Load()
}

// tell logs what is wrong with the printer when that changes. what is the printer's
// own name for itself.
func (p *lazyPrinter) tell(err error, what string) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	told := p.trouble.Swap(&text)
	switch {
	case told != nil && text == *told, told == nil && text == "":
	case err != nil:
		p.log.Warn("printer not opened", slog.Any("err", err))
	default:
		p.log.Info("printer opened", slog.String("printer", what))
	}
}

// Print implements kiosk.Printer.
func (p *lazyPrinter) Print(ctx context.Context, r kiosk.Receipt) error {
	d := p.device()
	if d == nil {
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.no_printer", "printer is not there")
	}
	return d.Print(ctx, r)
}

// State implements kiosk.Printer.
func (p *lazyPrinter) State(ctx context.Context) kiosk.PrinterState {
	d := p.device()
	if d == nil {
		return kiosk.PrinterOffline
	}
	s := d.State(ctx)
	if p.mu.TryLock() { // somebody else tells it otherwise
		defer p.mu.Unlock()
		p.tell(d.Err(), d.Describe())
	}
	return s
}

// inspect returns the printer as staff see it, without asking it. state is what it
// last said of itself.
func (p *lazyPrinter) inspect(state kiosk.PrinterState) kiosk.Device {
	if isNone(p.dsn) {
		return kiosk.DeviceWithout(kiosk.DevicePrinter)
	}
	trouble := ""
	if told := p.trouble.Load(); told != nil {
		trouble = *told
	}
	return state.Device(p.dsn, trouble)
}

// Preview implements kiosk.Preview.
func (p *lazyPrinter) Preview(r kiosk.Receipt) ([]byte, error) { return p.drawing.Preview(r) }

// Length implements kiosk.Preview.
func (p *lazyPrinter) Length(r kiosk.Receipt) (int, error) { return p.drawing.Length(r) }

// roll returns how much paper is on a new roll, mm.
func (p *lazyPrinter) roll() int { return p.drawing.Roll() }

// sim returns the controls of a simulated printer, or nil.
func (p *lazyPrinter) sim() *printer.Sim {
	if d := p.opened.Load(); d != nil {
		return d.Sim()
	}
	return nil
}

// Close releases the printer.
func (p *lazyPrinter) Close() error {
	if d := p.opened.Load(); d != nil {
		return d.Close()
	}
	return nil
}
