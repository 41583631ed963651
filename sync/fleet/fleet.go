// Package fleet simulates the booths of a city in one process: each has a real
// agent, a book, a key, a line and connections of its own, and talks to a real hub
// over real sockets. Days are compressed; lines fail by a pattern that a seed
// decides. Meanwhile a puller follows the hub's log, and at the end everything is
// compared: what the books confirmed, what was acknowledged, what the hub holds,
// what the puller saw.
//
// The invariants: every record that a book confirmed is in the book (I1); every
// acknowledged record is at the hub with the same bytes (I2), none twice (I3), in
// the order of its stream and without a gap (I4), under the same Merkle root (I5);
// and when the lines are back all queues drain in bounded time (I7).
package fleet

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/wire"
)

// Book is a booth's book as the fleet uses it.
type Book interface {
	agent.Book
	Append(ctx context.Context, record kiosk.Draft) error
	Appended() <-chan struct{}
	Epoch() kiosk.ID // of new records
	Close() error
}

// Outage is how lines fail.
type Outage string

// The patterns.
const (
	OutageNone  Outage = "none"
	OutageDaily Outage = "daily" // each line fails once a day, for 5 to 50 % of it
	OutageStorm Outage = "storm" // all days pass with no line; then all booths start at once
)

// Config says which fleet to simulate.
type Config struct {
	Booths  int
	Days    int
	Day     time.Duration // how long a simulated day takes; unused in a storm
	Records int           // a booth and day
	Urgent  float64       // share of them in the urgent lane, 0 to 1
	Outage  Outage
	Spread  time.Duration // a booth's first contact comes within it; urgent records do not wait
	Drain   time.Duration // how long the queues may take to drain
	Conns   int           // connections of a booth at most
	Seed    uint64

	Name     func(i int) string                                                     // id of booth i
	Invite   func(ctx context.Context, booth string) (string, error)                // its enrolment string
	Open     func(ctx context.Context, dir string, e kiosk.Enrolment) (Book, error) // its book; dir is the booth's id
	Progress func(what string, done, of int)                                        // called often
	Calm     func() error                                                           // called when all is acknowledged, before it is compared; nil = nothing is to end
	Log      *slog.Logger
}

// Fleet is a fleet that is being made or runs.
type Fleet struct {
	Config
	booths   []*booth
	byID     map[string]*booth
	codec    *wire.Codec
	bytes    atomic.Int64 // on the wire, both ways, with HTTP's own
	begun    time.Time    // the run
	written  atomic.Int64 // records that books confirmed
	acked    atomic.Int64 // of them
	failures chan error   // of books
}

// New makes booths without a city.
func New(c Config) *Fleet {
	f := &Fleet{Config: c, byID: map[string]*booth{}, codec: wire.NewCodec(runtime.GOMAXPROCS(0)), failures: make(chan error, 1)}
	for i := range c.Booths {
		b := &booth{fleet: f, id: c.Name(i), rng: seeded(c.Seed, i), line: newLine(&f.bytes), acked: map[kiosk.Stream]uint64{}}
		b.client = &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{DialContext: b.line.dial, MaxConnsPerHost: c.Conns, MaxIdleConnsPerHost: c.Conns,
				IdleConnTimeout: 90 * time.Second, DisableCompression: true},
		}
		f.booths, f.byID[b.id] = append(f.booths, b), b
	}
	return f
}

// Enrol makes every booth a booth of the hub and opens its book.
func (f *Fleet) Enrol(ctx context.Context) error {
	var done atomic.Int64
	err := f.each(func(b *booth) error {
		if err := b.enrol(ctx); err != nil {
			return fmt.Errorf("enrol booth %s: %w", b.id, err)
		}
		f.Progress("enrolled", int(done.Add(1)), f.Booths)
		return nil
	})
	f.bytes.Store(0)
	return err
}

