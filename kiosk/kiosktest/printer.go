package kiosktest

import (
	"context"
	"sync"

	"redstation/kiosk"
)

// Printer is a printer in memory. Its state is ready unless a test sets another.
type Printer struct {
	mu       sync.Mutex
	state    kiosk.PrinterState
	broken   error
	stop     kiosk.PrinterState
	held     chan struct{}
	receipts []kiosk.Receipt
	pieces   []kiosk.Receipt
}

// Print remembers the receipt, or fails as the test said.
func (p *Printer) Print(ctx context.Context, r kiosk.Receipt) error {
	p.mu.Lock()
	held := p.held
	p.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != "" && !p.state.Prints() {
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.printer", "printer is %s", p.state)
	}
	if p.broken != nil {
		return p.broken
	}
	if p.stop != "" {
		p.pieces, p.state, p.stop = append(p.pieces, r), p.stop, ""
		return &kiosk.PrintStopped{State: p.state}
	}
	p.receipts = append(p.receipts, r)
	return nil
}

// State returns the state that was set.
func (p *Printer) State(context.Context) kiosk.PrinterState {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == "" {
		return kiosk.PrinterReady
	}
	return p.state
}

// Set puts the printer into a state; broken is what Print returns after bytes went out.
func (p *Printer) Set(s kiosk.PrinterState, broken error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state, p.broken = s, broken
}

// StopNext lets the next job stop in its middle, because the printer comes into
// the state s.
func (p *Printer) StopNext(s kiosk.PrinterState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop = s
}

// Hold lets every job hang before its first byte until the test releases it.
func (p *Printer) Hold() (release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	held := make(chan struct{})
	p.held = held
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.held = nil
		close(held)
	}
}

// Receipts returns what was printed to its end.
func (p *Printer) Receipts() []kiosk.Receipt {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]kiosk.Receipt(nil), p.receipts...)
}

// Pieces returns what stopped in its middle.
func (p *Printer) Pieces() []kiosk.Receipt {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]kiosk.Receipt(nil), p.pieces...)
}
