package fleet

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/sync/agent"
)

// booth is one booth of the fleet.
type booth struct {
	fleet     *Fleet
	id        string
	rng       *rand.Rand // of what happens to it
	key       ed25519.PrivateKey
	enrolment kiosk.Enrolment
	city      *kiosk.CityKey
	book      Book
	line      *line
	client    *http.Client

	mu      sync.Mutex
	wrote   int             // records that the book confirmed
	urgent  []time.Time     // when each urgent record was written
	landed  int             // of them, acknowledged
	took    []time.Duration // they, each from its writing, or from when the line came back
	drained time.Duration   // in a storm: from the start to an empty queue
	acked   map[kiosk.Stream]uint64
	epochs  int // begun by the agent: the hub and the book disagreed
}

func seeded(seed uint64, i int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(i))) }

// confirm counts records that the book confirmed.
func (b *booth) confirm(n int) {
	b.fleet.written.Add(int64(n))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wrote += n
}

// start brings the line up and starts the agent.
func (b *booth) start(ctx context.Context, wg *sync.WaitGroup, hub string) error {
	b.line.cut() // what the enrolment left
	b.line.restore()
	e := b.enrolment
	e.Hub = hub
	o := agent.Opts{Log: b.fleet.Log, Client: b.client, Codec: b.fleet.codec, Version: "fleet", Appended: b.book.Appended(), Spread: b.fleet.Spread}
	if b.fleet.Outage != OutageStorm { // the agent's times shrink with the day
		day := b.fleet.Day
		o.Hello = min(max(day/4, 250*time.Millisecond), 30*time.Second)
		o.MinBackoff = min(max(day/50, 20*time.Millisecond), time.Second)
		o.MaxBackoff = min(max(day/4, time.Second), 5*time.Minute)
	}
	begin := time.Now()
	o.OnUplink = func(u kiosk.Uplink) {
		if u.Up && u.Behind == 0 {
			b.mu.Lock()
			b.drained = time.Since(begin)
			b.mu.Unlock()
		}
	}
	a, err := agent.New(watched{b.book, b}, e, b.key, o)
	if err != nil {
		return err
	}
	wg.Go(func() {
		if err := a.Run(ctx); err != nil {
			select {
			case b.fleet.failures <- fmt.Errorf("book of booth %s: %w", b.id, err):
			default:
			}
		}
	})
	return nil
}

// watched is a book that tells the booth what the agent does to it.
type watched struct {
	Book
	booth *booth
}

// Acknowledge implements agent.Book.
func (w watched) Acknowledge(ctx context.Context, s kiosk.Stream, upTo uint64, note []byte) error {
	err := w.Book.Acknowledge(ctx, s, upTo, note)
	if err == nil {
		w.booth.land(s, upTo)
	}
	return err
}

// BeginEpoch implements agent.Book.
func (w watched) BeginEpoch(ctx context.Context, why string) error {
	w.booth.mu.Lock()
	w.booth.epochs++
	w.booth.mu.Unlock()
	return w.Book.BeginEpoch(ctx, why)
}

// land notes that the hub has a stream up to a seq.
func (b *booth) land(s kiosk.Stream, upTo uint64) {
	now, since := time.Now(), b.line.upSince()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fleet.acked.Add(int64(upTo - min(upTo, b.acked[s])))
	b.acked[s] = max(b.acked[s], upTo)
	if s.Lane != kiosk.LaneUrgent {
		return
	}
	for ; b.landed < min(int(upTo), len(b.urgent)); b.landed++ {
		from := b.urgent[b.landed]
		if since.After(from) {
			from = since
		}
		b.took = append(b.took, now.Sub(from))
	}
}

// event is something that happens to a booth.
type event struct {
	at   time.Duration // from the beginning
	line bool          // the line changes
	up   bool
	n    int // record
}

