package hub

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"redstation/sync/hub/sqldb"
)

// group lets many requests share one transaction, and so one fsync: whatever
// arrives while a commit is under way goes into the next one together. A store that
// many processes share does that by itself, and there each request has its own
// transaction, so that booths do not wait for each other.
type group struct {
	db    *sqldb.DB
	sizes prometheus.Observer // of the transactions
	calm  gate                // on a shared store: transactions at once that are not urgent

	mu      sync.Mutex
	urgent  []*job // go first
	waiting []*job
	busy    bool
}

// job is one request's part of a transaction. It may be run more than once; only
// the last run counts.
type job struct {
	weight int // about how many records it takes as long as
	run    func(ctx context.Context, tx *sqldb.Tx) error
	err    error
	done   chan struct{}
}

// commitTime is how long a transaction with a shared store may take: a server may
// vanish without a word.
const commitTime = 30 * time.Second

const (
	// maxJobs and maxWeight bound a transaction that is not urgent, and so how long the
	// first in it waits, and an alarm that comes in its midst. (Measured: 5,000 records
	// take 60 ms, and more at once are hardly cheaper.)
	maxJobs   = 256
	maxWeight = 5000
	// lightWeight is that of a job without records.
	lightWeight = 10
)

// keptFree is how many of the connections that write are left to the urgent lane, to
// sealing and to house-keeping.
const keptFree = 3

func newGroup(db *sqldb.DB) *group {
	return &group{db: db, calm: newGate(max(1, db.Writers()-keptFree))}
}

// do runs f in a transaction that others may share and returns when it is
// committed durably. When ctx ends earlier, do returns and the commit goes on.
func (g *group) do(ctx context.Context, f func(ctx context.Context, tx *sqldb.Tx) error) error {
	if g.db.Shared() {
		return g.alone(ctx, g.db.Update, f)
	}
	return g.together(ctx, lightWeight, f)
}

// doFrom is do for what one booth sent: f begins with NoteContact or NoteHello and
// looks at nothing but that booth; records is how many it stores. Where each has a transaction of its own, some of
// those that there can be at once are left to the urgent lane.
func (g *group) doFrom(ctx context.Context, records int, f func(ctx context.Context, tx *sqldb.Tx) error) error {
	if !g.db.Shared() {
		return g.together(ctx, lightWeight+records, f)
	}
	if !urgent(ctx) {
		if err := g.calm.enter(ctx); err != nil {
			return err
		}
		defer g.calm.leave()
	}
	return g.alone(ctx, g.db.UpdateFrom, f)
}

// urgent reports whether a request is of the urgent lane.
func urgent(ctx context.Context) bool {
	v := visitOf(ctx)
	return v != nil && v.what == deskUrgent
}

// alone runs f in a transaction of its own.
func (g *group) alone(ctx context.Context, update func(context.Context, func(*sqldb.Tx) error) error, f func(ctx context.Context, tx *sqldb.Tx) error) error {
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTime)
		defer cancel()
		done <- update(ctx, func(tx *sqldb.Tx) error { return f(ctx, tx) })
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *group) together(ctx context.Context, weight int, f func(ctx context.Context, tx *sqldb.Tx) error) error {
	j := &job{weight: weight, run: f, done: make(chan struct{})}
	g.mu.Lock()
	if urgent(ctx) {
		g.urgent = append(g.urgent, j)
	} else {
		g.waiting = append(g.waiting, j)
	}
	if !g.busy {
		g.busy = true
		go g.drain(context.WithoutCancel(ctx))
	}
	g.mu.Unlock()
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drain commits what waits until nothing does.
func (g *group) drain(ctx context.Context) {
	for {
		g.mu.Lock()
		jobs := g.take()
		g.busy = len(jobs) > 0
		g.mu.Unlock()
		if len(jobs) == 0 {
			return
		}
		g.commit(ctx, jobs)
	}
}

// take returns the jobs of the next transaction.
func (g *group) take() []*job {
	jobs := g.urgent
	g.urgent = nil
	n, weight := 0, 0
	for _, j := range g.waiting[:min(len(g.waiting), max(maxJobs-len(jobs), 0))] {
		if weight += j.weight; weight > maxWeight && n > 0 {
			break
		}
		n++
	}
	jobs = append(jobs, g.waiting[:n]...)
	if g.waiting = g.waiting[n:]; len(g.waiting) == 0 {
		g.waiting = nil
	}
	return jobs
}

// commit runs the jobs in one transaction; if that fails, each in its own, so that
// one that cannot be stored does not take the others along.
func (g *group) commit(ctx context.Context, jobs []*job) {
	g.sizes.Observe(float64(len(jobs)))
	err := g.db.Update(ctx, func(tx *sqldb.Tx) error {
		for _, j := range jobs {
			if err := j.run(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	for _, j := range jobs {
		j.err = err
		if err != nil && len(jobs) > 1 {
			j.err = g.db.Update(ctx, func(tx *sqldb.Tx) error { return j.run(ctx, tx) })
		}
		close(j.done)
	}
}

// gate lets a number of requests through at once; a nil one lets all through.
type gate chan struct{}

func newGate(n int) gate { return make(gate, n) }

// enter waits for a place until ctx ends.
func (g gate) enter(ctx context.Context) error {
	if g == nil {
		return nil
	}
	select {
	case g <- struct{}{}:
		return nil
	default:
	}
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g gate) leave() {
	if g != nil {
		<-g
	}
}
