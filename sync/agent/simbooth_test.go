package agent_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/fleet"
	"redstation/sync/hub/hubtest"
)

// simBooth is a booth of the simulation.
type simBooth struct {
	*sim
	booth *hubtest.Booth
	book  *fleet.Memory
	step  *agent.Stepper
	life  int       // counts the starts of its program: what belongs to an earlier one is void
	line  time.Time // it is down until then
	full  time.Time // the disk is, until then
	asked time.Time // when the agent looks again, if nothing happens
	clock time.Duration
	trip  time.Duration // of the request under way

	backup    *fleet.Memory
	confirmed []entry // of the book as it stands
	before    []entry // acknowledged by a book that is gone
	last      []entry // confirmed when the faults had stopped
}

// entry is a record with its place.
type entry struct {
	kiosk.Stream
	seq    uint64
	record kiosk.Record
}

func newSimBooth(s *sim, e *hubtest.Booth, book *fleet.Memory) *simBooth {
	b := &simBooth{sim: s, booth: e, book: book}
	b.backup = book.Copy()
	b.boot()
	return b
}

// note tells the story of the booth that TRACE names.
func (b *simBooth) note(format string, args ...any) {
	if os.Getenv("TRACE") == b.booth.Booth {
		b.t.Logf("%s booth %s (%p): %s", b.now.Format("01-02 15:04:05"), b.booth.Booth, b, fmt.Sprintf(format, args...))
	}
}

// boot starts the booth's program.
func (b *simBooth) boot() {
	b.life++
	o := agent.Opts{Log: hubtest.Quiet(), Client: &http.Client{Transport: b}, Codec: simCodec(), Hello: 12 * time.Hour, MaxBackoff: 30 * time.Minute, Spread: 2 * time.Minute}
	a, err := agent.New(diskful{b.book, b}, b.booth.Enrolment, b.booth.Key, o)
	if err != nil {
		b.t.Fatal(err)
	}
	b.step = agent.NewStepper(a, func() time.Time { return b.now }, b.within)
	b.wake()
}

// crash ends the program as a power cut does; it starts again a while later.
func (b *simBooth) crash() {
	b.life++
	b.counts["booth crashes"]++
	b.note("its program ends")
	b.after(time.Second+b.within(10*time.Minute), b.boot)
}

// mine returns do, void when the program was started anew meanwhile.
func (b *simBooth) mine(do func()) func() {
	life := b.life
	return func() {
		if b.life == life {
			do()
		}
	}
}

// wake lets the agent look at its book and do what is due.
func (b *simBooth) wake() {
	if err := b.step.Look(context.Background()); err != nil {
		b.t.Fatal(err)
	}
	b.obey()
}

func (b *simBooth) obey() {
	hello, pushes, wake := b.step.Next()
	if hello {
		b.trip = 0
		g := b.step.Hello(context.Background())
		b.after(b.trip, b.mine(func() { b.took(b.step.Greeted(context.Background(), g)) }))
	}
	for _, p := range pushes {
		b.trip = 0
		r, err := b.step.Push(context.Background(), p)
		if err != nil {
			b.t.Fatal(err)
		}
		trip := b.trip
		b.after(trip, b.mine(func() { b.took(b.step.Pushed(context.Background(), r, trip)) }))
	}
	if !wake.IsZero() && !wake.Equal(b.asked) {
		b.asked = wake
		b.after(max(wake.Sub(b.now), 0), b.mine(func() {
			if b.asked.Equal(wake) {
				b.asked = time.Time{}
				b.obey()
			}
		}))
	}
}

// took goes on after an answer was taken in. A book that takes no acknowledgement
// ends the program.
func (b *simBooth) took(err error) {
	if errors.Is(err, errDiskFull) {
		b.crash()
		return
	}
	if err != nil {
		b.t.Fatal(err)
	}
	b.obey()
}