// live lets the booth live through its days in real time. A machine that cannot
// keep up lags behind.
func (b *booth) live(ctx context.Context, begin time.Time) error {
	for _, e := range b.plan() {
		if wait := time.Until(begin.Add(e.at)); wait > 0 {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(wait):
			}
		}
		switch {
		case e.line && e.up:
			b.line.restore()
		case e.line:
			b.line.cut()
		default:
			if err := b.write(ctx, e.n); err != nil {
				return err
			}
		}
	}
	b.line.restore()
	return nil
}

// plan draws what will happen to the booth, in order.
func (b *booth) plan() []event {
	var all []event
	day := b.fleet.Day
	for d := range b.fleet.Days {
		start := time.Duration(d) * day
		for i := range b.fleet.Records {
			all = append(all, event{at: start + time.Duration(b.rng.Int64N(int64(day))), n: d*b.fleet.Records + i})
		}
		if b.fleet.Outage == OutageDaily {
			long := time.Duration((0.05 + 0.45*b.rng.Float64()) * float64(day))
			from := start + time.Duration(b.rng.Int64N(int64(day-long)))
			all = append(all, event{at: from, line: true}, event{at: from + long, line: true, up: true})
		}
	}
	slices.SortStableFunc(all, func(x, y event) int { return int(x.at - y.at) })
	return all
}

// write writes the n-th record.
func (b *booth) write(ctx context.Context, n int) error {
	urgent := b.rng.Float64() < b.fleet.Urgent
	for {
		d, err := b.draft(n, urgent)
		if err != nil {
			return err
		}
		at := time.Now()
		if urgent { // before it may be acknowledged
			b.mu.Lock()
			b.urgent = append(b.urgent, at)
			b.mu.Unlock()
		}
		switch err = b.book.Append(ctx, d); {
		case err == nil:
			b.confirm(1)
			return nil
		case ctx.Err() != nil:
			return nil
		case !errors.Is(err, kiosk.ErrEpochChanged):
			return fmt.Errorf("booth %s, record %d: %w", b.id, n, err)
		}
		if urgent {
			b.mu.Lock()
			b.urgent = b.urgent[:len(b.urgent)-1]
			b.mu.Unlock()
		}
	}
}

// first is when the fleet's days begin.
func first() time.Time { return time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC) }

// draft makes a record as a booth's days bring them: seven door events to two
// tickets and one request with what a resident wrote. An urgent one is like the last.
func (b *booth) draft(n int, urgent bool) (kiosk.Draft, error) {
	since := time.Duration(n) * 24 * time.Hour / time.Duration(b.fleet.Records)
	d := kiosk.Draft{ID: kiosk.NewID(), Kind: kiosk.KindDoorOpened, Schema: 1, Facts: []byte("{}"),
		Stamp: kiosk.Stamp{Boot: kiosk.Boot{Count: 1}, Since: since, Wall: first().Add(since), State: kiosk.ClockNTP}}
	kind := n % 10
	if urgent {
		d.Lane, kind = kiosk.LaneUrgent, 9
	}
	switch kind {
	case 3, 7:
		d.Kind = kiosk.KindTicketIssued
		d.Facts = fmt.Appendf(nil, `{"service":"5.2","label":"L%03d","day":%q,"series":0,"number":%d}`, n%1000, d.Stamp.Wall.Format(time.DateOnly), n%1000)
	case 9:
		d.Kind, d.Epoch = kiosk.KindRequestFiled, b.book.Epoch()
		d.Facts = fmt.Appendf(nil, `{"service":"3.1","number":"%s-%03d","route":"community","data_class":2,"choices":{"category":"lighting","place":"beishan"},"index":%q}`,
			b.id, n, kiosk.RandomID())
		sealed, err := b.city.Seal(b.id, d.Epoch, d.ID, d.Kind, []byte(`{"matter":"灯不亮了。","name":"王女士","phone":"13843215678"}`))
		if err != nil {
			return d, err
		}
		d.Sealed = sealed
	}
	return d, nil
}
