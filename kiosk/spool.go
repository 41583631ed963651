package kiosk

import (
	"context"
	"errors"
	"sync"
	"time"
)

// The spool. A slip's intent to print is in the book with the promise itself; its
// body (which may show a code) lives here, in memory, and goes when the program
// ends, when forty newer slips have come, or after ten minutes. The loop prints
// one slip at a time and writes the outcome into the book.
const (
	keepBodies   = 40
	keepBodyFor  = 10 * time.Minute
	waitForPaper = 2 * time.Minute // how long a slip waits for a printer that cannot print
	pollPrinter  = 2 * time.Second
)

type spool struct {
	mu     sync.Mutex
	bodies map[ID]body
	order  []ID
	jobs   chan ID
}

type body struct {
	receipt Receipt
	until   time.Duration // by the clock since boot
}

func newSpool() *spool {
	return &spool{bodies: map[ID]body{}, jobs: make(chan ID, 256)}
}

// keep stores a body. It returns false when the slip's body is here already.
func (s *spool) keep(id ID, r Receipt, until time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.bodies[id]; ok {
		return false
	}
	s.bodies[id] = body{r, until}
	s.order = append(s.order, id)
	if len(s.order) > keepBodies {
		delete(s.bodies, s.order[0])
		s.order = s.order[1:]
	}
	return true
}

func (s *spool) body(id ID, now time.Duration) (Receipt, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bodies[id]
	if !ok || now > b.until {
		return Receipt{}, false
	}
	return b.receipt, true
}

// forget drops a body, so that keep takes a new one.
func (s *spool) forget(id ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.bodies, id)
	for i, have := range s.order {
		if have == id {
			s.order = append(s.order[:i], s.order[i+1:]...)
			return
		}
	}
}

// newSlip begins a slip. Where no printer is attached, no paper is promised.
func (b *Booth) newSlip(key ID, a Action, s *Service, lang Lang, now Reading) Slip {
	slip := Slip{ID: key, Action: a, Service: s.ID, Lang: lang, At: now.Wall, AtState: now.State, State: SlipQueued}
	if b.Status().Printer == PrinterOffline {
		slip.State = SlipNone
	}
	return slip
}

// enqueue hands a new slip to the printer's loop. It never waits: where the queue
// is full, the slip is settled as failed and the number on the screen holds.
func (b *Booth) enqueue(slip Slip, r Receipt) {
	if !b.spool.keep(slip.ID, r, b.clock.Read().Since+keepBodyFor) || slip.State != SlipQueued {
		return
	}
	select {
	case b.spool.jobs <- slip.ID:
		b.change(func(st *Status) { st.Slip, st.SlipState = slip.ID, SlipQueued })
	default:
		if err := b.settle(context.Background(), slip.ID, SlipFailed); err != nil {
			b.log.Error("full spool not noted", "err", err)
		}
	}
}

// RunPrinter prints what is queued until ctx ends, and notes the printer's state
// in the book when it changes. It never returns an error for the printer's sake.
func (b *Booth) RunPrinter(ctx context.Context, p Printer) error {
	b.notePrinter(ctx, p.State(ctx))
	tick := time.NewTicker(pollPrinter)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			b.notePrinter(ctx, p.State(ctx))
		case id := <-b.spool.jobs:
			if err := b.printSlip(ctx, p, id); err != nil {
				return err
			}
		}
	}
}

// printSlip prints one slip and writes the outcome. A slip that the printer
// refuses waits for paper; one that failed after bytes had gone out is not tried
// again: its paper may have come.
func (b *Booth) printSlip(ctx context.Context, p Printer, id ID) error {
	r, ok := b.spool.body(id, b.clock.Read().Since)
	if !ok {
		return b.settle(ctx, id, SlipFailed)
	}
	deadline := b.clock.Read().Since + waitForPaper
	for {
		err := p.Print(ctx, r)
		b.notePrinter(ctx, p.State(ctx))
		switch {
		case err == nil:
			return b.settle(ctx, id, SlipDone)
		case ctx.Err() != nil:
			return nil // the next start settles it as unknown
		case CodeOf(err) != CodeUnavailable:
			b.log.WarnContext(ctx, "print broke off", "err", err)
			return b.settle(ctx, id, SlipUnknown)
		case b.clock.Read().Since > deadline:
			return b.settle(ctx, id, SlipFailed)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pollPrinter / 4):
		}
	}
}