// live plans what happens to the booth.
func (b *simBooth) live() {
	b.often(16*time.Hour, func() { b.write(kiosk.LaneLog, 1+b.rng.IntN(40)) })
	b.often(2*day, func() { b.write(kiosk.LaneUrgent, 1) })
	b.often(day, func() { b.line = b.now.Add(b.within(8 * time.Hour)); b.counts["line outages"]++ })
	b.often(4*day, b.crash)
	b.often(9*day, func() { b.full = b.now.Add(b.within(5 * time.Hour)); b.counts["disk full"]++ })
	b.often(6*day, func() { b.clock = b.within(20*365*day) - 10*365*day; b.counts["clock jumps"]++ })
	b.often(2*day, func() { b.backup = b.book.Copy() })
}

// write writes records and notes those that the book confirmed.
func (b *simBooth) write(lane kiosk.Lane, n int) {
	for i := range n {
		if b.full.After(b.now) {
			b.counts["refused by a full disk"]++
			continue
		}
		d := kiosk.Draft{Lane: lane, ID: kiosk.NewID(), Kind: kiosk.KindTicketIssued, Facts: fmt.Appendf(nil, `{"service":"3.1","number":%d}`, i),
			Stamp: kiosk.Stamp{Boot: kiosk.Boot{Count: uint64(b.life)}, Wall: b.now.Add(b.clock), State: kiosk.ClockNTP}}
		if b.rng.IntN(50) == 0 {
			d.Kind = "robot.danced" // this hub does not know it
		}
		r, err := b.book.Enter(d)
		if err != nil {
			b.t.Fatal(err)
		}
		b.confirmed = append(b.confirmed, entry{kiosk.Stream{Epoch: b.book.Epoch(), Lane: lane}, uint64(b.book.Len(lane)), r})
		b.counts["confirmed"]++
		b.note("writes %v %d", lane, b.book.Len(lane))
	}
	b.mine(b.wake)()
}

// rollBack puts the booth's backup back, as somebody does with a card that died.
func (b *simBooth) rollBack() {
	if b.healing.After(b.now) {
		return
	}
	b.before = append(b.before, b.acknowledged()...)
	b.book = b.backup.Copy()
	b.keep()
	b.spoiled = true
	b.counts["booth rolled back"]++
	b.note("rolled back to its backup")
	b.crash()
}

// keep forgets what was confirmed by a book that is gone.
func (b *simBooth) keep() {
	last := map[kiosk.Stream]uint64{}
	heads, _ := b.book.Heads(context.Background())
	for _, h := range heads {
		last[h.Stream] = h.Last
	}
	var kept []entry
	for _, e := range b.confirmed {
		if e.seq <= last[e.Stream] {
			kept = append(kept, e)
		}
	}
	b.confirmed = kept
}

// acknowledged lists what the book holds to be acknowledged.
func (b *simBooth) acknowledged() (all []entry) {
	heads, err := b.book.Heads(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, h := range heads {
		records, err := b.book.Records(context.Background(), h.Stream, 0, int(h.Acked), 1<<40)
		if err != nil {
			b.t.Fatal(err)
		}
		for i, r := range records {
			all = append(all, entry{h.Stream, uint64(i + 1), r})
		}
	}
	return all
}

// clone lets a copy of the card run beside it.
func (b *simBooth) clone() {
	c := newSimBooth(b.sim, b.booth, b.book.Copy())
	c.confirmed = append(c.confirmed, b.confirmed...)
	c.live()
	b.booths = append(b.booths, c)
	b.counts["booth cloned"]++
	b.note("cloned")
}

var errDiskFull = errors.New("the disk is full")

// diskful is the book as the agent sees it: on a full disk it takes no
// acknowledgement and no new epoch.
type diskful struct {
	*fleet.Memory
	booth *simBooth
}

func (d diskful) Acknowledge(ctx context.Context, s kiosk.Stream, upTo uint64, note []byte) error {
	if d.booth.full.After(d.booth.now) {
		return errDiskFull
	}
	d.booth.note("acknowledged %v up to %d", s, upTo)
	return d.Memory.Acknowledge(ctx, s, upTo, note)
}

func (d diskful) BeginEpoch(ctx context.Context, why string) error {
	if d.booth.full.After(d.booth.now) {
		return errDiskFull
	}
	d.booth.note("begins an epoch: %s", why)
	return d.Memory.BeginEpoch(ctx, why)
}
