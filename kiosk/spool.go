package kiosk

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The spool. A slip's intent to print is in the book with the promise itself; its
// body (which may show a code) lives here, in memory, and goes when the program
// ends, when sixty newer slips have come, or when its time is over. Its rules:
//
//   - One job at a time, in the order of the promises. A job that cannot go on keeps
//     its place, and those behind it wait with it.
//   - A slip that the printer refused (nothing was sent) waits until the printer
//     prints, and then comes as if nothing had been.
//   - A slip that stopped in its middle, and the printer says why (no paper, cover
//     open, fault, gone), waits until the printer prints again. Then it is printed
//     once more by itself, marked as a reprint, where it has a code with a new one;
//     that the old one is void is in the book before the new paper begins. What
//     comes by itself counts as a reprint like one that was asked for.
//   - A slip that stopped for a reason that nobody knows is not repeated: its paper
//     may have come. It is unknown, and the resident may ask for it again.
//   - Each slip waits for Patience, from its promise or from where it stopped,
//     wherever it stands in the queue. Then it is failed where nothing of it was
//     sent, and unknown where something was. The number on the screen holds.
//   - The queue is bounded. A slip that finds it full is failed from the start: its
//     own commit says so, and a printer that hangs costs the next resident nothing.
//   - Nothing here waits for paper but the loop itself: the promise, the screens and
//     the question how the printer is go on while a job hangs.
//   - A job whose outcome is not in the book when the program ends, however it ends,
//     is unknown at the next start.
const (
	maxQueue   = 40
	keepBodies = 60
)

// SpoolOpts tunes the spool. The zero value works.
type SpoolOpts struct {
	// Patience is how long a slip waits for a printer that cannot print, and how long
	// the body of a printed one is kept for its picture; 0 = 10 minutes. A paper that
	// comes later than that finds nobody.
	Patience time.Duration
	Poll     time.Duration // how often the printer is asked how it is; 0 = 2 s
	Stall    time.Duration // when a job that has not ended is called late; 0 = 30 s
}

func (o SpoolOpts) filled() SpoolOpts {
	if o.Patience <= 0 {
		o.Patience = 10 * time.Minute
	}
	if o.Poll <= 0 {
		o.Poll = 2 * time.Second
	}
	if o.Stall <= 0 {
		o.Stall = 30 * time.Second
	}
	return o
}

type spool struct {
	SpoolOpts
	wake    chan struct{}
	looking sync.Mutex // the printer's state is asked and noted in one order
	seen    atomic.Bool

	mu     sync.Mutex
	bodies map[ID]body
	order  []ID // of bodies, oldest first
	queue  []ID // the job at work first; it leaves when it is settled
	excess []ID // found the queue full after all, and are not settled yet
}

type body struct {
	receipt Receipt
	until   time.Duration // by the clock since boot
}

func newSpool(o SpoolOpts) *spool {
	return &spool{SpoolOpts: o.filled(), bodies: map[ID]body{}, wake: make(chan struct{}, 1)}
}

// keep stores a body. It returns false when the slip's body is here already.
func (s *spool) keep(id ID, r Receipt, now time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.bodies[id]; ok {
		return false
	}
	s.put(id, r, now)
	return true
}

// swap stores a body in the place of the slip's last one.
func (s *spool) swap(id ID, r Receipt, now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(id, r, now)
}

// put begins a body's time, and drops the oldest bodies that are too many. Those of
// queued slips stay, whatever comes.
func (s *spool) put(id ID, r Receipt, now time.Duration) {
	if _, ok := s.bodies[id]; !ok {
		s.order = append(s.order, id)
	}
	s.bodies[id] = body{r, now + s.Patience}
	for len(s.order) > keepBodies {
		i := slices.IndexFunc(s.order, func(old ID) bool { return !slices.Contains(s.queue, old) })
		delete(s.bodies, s.order[i])
		s.order = slices.Delete(s.order, i, i+1)
	}
}

// extend begins a body's time anew.
func (s *spool) extend(id ID, now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.bodies[id]; ok {
		b.until = now + s.Patience
		s.bodies[id] = b
	}
}

// body returns a slip's body, false where it is gone or its time is over.
func (s *spool) body(id ID, now time.Duration) (Receipt, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bodies[id]
	if !ok || now > b.until {
		return Receipt{}, false
	}
	return b.receipt, true
}

// push queues a slip and wakes the loop.
func (s *spool) push(id ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) >= maxQueue {
		s.excess = append(s.excess, id)
		return
	}
	s.queue = append(s.queue, id)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// first returns the slip whose turn it is.
func (s *spool) first() (ID, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return ID{}, false
	}
	return s.queue[0], true
}

// pop ends the turn of the first slip.
func (s *spool) pop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = slices.Delete(s.queue, 0, 1)
}

// late takes the slips out of the queue whose time is over before their turn came,
// and returns them and those that found it full.
func (s *spool) late(now time.Duration) []ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.excess
	s.excess = nil
	for i := len(s.queue) - 1; i > 0; i-- {
		if id := s.queue[i]; now > s.bodies[id].until {
			out = append(out, id)
			s.queue = slices.Delete(s.queue, i, i+1)
		}
	}
	return out
}

// full reports whether a slip would find no place in the queue.
func (s *spool) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue) >= maxQueue
}

// newSlip begins a slip. Where no printer was there since the program began, no
// paper is promised; one that is gone for a while is waited for.
func (b *Booth) newSlip(key ID, a Action, s *Service, lang Lang, now Reading) Slip {
	slip := Slip{ID: key, Action: a, Service: s.ID, Lang: lang, At: now.Wall, AtState: now.State, State: SlipQueued}
	switch {
	case b.Status().Printer == PrinterOffline && !b.spool.seen.Load():
		slip.State = SlipNone
	case b.spool.full():
		slip.State = SlipFailed
	}
	return slip
}

// enqueue hands a new slip to the printer's loop. It never waits.
func (b *Booth) enqueue(slip Slip, r Receipt) {
	if b.spool.keep(slip.ID, r, b.clock.Read().Since) && slip.State == SlipQueued {
		b.queue(slip)
	}
}

func (b *Booth) queue(slip Slip) {
	b.showSlip(slip)
	b.spool.push(slip.ID)
}

// showSlip tells the screens how a slip is.
func (b *Booth) showSlip(s Slip) {
	b.change(func(st *Status) { st.Slip, st.SlipState, st.SlipReprints = s.ID, s.State, s.Reprints })
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