// settle writes the outcome of a print job.
func (b *Booth) settle(ctx context.Context, id ID, state SlipState) error {
	d, err := b.draft(KindSlipPrinted, b.clock.Read(), struct {
		Slip  ID        `json:"slip"`
		State SlipState `json:"state"`
	}{id, state})
	if err != nil {
		return err
	}
	if err := b.book.SettleSlip(ctx, id, state, d); err != nil {
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	}
	b.change(func(st *Status) { st.Slip, st.SlipState = id, state })
	return nil
}

// notePrinter writes the printer's state into the book when it changed.
func (b *Booth) notePrinter(ctx context.Context, s PrinterState) {
	if ctx.Err() != nil || b.Status().Printer == s {
		return
	}
	b.change(func(st *Status) { st.Printer = s })
	b.log.InfoContext(ctx, "printer state changed", "state", s)
	if err := b.note(ctx, KindPrinterState, struct {
		State PrinterState `json:"state"`
	}{s}); err != nil && ctx.Err() == nil {
		b.log.ErrorContext(ctx, "printer state not noted", "err", err)
	}
}

// Slip returns a slip by its id. The error has CodeNotFound.
func (b *Booth) Slip(ctx context.Context, id ID) (Slip, error) { return b.book.Slip(ctx, id) }

// SlipPicture returns the PNG of the slip, made from the bytes that are printed.
// The error has CodeNotFound when its body is gone, CodeUnavailable when this
// booth makes no pictures.
func (b *Booth) SlipPicture(_ context.Context, id ID) ([]byte, error) {
	r, ok := b.spool.body(id, b.clock.Read().Since)
	if !ok {
		return nil, Errorf(CodeNotFound, "error.slip_gone", "body of slip %s is gone", id)
	}
	if b.preview == nil {
		return nil, Errorf(CodeUnavailable, "error.no_picture", "this booth makes no pictures of slips")
	}
	return b.preview.Preview(r)
}

// Reprint puts the slip on paper once more, marked as a reprint. A slip with a
// code gets a new one, and the old one is revoked. The error has CodeNotFound,
// CodeUnavailable (no printer, or three reprints were made), or CodeConflict while
// the slip is still being printed.
func (b *Booth) Reprint(ctx context.Context, id ID) (Slip, error) {
	slip, err := b.book.Slip(ctx, id)
	if err != nil {
		return Slip{}, err
	}
	s, _, ok := b.catalogue.Service(slip.Service)
	if !ok {
		return Slip{}, Errorf(CodeNotFound, "error.service", "service %q is no longer in the catalogue", slip.Service)
	}
	switch {
	case slip.State == SlipQueued:
		return Slip{}, Errorf(CodeConflict, "error.printing", "slip %s is still being printed", id)
	case b.Status().Printer == PrinterOffline:
		return Slip{}, Errorf(CodeUnavailable, "error.no_printer", "no printer is attached")
	case slip.Reprints >= maxReprints:
		return Slip{}, Errorf(CodeUnavailable, "error.reprints", "slip %s was reprinted %d times", id, slip.Reprints)
	}
	return b.reissue(ctx, slip, s)
}

const maxReprints = 3

func (b *Booth) reissue(ctx context.Context, slip Slip, s *Service) (Slip, error) {
	facts := struct {
		Slip   ID     `json:"slip"`
		Number string `json:"number,omitempty"`
		Index  *ID    `json:"index,omitempty"`
		Public []byte `json:"public,omitempty"`
	}{Slip: slip.ID, Number: slip.Number}
	var lock *Lock
	var code PaperCode
	if slip.Action == ActionRequest {
		code = NewPaperCode()
		l, err := code.Lock(slip.Number)
		if err != nil {
			return Slip{}, err
		}
		index := ID(l.Index)
		lock, facts.Index, facts.Public = &l, &index, l.Public
	}
	d, err := b.draft(KindSlipReissued, b.clock.Read(), facts)
	if err != nil {
		return Slip{}, err
	}
	again, err := b.book.ReissueSlip(ctx, slip.ID, lock, d)
	if err != nil {
		return Slip{}, err
	}
	b.spool.forget(slip.ID)
	switch again.Action {
	case ActionTicket:
		b.enqueue(again, b.ticketReceipt(s, again))
	case ActionRequest:
		b.enqueue(again, b.requestReceipt(s, again, code))
	default:
		b.enqueue(again, b.leafletReceipt(s, again))
	}
	return again, nil
}
