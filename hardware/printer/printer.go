// Package printer opens the booth's receipt printer by a short name and prints
// receipts on it.
//
// A printer is named by a DSN. "uart:PORT" is a printer at a serial port (with
// ?baud=9600, flow=rtscts, xonxoff or none, and speed=MM of paper a second where
// nothing else sets the pace), "usblp:/dev/usb/lp0" one at the USB port, and
// "tcp:HOST:9100" one in the network; "?stall=10s" is how long one of these may
// accept nothing before a job is given up. "file:DIR" writes every job into a folder,
// "sim:" is a simulated printer with a tray to look into, and "none:" is a booth
// without one. All take the options of escpos.ParseProfile, such as "?paper=58", and
// all go through the same bytes: the picture of a receipt is always made from what
// would be sent.
package printer

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// Opts are the parts of a printer that have working zero values.
type Opts struct {
	Log   *slog.Logger     // changes of state; discarded if nil
	Now   func() time.Time // for the times of the simulated papers; time.Now if nil
	Speed int              // of the simulated printer, mm a second; 0 is 150
}

// Printer is an opened receipt printer. It implements kiosk.Printer and
// kiosk.Preview, and prints one job at a time.
type Printer struct {
	profile escpos.Profile
	log     *slog.Logger
	dev     device

	job chan struct{} // holds a token while a job prints: one at a time

	mu   sync.Mutex
	last kiosk.PrinterState // as last logged
}

// device is what the bytes go to.
type device interface {
	// send prints one job where the printer's state allows it, with the errors of
	// kiosk.Printer.
	send(ctx context.Context, job []byte) error
	state(ctx context.Context) kiosk.PrinterState
	close() error
}

// Open opens the printer that dsn names. It returns an Error with CodeInvalid, whose
// text says what is accepted, for a dsn that names none, and one that says what to
// do where the printer cannot be opened: with CodeUnavailable for a device that is not
// there, is busy or not permitted, and may be opened later. Once opened, a device that
// goes away is opened again by itself, at the next State or Print.
func Open(dsn string, o Opts) (*Printer, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	n, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	p := &Printer{profile: n.profile, log: o.Log, job: make(chan struct{}, 1)}
	switch n.kind {
	case "file":
		p.dev, err = openFolder(n.rest, n.profile)
	case "sim":
		p.dev = newSim(n.profile, o)
	case "none":
		p.dev = none{}
	default:
		p.dev, err = openWire(n)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Drawing returns a printer without a device that draws what the printer named by dsn
// would print: for Preview while that printer is not there. The error has CodeInvalid.
func Drawing(dsn string) (*Printer, error) {
	n, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	return &Printer{profile: n.profile, log: slog.New(slog.DiscardHandler), dev: none{}, job: make(chan struct{}, 1)}, nil
}

// Print implements kiosk.Printer.
func (p *Printer) Print(ctx context.Context, r kiosk.Receipt) error {
	b, err := escpos.Encode(r, p.profile)
	if err != nil {
		return err
	}
	select {
	case p.job <- struct{}{}:
	case <-ctx.Done():
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.printer", "print: another job took too long: %w", context.Cause(ctx))
	}
	defer func() { <-p.job }()
	return p.dev.send(ctx, b)
}

// refused is the error of a printer that did not begin.
func refused(s kiosk.PrinterState) error {
	return kiosk.Errorf(kiosk.CodeUnavailable, "error.printer", "print: the printer's state is %s", s)
}

// State implements kiosk.Printer. A change is logged.
func (p *Printer) State(ctx context.Context) kiosk.PrinterState {
	s := p.dev.state(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if s != p.last {
		p.log.Info("printer state changed", slog.String("from", string(p.last)), slog.String("to", string(s)))
		p.last = s
	}
	return s
}

// Preview implements kiosk.Preview: the picture of what the printer's bytes print.
func (p *Printer) Preview(r kiosk.Receipt) ([]byte, error) {
	job, err := escpos.Encode(r, p.profile)
	if err != nil {
		return nil, err
	}
	return picture(job, p.profile)
}

// Close releases the printer. A job that is printing is finished first.
func (p *Printer) Close() error {
	p.job <- struct{}{}
	defer func() { <-p.job }()
	return p.dev.close()
}

// Stats counts what went through a printer that is a device, since it was opened.
type Stats struct {
	Jobs    uint64 // printed to the end
	Bytes   uint64 // sent
	Garbage uint64 // bytes that came from the printer and were no answer
}

// Stats returns the counters, zero where the printer is no device.
func (p *Printer) Stats() Stats {
	if w, ok := p.dev.(*wire); ok {
		return w.count()
	}
	return Stats{}
}

// Describe returns where the printer is, and what it calls itself where it says so:
// "usblp:/dev/usb/lp0, XPrinter XP-58". It is empty where the printer is no device.
func (p *Printer) Describe() string {
	if w, ok := p.dev.(*wire); ok {
		return w.describe()
	}
	return ""
}

// Err returns why the device is not open at present, in one line that says what to
// do, and nil where it is open or the printer is none.
func (p *Printer) Err() error {
	if w, ok := p.dev.(*wire); ok {
		return w.err()
	}
	return nil
}

// Sim returns the controls of a simulated printer, nil for any other.
func (p *Printer) Sim() *Sim {
	s, _ := p.dev.(*Sim)
	return s
}

// picture draws what a job prints, as a PNG file.
func picture(job []byte, p escpos.Profile) ([]byte, error) {
	pr, err := escpos.Interpret(job, p)
	if err != nil {
		return nil, err
	}
	return pr.PNG()
}

// none is a booth without a printer.
type none struct{}

func (none) send(context.Context, []byte) error       { return refused(kiosk.PrinterOffline) }
func (none) state(context.Context) kiosk.PrinterState { return kiosk.PrinterOffline }
func (none) close() error                             { return nil }
