package boothd

import (
	"context"
	"errors"
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

// pulse is the printer as its loop sees it; it notes when the loop last called and
// what it is waiting for.
type pulse struct {
	kiosk.Printer

	mu    sync.Mutex
	since time.Time     // of what the loop does now
	limit time.Duration // for what it does now
}

var _ kiosk.Printer = (*pulse)(nil)

func newPulse(p kiosk.Printer) *pulse { return &pulse{Printer: p, since: time.Now(), limit: idleLimit} }

// begin says that the loop starts now.
func (p *pulse) begin() { p.beat(idleLimit) }

// beat says that the loop begins something that may take so long.
func (p *pulse) beat(limit time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since, p.limit = time.Now(), limit
}

// Print implements kiosk.Printer.
func (p *pulse) Print(ctx context.Context, r kiosk.Receipt) error {
	p.beat(printLimit)
	defer p.beat(idleLimit)
	return p.Printer.Print(ctx, r)
}

// State implements kiosk.Printer.
func (p *pulse) State(ctx context.Context) kiosk.PrinterState {
	p.beat(idleLimit)
	defer p.beat(idleLimit)
	return p.Printer.State(ctx)
}

// check says whether the loop has been silent for longer than it may.
func (p *pulse) check() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if silent := time.Since(p.since); silent > p.limit {
		return fmt.Errorf("the printer's loop has been silent for %s, at most %s is legal", silent.Round(time.Second), p.limit)
	}
	return nil
}

// bookFailure ends the booth when the book can no longer promise anything.
func (b *Booth) bookFailure(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-b.book.Failed():
		return errors.Join(errors.New("the book can no longer be written; the program ends, to be started again"), err)
	}
}
