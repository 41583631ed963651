package boothd

import (
	"context"
	"fmt"
	"sync"
	"time"

	"redstation/cmd/internal/daemon"
	"redstation/kiosk"
)

// health is what the watchdog asks: does the book answer, does a page that is asked
// for now come, and does the printer's loop go round? A booth that cannot do one of
// these looks well from outside and helps nobody until it is started anew.
func (b *Booth) health(ctx context.Context) error {
	if _, err := b.book.ServiceDay(ctx); err != nil {
		return fmt.Errorf("the book does not answer: %w", err)
	}
	if _, err := daemon.Probe(ctx, daemon.Near(b.listener.Addr())+"/readyz"); err != nil {
		return fmt.Errorf("the screen does not answer: %w", err)
	}
	return b.pulse.check()
}

// The longest legal times of the printer's loop. A printer that takes no bytes is
// no reason to start anew: its driver gives up long before. What these catch is a
// call into the kernel that never comes back, and a loop that ended.
const (
	idleLimit  = time.Minute      // from one question for the printer's state to the next, and for its answer
	printLimit = 10 * time.Minute // for one receipt: a metre and a half of pictures at 9600 baud
)

// pulse is the printer as its loop sees it: the loop asks for the state all the time,
// also while a receipt is printed, so that the two are timed apart.
type pulse struct {
	kiosk.Printer

	mu    sync.Mutex
	asked time.Time // when the state was asked for or came
	print time.Time // when the receipt that is being printed began; zero: none
}

var _ kiosk.Printer = (*pulse)(nil)

func newPulse(p kiosk.Printer) *pulse { return &pulse{Printer: p, asked: time.Now()} }

// begin says that the loop starts now.
func (p *pulse) begin() { p.beat() }

func (p *pulse) beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = time.Now()
}

func (p *pulse) printing(since time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.print = since
}

// Print implements kiosk.Printer.
func (p *pulse) Print(ctx context.Context, r kiosk.Receipt) error {
	p.printing(time.Now())
	defer p.printing(time.Time{})
	return p.Printer.Print(ctx, r)
}

// State implements kiosk.Printer.
func (p *pulse) State(ctx context.Context) kiosk.PrinterState {
	p.beat()
	defer p.beat()
	return p.Printer.State(ctx)
}

// check says whether the loop has been silent for longer than it may.
func (p *pulse) check() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if silent := time.Since(p.asked); silent > idleLimit {
		return fmt.Errorf("the printer's loop has been silent for %s, at most %s is legal", silent.Round(time.Second), idleLimit)
	}
	if took := time.Since(p.print); !p.print.IsZero() && took > printLimit {
		return fmt.Errorf("a receipt has been at the printer for %s, at most %s is legal", took.Round(time.Second), printLimit)
	}
	return nil
}

// bookFailure ends the booth when the book can no longer promise anything.
func (b *Booth) bookFailure(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-b.book.Failed():
		return fmt.Errorf("%w: the book can no longer be trusted; the program ends, to be started again: %w", daemon.ErrStorage, err)
	}
}
