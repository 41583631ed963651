package kiosk

import (
	"context"
	"time"
)

// Uplink is what the booth knows of its line to the city.
type Uplink struct {
	Known  bool // false until the first attempt has ended
	Up     bool
	Behind int64     // records that are not acknowledged
	Oldest time.Time // wall clock of the oldest of them; zero if none
}

// Intake is what the booth knows of the city's feeds.
type Intake struct {
	At      time.Time // last contact at which it had all that the city has, by the hub's clock; zero = none since the start
	Pack    string    // version of the city's content pack that is offered; "" = the city sent none
	Refused bool      // the city's last pack cannot be offered here: the one before stays
}

// Status is what the screens show without being asked.
type Status struct {
	Uplink    Uplink
	Intake    Intake
	Printer   PrinterState
	Door      DoorEvent // the last one; "" before the first
	DoorCount uint64    // how many door events since the start, so that a screen sees each
	ScanCount uint64    // how many scans since the start; what they said is in Booth.Scans only
	ScanChars int       // of the last
	DoorFault DoorEvent // why its line is dead; "" where it is not
	Notices   string    // changes when what the city has to say does; "" = nothing
	Urgent    string    // ids of the emergency notices among them
	Help      ID        // the call for help that is open; zero = none
	Slip      ID        // the slip whose state changed last
	SlipState SlipState
	// SlipReprints tells its papers apart: a picture of an earlier one shows a code
	// that is void.
	SlipReprints int
	Storage      Storage // of the book's disk; "" until it was looked at
	Calls        uint64  // tickets drawn and called since the start, so that a screen sees each
	Assets       uint64  // how often the city told of this booth's things since the start
	Stalled      bool    // the job at the printer takes longer than a paper does
}

// Status returns the present state.
func (b *Booth) Status() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

// Watch returns a channel that carries the status now and after each change. Slow
// readers miss intermediate states, never the last. It is closed when ctx ends.
func (b *Booth) Watch(ctx context.Context) <-chan Status {
	ch := make(chan Status, 1)
	b.mu.Lock()
	ch <- b.status
	b.watchers[ch] = struct{}{}
	b.mu.Unlock()
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, ch)
		close(ch)
	})
	return ch
}

// change applies f to the status and tells the watchers.
func (b *Booth) change(f func(*Status)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.status
	f(&b.status)
	if b.status == before {
		return
	}
	for ch := range b.watchers {
		select {
		case <-ch: // make room: only the last state counts
		default:
		}
		ch <- b.status
	}
}

// NoteUplink tells the screens how the line to the city is.
func (b *Booth) NoteUplink(u Uplink) { b.change(func(s *Status) { s.Uplink = u }) }

// NoteIntake tells the screens how far the booth has what the city says.
func (b *Booth) NoteIntake(f func(*Intake)) { b.change(func(s *Status) { f(&s.Intake) }) }
