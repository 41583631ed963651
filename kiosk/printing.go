package kiosk

import (
	"context"
	"errors"
	"sync"
	"time"
)

// RunPrinter prints what is queued until ctx ends, by the spool's rules, and notes
// the printer's state in the book when it changes, also while a job is under way.
// It never returns an error for the printer's sake.
func (b *Booth) RunPrinter(ctx context.Context, p Printer) error {
	b.look(ctx, p)
	ctx, stop := context.WithCancel(ctx)
	watched := make(chan error, 1)
	go func() {
		defer stop()
		watched <- b.watchPrinter(ctx, p)
	}()
	err := b.printAll(ctx, p)
	stop()
	return errors.Join(err, <-watched)
}

// giveUpEvery is how often, in polls, the slips that will get no turn are settled.
// Each time is a commit that the next resident may have to wait for.
const giveUpEvery = 5

// watchPrinter notes how the printer is, and settles the slips that will get no
// turn: those whose time is over, and those that found the queue full.
func (b *Booth) watchPrinter(ctx context.Context, p Printer) error {
	tick := time.NewTicker(b.spool.Poll)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		b.look(ctx, p)
		if n%giveUpEvery > 0 {
			continue
		}
		if err := b.giveUp(ctx, b.spool.late(b.clock.Read().Since)); err != nil {
			return err
		}
	}
}

// giveUp settles slips of which nothing was sent. They share a commit: a resident
// who files something meanwhile does not wait for forty.
func (b *Booth) giveUp(ctx context.Context, ids []ID) error {
	errs := make([]error, len(ids))
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() { errs[i] = b.settle(ctx, id, SlipFailed, 0) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// look asks the printer how it is and notes it.
func (b *Booth) look(ctx context.Context, p Printer) PrinterState {
	b.spool.looking.Lock()
	defer b.spool.looking.Unlock()
	s := p.State(ctx)
	if s != PrinterOffline {
		b.spool.seen.Store(true)
	}
	b.notePrinter(ctx, s)
	return s
}

// printAll prints slip after slip.
func (b *Booth) printAll(ctx context.Context, p Printer) error {
	for {
		id, ok := b.spool.first()
		if !ok {
			select {
			case <-ctx.Done():
				return nil
			case <-b.spool.wake:
			}
			continue
		}
		j := job{slip: id, over: SlipFailed}
		ended := b.callLate()
		state, err := b.printSlip(ctx, p, &j)
		ended()
		if err != nil || state == SlipQueued {
			return err
		}
		if err := b.settle(ctx, id, state, j.used); err != nil {
			return err
		}
		b.spool.pop()
	}
}

// callLate tells the screens when a job takes longer than a paper does, until the
// returned function is called.
func (b *Booth) callLate() (ended func()) {
	told := make(chan struct{})
	late := time.AfterFunc(b.spool.Stall, func() {
		b.change(func(st *Status) { st.Stalled = true })
		close(told)
	})
	return func() {
		if !late.Stop() {
			<-told
			b.change(func(st *Status) { st.Stalled = false })
		}
	}
}

// job is a slip at the printer.
type job struct {
	slip    ID
	used    int          // paper that it took, mm
	stopped PrinterState // what stopped it in its middle; "" when it may go on
	over    SlipState    // the outcome where its time is over
}

// printSlip brings a slip to its end and returns the outcome, or SlipQueued where
// ctx ended first: the next start settles it.
func (b *Booth) printSlip(ctx context.Context, p Printer, j *job) (SlipState, error) {
	for {
		state, err := b.try(ctx, p, j)
		if err != nil || state != SlipQueued {
			return state, err
		}
		select {
		case <-ctx.Done():
			return SlipQueued, nil
		case <-time.After(b.spool.Poll / 4):
		}
	}
}

// try prints a slip if it can be printed now. It returns SlipQueued where the slip
// has to wait.
func (b *Booth) try(ctx context.Context, p Printer, j *job) (SlipState, error) {
	r, ok := b.spool.body(j.slip, b.clock.Read().Since)
	if !ok {
		return j.over, nil
	}
	if j.stopped != "" {
		if !b.look(ctx, p).Prints() {
			return SlipQueued, nil
		}
		if ok, err := b.onceMore(ctx, j); err != nil || !ok {
			return SlipUnknown, err
		}
		r, _ = b.spool.body(j.slip, b.clock.Read().Since)
	}
	err := p.Print(ctx, r)
	if err == nil {
		j.used += b.length(r)
		return SlipDone, nil
	}
	b.look(ctx, p)
	if CodeOf(err) == CodeUnavailable || ctx.Err() != nil {
		return SlipQueued, nil
	}
	b.log.WarnContext(ctx, "print broke off", "err", err)
	j.used += b.length(r) // rather too much than too little
	why, known := errors.AsType[*PrintStopped](err)
	if !known || why.State.Prints() {
		return SlipUnknown, nil
	}
	return b.broken(ctx, j, why.State)
}

// broken notes that a job stopped in its middle. It returns SlipQueued where the
// slip waits to be printed once more, SlipUnknown where that was done too often.
func (b *Booth) broken(ctx context.Context, j *job, why PrinterState) (SlipState, error) {
	slip, err := b.book.Slip(ctx, j.slip)
	if err != nil || slip.Reprints >= maxReprints {
		return SlipUnknown, err
	}
	j.over, j.stopped = SlipUnknown, why
	b.spool.extend(j.slip, b.clock.Read().Since)
	return SlipQueued, nil
}

// onceMore makes the marked paper of a job that stopped in its middle, false where
// there can be none.
func (b *Booth) onceMore(ctx context.Context, j *job) (bool, error) {
	slip, err := b.book.Slip(ctx, j.slip)
	if err != nil {
		return false, err
	}
	again, err := b.reissue(ctx, slip, j.stopped)
	switch CodeOf(err) {
	case "":
		j.stopped = ""
		b.showSlip(again)
		return true, nil
	case CodeNotFound: // its service is no longer offered
		return false, nil
	}
	return false, err
}

// settle writes the outcome of a print job that took so much paper, mm.
func (b *Booth) settle(ctx context.Context, id ID, state SlipState, used int) error {
	ctx = context.WithoutCancel(ctx) // what is known of a paper is kept
	d, err := b.draft(KindSlipPrinted, b.clock.Read(), struct {
		Slip  ID        `json:"slip"`
		State SlipState `json:"state"`
	}{id, state})
	if err != nil {
		return err
	}
	if used > 0 {
		b.paper.mu.Lock()
		defer b.paper.mu.Unlock()
	}
	slip, err := b.book.SettleSlip(ctx, id, state, used, d)
	if err != nil {
		return err
	}
	b.showSlip(slip)
	return b.useRoll(ctx, used)
}

// notePrinter writes the printer's state into the book when it changed.
func (b *Booth) notePrinter(ctx context.Context, s PrinterState) {
	if ctx.Err() != nil {
		return
	}
	var was PrinterState
	b.change(func(st *Status) { was, st.Printer = st.Printer, s })
	if was == s {
		return
	}
	b.log.InfoContext(ctx, "printer state changed", "state", s)
	if err := b.noteState(ctx, was, s); err != nil && ctx.Err() == nil {
		b.log.ErrorContext(ctx, "printer state not noted", "err", err)
	}
}