func (b *booth) enrol(ctx context.Context) error {
	invitation, err := b.fleet.Invite(ctx, b.id)
	if err != nil {
		return err
	}
	if _, b.key, err = ed25519.GenerateKey(nil); err != nil {
		return err
	}
	b.line.restore()
	defer b.client.CloseIdleConnections()
	o := agent.Opts{Log: b.fleet.Log, Client: b.client, Codec: b.fleet.codec}
	if b.enrolment, err = agent.Enrol(ctx, invitation, b.key, o); err != nil {
		return err
	}
	if b.city, err = kiosk.NewCityKey(b.enrolment.CityKeyID, b.enrolment.CityKey); err != nil {
		return err
	}
	if b.book, err = b.fleet.Open(ctx, b.id, b.enrolment); err != nil {
		return err
	}
	heads, err := b.book.Heads(ctx)
	for _, h := range heads { // what a book writes by itself
		b.confirm(int(h.Last))
	}
	return err
}

// each calls do for every booth, some at a time, and returns the first error.
func (f *Fleet) each(do func(*booth) error) error {
	work := make(chan *booth, len(f.booths))
	for _, b := range f.booths {
		work <- b
	}
	close(work)
	var wg sync.WaitGroup
	errs := make(chan error, 32)
	for range cap(errs) {
		wg.Go(func() {
			for b := range work {
				if err := do(b); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// Run lets the days pass at the hub, drains the queues and compares. The error is
// one of the run itself; what a sound run found is in the result.
func (f *Fleet) Run(ctx context.Context, hub, token string) (Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begin := time.Now()
	f.begun = begin
	follower := follow(ctx, f, hub, token)
	var agents sync.WaitGroup
	defer agents.Wait()
	live, stop := context.WithCancel(ctx)
	defer stop()
	if f.Outage == OutageStorm {
		if err := f.fill(ctx); err != nil {
			return Result{}, err
		}
		begin = time.Now()
	}
	for _, b := range f.booths {
		if err := b.start(live, &agents, hub); err != nil {
			return Result{}, err
		}
	}
	if f.Outage != OutageStorm {
		if err := f.pass(ctx); err != nil {
			return Result{}, err
		}
	}
	if err := f.drain(ctx); err != nil {
		return Result{}, err
	}
	took := time.Since(begin)
	stop()
	agents.Wait()
	if f.Calm != nil {
		if err := f.Calm(); err != nil {
			return Result{}, err
		}
	}
	r, err := f.compare(ctx, hub, token, follower)
	r.Took, r.Wire = took, f.bytes.Load()
	return r, err
}

// fill writes the records of all days into books that nobody reads yet.
func (f *Fleet) fill(ctx context.Context) error {
	var done atomic.Int64
	return f.each(func(b *booth) error {
		for n := range f.Days * f.Records {
			if err := b.write(ctx, n); err != nil {
				return err
			}
		}
		f.Progress("written", int(done.Add(1)), f.Booths)
		return nil
	})
}

// pass lets all booths live through the days.
func (f *Fleet) pass(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	begin := time.Now()
	var wg sync.WaitGroup
	for _, b := range f.booths {
		wg.Go(func() {
			if err := b.live(ctx, begin); err != nil {
				cancel(err)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return context.Cause(ctx)
		case err := <-f.failures:
			cancel(err)
		case <-tick.C:
			f.Progress("days passed", min(int(time.Since(begin)/f.Day), f.Days), f.Days)
		}
	}
}

// drain waits until the hub has acknowledged everything, for as long as it may take.
func (f *Fleet) drain(ctx context.Context) error {
	late := time.NewTimer(f.Drain)
	defer late.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		done, all := int(f.acked.Load()), int(f.written.Load())
		f.Progress("acknowledged", done, all)
		if done >= all {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-f.failures:
			return err
		case <-late.C:
			return nil // the result says how many are behind
		case <-tick.C:
		}
	}
}

// Close closes the books.
func (f *Fleet) Close() error {
	var errs []error
	for _, b := range f.booths {
		b.client.CloseIdleConnections()
		if b.book != nil {
			errs = append(errs, b.book.Close())
		}
	}
	return errors.Join(errs...)
}
