// Package printer opens the booth's receipt printer by a short name and prints
// receipts on it.
//
// A printer is named by a DSN: "file:DIR" writes every job into a folder, "sim:" is
// a simulated printer with a tray to look into, and "none:" is a booth without one.
// "?paper=58" and "?paper=80" choose the roll, 80 mm unless said otherwise. All of
// them go through the same bytes: the picture of a receipt is always made from
// what would be sent.
package printer

import (
	"context"
	"log/slog"
	"strings"
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

	job sync.Mutex // one job at a time

	mu   sync.Mutex
	last kiosk.PrinterState // as last logged
}

// device is what the bytes go to.
type device interface {
	// send prints one job, with the errors of kiosk.Printer.
	send(ctx context.Context, job []byte) error
	state(ctx context.Context) kiosk.PrinterState
	close() error
}

// Open opens the printer that dsn names. It returns an Error with CodeInvalid, whose
// text says what is accepted, for a dsn that names none, and one that says what to
// do where the printer cannot be opened.
func Open(dsn string, o Opts) (*Printer, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	scheme, rest, profile, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	p := &Printer{profile: profile, log: o.Log}
	switch scheme {
	case "file":
		p.dev, err = openFolder(rest, profile)
	case "sim":
		p.dev = newSim(profile, o)
	case "none":
		p.dev = none{}
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// accepted is the end of every complaint about a DSN.
const accepted = "use file:DIR, sim: or none:, each with ?paper=58 or ?paper=80 if you like"

// parse takes a DSN apart.
func parse(dsn string) (scheme, rest string, p escpos.Profile, err error) {
	bad := func(format string, args ...any) (string, string, escpos.Profile, error) {
		args = append([]any{dsn}, args...)
		return "", "", p, kiosk.Errorf(kiosk.CodeInvalid, "error.printer", "printer %q: "+format+"; "+accepted, args...)
	}
	p = escpos.Paper80()
	scheme, rest, ok := strings.Cut(dsn, ":")
	if !ok {
		return bad("no kind of printer is named")
	}
	rest, query, _ := strings.Cut(rest, "?")
	switch query {
	case "", "paper=80":
	case "paper=58":
		p = escpos.Paper58()
	default:
		return bad("unknown option %q", query)
	}
	switch {
	case scheme != "file" && scheme != "sim" && scheme != "none":
		return bad("unknown kind %q", scheme)
	case scheme == "file" && rest == "":
		return bad("no folder is named")
	case scheme != "file" && rest != "":
		return bad("%q takes nothing after the colon", scheme)
	}
	return scheme, rest, p, nil
}

// Print implements kiosk.Printer.
func (p *Printer) Print(ctx context.Context, r kiosk.Receipt) error {
	b, err := escpos.Encode(r, p.profile)
	if err != nil {
		return err
	}
	p.job.Lock()
	defer p.job.Unlock()
	if s := p.State(ctx); !s.Prints() {
		return refused(s)
	}
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
	p.job.Lock()
	defer p.job.Unlock()
	return p.dev.close()
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
