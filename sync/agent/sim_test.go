package agent_test

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
)

// sim is a whole city in virtual time: the real rules of the hub over a real store,
// the real agents, books in memory, and a line that does all that lines do. It
// happens in one goroutine, one thing after the other, so that a seed repeats it.
type sim struct {
	t      testing.TB
	rng    *rand.Rand
	city   *hubtest.City
	hub    http.Handler
	now    time.Time
	end    time.Time // faults stop
	events events
	n      int // events so far

	booths  []*simBooth    // with their clones
	hubUp   time.Time      // it is away until then
	backup  hubtest.Backup // of the hub
	kept    int            // records that it had set aside then
	spoiled bool           // a book was rolled back since
	healing time.Time      // until then the booths may still have to send again what a restored hub lost

	counts map[string]int
}

type event struct {
	at time.Time
	n  int // of two at the same time the one that was planned first comes first
	do func()
}

// events is a heap by time.
type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at.Before(e[j].at) || (e[i].at.Equal(e[j].at) && e[i].n < e[j].n)
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	*e = (*e)[:last]
	return x
}

const (
	simBooths = 23
	simDays   = 30
	day       = 24 * time.Hour
)

func newSimulation(t testing.TB, seed uint64) *sim {
	s := &sim{t: t, rng: rand.New(rand.NewPCG(seed, 19)), city: hubtest.NewInMemory(t), counts: map[string]int{}}
	s.now = s.city.Clock.Read().Wall
	s.end = s.now.Add(simDays * day)
	for i := range simBooths {
		e := s.city.Enrol(fmt.Sprintf("%02d", i+1))
		s.booths = append(s.booths, newSimBooth(s, e, e.Book.Memory))
	}
	s.city.Stop() // from now on nobody comes over a socket
	s.keepHub()
	return s
}

// after plans something.
func (s *sim) after(d time.Duration, do func()) {
	s.n++
	heap.Push(&s.events, event{s.now.Add(d), s.n, do})
}

// within draws a time.
func (s *sim) within(d time.Duration) time.Duration { return time.Duration(s.rng.Int64N(int64(d) + 1)) }

// often lets something happen again and again until the faults stop, on average once
// in every.
func (s *sim) often(every time.Duration, do func()) {
	s.after(s.within(2*every), func() {
		if s.now.Before(s.end) {
			do()
			s.often(every, do)
		}
	})
}

// chance reports true in n of a hundred cases, as long as there are faults.
func (s *sim) chance(n int) bool { return s.now.Before(s.end) && s.rng.IntN(100) < n }

// run lets everything happen until there is nothing left, or until done says so.
func (s *sim) run(until time.Time, done func() bool) bool {
	for len(s.events) > 0 && !s.events[0].at.After(until) {
		e := heap.Pop(&s.events).(event)
		s.now = e.at
		s.city.Clock.Set(s.now)
		e.do()
		if done != nil && done() {
			return true
		}
	}
	return false
}

// live plans what happens in the days.
func (s *sim) live() {
	for _, b := range s.booths {
		b.live()
	}
	s.often(3*day, func() { s.hubUp = s.now.Add(s.within(3 * time.Hour)); s.counts["hub outages"]++ })
	s.often(7*day, func() { s.keepHub(); s.counts["hub restarts"]++ })
	s.often(10*day, s.restoreHub)
	s.often(8*day, func() { s.booths[s.rng.IntN(simBooths)].rollBack() })
	s.often(12*day, func() { s.booths[s.rng.IntN(simBooths)].clone() })
}

// keepHub restarts the hub and keeps a copy of its store.
func (s *sim) keepHub() {
	s.backup, s.spoiled = s.city.Backup(), false
	s.hub, s.kept = s.city.Handler(), s.forks()
}

// forks counts the records that the hub has set aside.
func (s *sim) forks() (n int) {
	err := s.city.DB.View(context.Background(), func(tx *sqldb.Tx) (err error) {
		n, err = tx.Forks(context.Background())
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// restoreHub puts the hub's backup back, unless something is only at the hub since:
// what a book lost that was rolled back, and what was set aside at a fork, which no
// booth sends again. There no program could help, and backups must. For the same
// reason no book is rolled back while the hub is being healed.
func (s *sim) restoreHub() {
	if s.spoiled || s.forks() > s.kept {
		return
	}
	s.city.Restore(s.backup)
	s.hub = s.city.Handler()
	s.healing = s.now.Add(2 * day)
	s.counts["hub restored"]++
	s.t.Logf("%s the hub is restored from its backup", s.now.Format("01-02 15:04:05"))
}
