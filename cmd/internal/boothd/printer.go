package boothd

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"syscall"
	"time"

	"redstation/hardware/printer"
	"redstation/kiosk"
)

// mistyped reports whether a device's name is wrong in a way that only a person can
// mend. What the operating system refuses (a folder on a stick that is not in yet,
// a missing right) may be mended while the booth serves.
func mistyped(err error) bool {
	_, refused := errors.AsType[syscall.Errno](err)
	return kiosk.CodeOf(err) == kiosk.CodeInvalid && !refused
}

// lazyPrinter is a printer that may not be there yet: it is offline until it can be
// opened, and is tried again while the booth serves. Pictures of slips come from
// the same encoder as the paper, so they are made without a device too.
type lazyPrinter struct {
	dsn  string
	log  *slog.Logger
	none *printer.Printer // draws while there is no other

	mu     sync.Mutex
	opened *printer.Printer
	tried  time.Time
	cause  error // why it is not open
}

var (
	_ kiosk.Printer = (*lazyPrinter)(nil)
	_ kiosk.Preview = (*lazyPrinter)(nil)
)

// openPrinter opens the printer or leaves it for later. The error comes only for a
// DSN that no trying again can mend.
func openPrinter(dsn string, log *slog.Logger) (*lazyPrinter, error) {
	none, err := printer.Open("none:", printer.Opts{})
	if err != nil {
		return nil, err
	}
	p := &lazyPrinter{dsn: dsn, log: log, none: none}
	if err := p.open(); mistyped(err) {
		return nil, err
	} else if err != nil {
		log.Warn("printer not opened", slog.Any("err", err))
	}
	return p, nil
}

func (p *lazyPrinter) open() error {
	p.tried = time.Now()
	opened, err := printer.Open(p.dsn, printer.Opts{}) // kiosk.Booth logs its states
	if err == nil {
		p.opened = opened
	}
	p.cause = err
	return err
}

// device returns the printer, which it tries to open where that was not possible
// before; false while it is not there.
func (p *lazyPrinter) device() (*printer.Printer, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.opened == nil && time.Since(p.tried) >= reopenAfter {
		if err := p.open(); err == nil {
			p.log.Info("printer opened")
		}
	}
	if p.opened == nil {
		return p.none, false
	}
	return p.opened, true
}

// Print implements kiosk.Printer.
func (p *lazyPrinter) Print(ctx context.Context, r kiosk.Receipt) error {
	d, ok := p.device()
	if !ok {
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.no_printer", "printer is not there")
	}
	return d.Print(ctx, r)
}

// State implements kiosk.Printer.
func (p *lazyPrinter) State(ctx context.Context) kiosk.PrinterState {
	d, ok := p.device()
	if !ok {
		return kiosk.PrinterOffline
	}
	return d.State(ctx)
}

// inspect returns the printer as staff see it. state is what it last said of itself.
func (p *lazyPrinter) inspect(state kiosk.PrinterState) kiosk.Device {
	if isNone(p.dsn) {
		return kiosk.DeviceWithout(kiosk.DevicePrinter)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return state.Device(p.dsn, line(p.cause))
}

// line returns an error's one line, "" for nil.
func line(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Preview implements kiosk.Preview.
func (p *lazyPrinter) Preview(r kiosk.Receipt) ([]byte, error) {
	d, _ := p.device()
	return d.Preview(r)
}

// Length implements kiosk.Preview.
func (p *lazyPrinter) Length(r kiosk.Receipt) (int, error) {
	d, _ := p.device()
	return d.Length(r)
}

// roll returns how much paper is on a new roll, mm.
func (p *lazyPrinter) roll() int {
	d, _ := p.device()
	return d.Roll()
}

// sim returns the controls of a simulated printer, or nil.
func (p *lazyPrinter) sim() *printer.Sim {
	d, _ := p.device()
	return d.Sim()
}

// Close releases the printer.
func (p *lazyPrinter) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.opened == nil {
		return nil
	}
	return p.opened.Close()
}
