package kiosk

import (
	"context"
	"sync"
)

// The roll of paper in the printer. The booth counts what it prints, so that the
// city sends a new roll before the last one ends, also where the printer has no
// sensor for that.

// rollLength is the paper on a full roll, mm. A roll for 80 mm printers is 80 mm
// across and is sold as 80 m.
const rollLength = 80_000

// Near says how it is known that a roll nears its end.
type Near string

// The ways.
const (
	NearCounted Near = "counted" // nine tenths of it were printed: many rolls are shorter than they say
	NearSensed  Near = "sensed"  // the printer says so
)

// Roll is the paper in the printer.
type Roll struct {
	Printed int  // since it was put in, mm
	Near    Near // "" while it is far from its end
	Out     bool // the printer said that there is no paper: what it prints next is a new roll
}

// paper is the roll in memory; the book has the same.
type paper struct {
	mu   sync.Mutex
	roll Roll
	full int // mm
}

// Paper returns the roll in the printer, and about how much is left of it, mm: what
// was not yet printed of a full one, and a tenth at most where the printer says
// that it nears its end.
func (b *Booth) Paper() (r Roll, left int) {
	b.paper.mu.Lock()
	defer b.paper.mu.Unlock()
	r, left = b.paper.roll, max(0, b.paper.full-b.paper.roll.Printed)
	switch {
	case r.Out:
		left = 0
	case r.Near == NearSensed:
		left = min(left, b.paper.full/10)
	}
	return r, left
}

func (b *Booth) loadRoll(ctx context.Context) error {
	r, err := b.book.Roll(ctx)
	if err != nil {
		return err
	}
	b.paper.mu.Lock()
	defer b.paper.mu.Unlock()
	b.paper.roll = r
	return nil
}

// length returns how much paper a receipt takes, mm; 0 where nobody can tell.
func (b *Booth) length(r Receipt) int {
	if b.preview == nil {
		return 0
	}
	mm, err := b.preview.Length(r)
	if err != nil {
		b.log.Warn("paper not measured", "err", err)
		return 0
	}
	return mm
}

// useRoll counts paper that the book has counted, and tells the city where the roll
// nears its end by it; the lock is held unless used is 0.
func (b *Booth) useRoll(ctx context.Context, used int) error {
	if used == 0 {
		return nil
	}
	b.paper.roll.Printed += used
	next := b.paper.roll
	if next.Near != "" || next.Printed < b.paper.full/10*9 {
		return nil
	}
	next.Near = NearCounted
	return b.noteRoll(ctx, next, "near_end")
}

// noteState writes a change of the printer's state, and what it says about the roll.
func (b *Booth) noteState(ctx context.Context, was, now PrinterState) error {
	b.paper.mu.Lock()
	defer b.paper.mu.Unlock()
	d, err := b.draft(KindPrinterState, b.clock.Read(), struct {
		State PrinterState `json:"state"`
	}{now})
	if err != nil {
		return err
	}
	have := b.paper.roll
	if now == PrinterNoPaper && !have.Out {
		have.Out = true
		err = b.book.NoteRoll(ctx, have, d)
		if err == nil {
			b.paper.roll = have
		}
		return err
	}
	if err := b.book.Append(ctx, d); err != nil {
		return err
	}
	if have.changed(was, now) {
		if err := b.noteRoll(ctx, Roll{}, "new_roll"); err != nil {
			return err
		}
	}
	if now == PrinterPaperLow && b.paper.roll.Near != NearSensed {
		next := b.paper.roll
		next.Near = NearSensed
		return b.noteRoll(ctx, next, "near_end")
	}
	return nil
}

// changed reports whether the printer's state says that another roll is in: there
// is paper after there was none, or plenty after the cover was open and the roll
// near its end. A sensor that wavers at the end of a roll, with nobody near it,
// says nothing.
func (r Roll) changed(was, now PrinterState) bool {
	switch now {
	case PrinterReady:
		return r.Out || r.Near == NearSensed && was == PrinterCover
	case PrinterPaperLow:
		return r.Out
	}
	return false
}

// noteRoll writes what happened to the roll; the lock is held. What it says was
// printed is of the roll that was in until then.
func (b *Booth) noteRoll(ctx context.Context, next Roll, event string) error {
	d, err := b.draft(KindPrinterPaper, b.clock.Read(), struct {
		Event   string `json:"event"`
		Near    Near   `json:"near,omitempty"`
		Printed int    `json:"printed_mm"`
	}{event, next.Near, b.paper.roll.Printed})
	if err != nil {
		return err
	}
	if err := b.book.NoteRoll(ctx, next, d); err != nil {
		return err
	}
	b.paper.roll = next
	return nil
}
