package agent

import (
	"math/rand/v2"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// sim drives the core through a seeded life: records are written, the line drops
// answers, the hub is restored from a backup, asks for what it needs, is busy, and
// grows tired of large batches. No clock, no network, no book.
type sim struct {
	t       *testing.T
	rng     *rand.Rand
	c       core
	now     time.Time
	streams []kiosk.Head            // the booth's book
	hub     map[kiosk.Stream]uint64 // what the hub has
	backup  map[kiosk.Stream]uint64 // what it had at the last backup
	flying  []push                  // on their way
	hello   bool                    // on its way
	faults  bool
}

func newSim(t *testing.T, seed uint64) *sim {
	rng := rand.New(rand.NewPCG(seed, 1))
	s := &sim{t: t, rng: rng, now: time.Unix(1_800_000_000, 0), hub: map[kiosk.Stream]uint64{}, backup: map[kiosk.Stream]uint64{}, faults: true,
		c: core{hello: 30 * time.Second, minBackoff: time.Second, maxBackoff: 5 * time.Minute, spread: time.Minute,
			jitter: func(d time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(d) + 1)) }}}
	for _, lane := range kiosk.Lanes() {
		s.streams = append(s.streams, kiosk.Head{Stream: kiosk.Stream{Epoch: kiosk.ID{1}, Lane: lane}})
	}
	s.c.read(s.now, s.streams)
	return s
}

func (s *sim) head(x kiosk.Stream) *kiosk.Head {
	for i := range s.streams {
		if s.streams[i].Stream == x {
			return &s.streams[i]
		}
	}
	return nil
}

// step lets something happen, then does what the core orders.
func (s *sim) step() {
	switch n := s.rng.IntN(10); {
	case n < 3:
		s.streams[s.rng.IntN(2)].Last += uint64(s.rng.IntN(3000))
		s.c.read(s.now, s.streams)
	case n < 6 && len(s.flying) > 0:
		s.land()
	case n < 7 && s.hello:
		s.greet()
	case n < 8 && s.faults && s.rng.IntN(20) == 0:
		for k, v := range s.backup {
			s.hub[k] = v
		}
	case n < 9 && s.rng.IntN(20) == 0:
		for k, v := range s.hub {
			s.backup[k] = v
		}
	}
	o := s.c.next(s.now)
	s.hello = s.hello || o.hello
	for _, p := range o.pushes {
		for _, f := range s.flying {
			if f.stream.Lane == p.stream.Lane {
				s.t.Fatal("two batches of one lane are on their way")
			}
		}
		if p.size.records < 1 || p.size.records > maxRecords {
			s.t.Fatalf("batch of %d records", p.size.records)
		}
		s.flying = append(s.flying, p)
	}
	if o.wake.IsZero() && !s.hello && len(s.flying) == 0 {
		s.t.Fatal("nothing is under way and nothing will be")
	}
	if len(s.flying) == 0 && !s.hello && o.wake.After(s.now) {
		s.now = o.wake
	} else {
		s.now = s.now.Add(time.Duration(s.rng.IntN(300)) * time.Millisecond)
	}
}

// land ends the oldest push.
func (s *sim) land() {
	p := s.flying[0]
	s.flying = s.flying[1:]
	h := s.head(p.stream)
	r := pushed{push: p, last: min(p.after+uint64(p.size.records), h.Last), took: time.Duration(s.rng.IntN(3000)) * time.Millisecond}
	has := s.hub[p.stream]
	fault := 9
	if s.faults {
		fault = s.rng.IntN(12)
	}
	switch {
	case fault == 0:
		r.outcome = late
	case fault == 1:
		r.outcome = offline
	case fault == 2:
		r.outcome, r.problem = refused, wire.Problem{Trouble: wire.TroubleBusy, RetryAfterMS: int64(s.rng.IntN(5000))}
	case fault == 3 && p.size.records > 10:
		r.outcome, r.problem = refused, wire.Problem{Trouble: wire.TroubleTooLarge}
	case p.after > has:
		r.outcome, r.problem = refused, wire.Problem{Trouble: wire.TroubleNeed, Need: has + 1}
	default:
		s.hub[p.stream] = max(has, r.last)
		r.outcome, r.ack = answered, wire.Ack{Acked: s.hub[p.stream]}
		if fault == 4 { // committed, and the answer was lost
			r.outcome = offline
		}
	}
	if ack := s.c.ended(s.now, r); ack != nil {
		if ack.upTo > s.hub[ack.stream] || ack.upTo > h.Last {
			s.t.Fatalf("acknowledged %d, the hub has %d of %d", ack.upTo, s.hub[ack.stream], h.Last)
		}
		h.Acked = max(h.Acked, ack.upTo)
	}
	if s.c.epochDue != "" {
		s.t.Fatalf("a new epoch without a roll-back: %s", s.c.epochDue)
	}
	s.c.read(s.now, s.streams)
}

func (s *sim) greet() {
	s.hello = false
	if s.faults && s.rng.IntN(4) == 0 {
		s.c.greetedBy(s.now, offline, nil, nil)
		return
	}
	a := wire.HelloAnswer{MaxRecords: 5000, MaxBytes: 1 << 20}
	for k, v := range s.hub {
		a.Heads = append(a.Heads, wire.Head{Epoch: k.Epoch, Lane: k.Lane, Last: v})
	}
	s.c.greetedBy(s.now, answered, &a, nil)
}

// TestQueueDrainsWhenFaultsStop: whatever happened before, the hub ends up with
// everything, in bounded time.
func TestQueueDrainsWhenFaultsStop(t *testing.T) {
	for seed := range uint64(300) {
		s := newSim(t, seed)
		for range 600 {
			s.step()
		}
		s.faults = false
		if seed%2 == 0 { // the last thing that goes wrong: the hub is restored from its backup
			for k := range s.hub {
				s.hub[k] = s.backup[k]
			}
		}
		calm := s.now
		for i := 0; ; i++ {
			s.streams[0].Last, s.streams[1].Last = s.c.streams[0].Last, s.c.streams[1].Last
			done := len(s.flying) == 0 && !s.hello
			for _, h := range s.streams {
				done = done && s.hub[h.Stream] == h.Last && h.Acked == h.Last
			}
			if done && s.c.uplink().Behind == 0 && s.c.up {
				break
			}
			if i > 5000 || s.now.Sub(calm) > 20*time.Minute {
				t.Fatalf("seed %d: after %s the hub has %v of %+v", seed, s.now.Sub(calm), s.hub, s.streams)
			}
			s.quiet()
		}
	}
}

// quiet is a step in which nothing new happens.
func (s *sim) quiet() {
	switch {
	case len(s.flying) > 0:
		s.land()
	case s.hello:
		s.greet()
	}
	o := s.c.next(s.now)
	s.hello = s.hello || o.hello
	s.flying = append(s.flying, o.pushes...)
	if len(s.flying) == 0 && !s.hello && o.wake.After(s.now) {
		s.now = o.wake
	}
}

func greeted(c *core, now time.Time) {
	c.greeting = true
	c.greetedBy(now, answered, &wire.HelloAnswer{}, nil)
}

func TestRollbackBeginsOneEpoch(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	old, cur := kiosk.Stream{Epoch: kiosk.ID{1}}, kiosk.Stream{Epoch: kiosk.ID{2}}
	c := core{hello: time.Minute, minBackoff: time.Second, maxBackoff: time.Minute, jitter: func(time.Duration) time.Duration { return 0 }}
	c.read(now, []kiosk.Head{{Stream: old, Last: 5, Acked: 5}, {Stream: cur, Last: 7, Acked: 7}})
	c.greetedBy(now, answered, &wire.HelloAnswer{Heads: []wire.Head{{Epoch: old.Epoch, Last: 9}, {Epoch: cur.Epoch, Last: 7}}}, nil)
	if c.epochDue != "" {
		t.Errorf("an old epoch that was rolled back begins a new one: %s", c.epochDue)
	}
	c.greetedBy(now, answered, &wire.HelloAnswer{Heads: []wire.Head{{Epoch: old.Epoch, Last: 5}, {Epoch: cur.Epoch, Last: 8}}}, nil)
	if c.epochDue == "" {
		t.Error("the hub has more than the book, and no new epoch begins")
	}
	c.epochDue = ""
	c.read(now, []kiosk.Head{{Stream: cur, Last: 7, Acked: 7}, {Stream: kiosk.Stream{Epoch: kiosk.ID{3}}, Last: 1}})
	c.greetedBy(now, answered, &wire.HelloAnswer{Heads: []wire.Head{{Epoch: cur.Epoch, Last: 8}}}, nil)
	if c.epochDue != "" {
		t.Errorf("it begins another: %s", c.epochDue)
	}
}

func TestUrgentRecordsDoNotWaitForTheirTurn(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	c := core{hello: time.Minute, minBackoff: time.Second, maxBackoff: 5 * time.Minute, spread: 2 * time.Minute, jitter: func(d time.Duration) time.Duration { return d }}
	heads := []kiosk.Head{{Stream: kiosk.Stream{Lane: kiosk.LaneUrgent}}, {Stream: kiosk.Stream{Lane: kiosk.LaneLog}, Last: 5}}
	c.read(now, heads)
	if o := c.next(now); o.hello || !o.wake.Equal(now.Add(2*time.Minute)) {
		t.Errorf("the first contact is not spread: %+v", o)
	}
	heads[0].Last = 1
	c.read(now, heads)
	if o := c.next(now); o.hello || len(o.pushes) != 1 || o.pushes[0].stream.Lane != kiosk.LaneUrgent {
		t.Errorf("an alarm waits, or takes the hello along: %+v", o)
	}
	c.ended(now, pushed{push: push{stream: heads[0].Stream}, outcome: offline})
	for range 20 {
		c.greetedBy(now, offline, nil, nil)
	}
	if wait := c.helloAt.Sub(now); wait > urgentBackoff {
		t.Errorf("an alarm waits %s for the next attempt", wait)
	}
	greeted(&c, now)
	if o := c.next(now.Add(linger)); len(o.pushes) != 2 || o.pushes[0].stream.Lane != kiosk.LaneUrgent {
		t.Errorf("pushes %+v", o.pushes)
	}
}

// The hello waits for the first alarm, and for no more than that: a booth whose alarms
// do not end, or do not get through, is greeted all the same.
func TestHelloWaitsForTheFirstAlarmOnly(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	alarm := kiosk.Head{Stream: kiosk.Stream{Lane: kiosk.LaneUrgent}, Last: 2}
	for _, how := range []outcome{answered, refused, late, offline} {
		c := core{hello: time.Minute, minBackoff: time.Second, maxBackoff: 5 * time.Minute, jitter: func(time.Duration) time.Duration { return 0 }}
		c.read(now, []kiosk.Head{alarm})
		if o := c.next(now); o.hello || len(o.pushes) != 1 || !o.wake.IsZero() {
			t.Errorf("with an alarm on its way: %+v", o)
		}
		c.ended(now, pushed{push: push{stream: alarm.Stream}, outcome: how, last: 1, ack: wire.Ack{Acked: 1}})
		o := c.next(now)
		if how == answered && len(o.pushes) != 1 {
			t.Errorf("the second alarm waits: %+v", o)
		}
		if !o.hello {
			if o = c.next(o.wake); !o.hello {
				t.Errorf("after an alarm that ended as %d there is no hello: %+v", how, o)
			}
		}
	}
}

func TestBackoff(t *testing.T) {
	for _, jitter := range []func(time.Duration) time.Duration{
		func(time.Duration) time.Duration { return 0 },
		func(d time.Duration) time.Duration { return d },
	} {
		c := core{minBackoff: time.Second, maxBackoff: 5 * time.Minute, jitter: jitter}
		for n := 1; n < 100; n++ {
			if d := c.backoff(n, c.maxBackoff, 0); d < c.minBackoff/2 || d > c.maxBackoff {
				t.Errorf("after %d failures: %s", n, d)
			}
		}
		if d := c.backoff(1, c.maxBackoff, 7*time.Minute); d != 7*time.Minute {
			t.Errorf("the hub asked for 7 min: %s", d)
		}
	}
}

func TestEveryFailureOfAPushHalvesTheNext(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for name, r := range map[string]pushed{
		"late":        {outcome: late},
		"broken off":  {outcome: offline},
		"too large":   {outcome: refused, problem: wire.Problem{Trouble: wire.TroubleTooLarge}},
		"ended early": {outcome: refused, problem: wire.Problem{Trouble: wire.TroubleMalformed}},
		"slow":        {outcome: answered, last: 9, ack: wire.Ack{Acked: 9}, took: slow + 9*time.Second},
	} {
		c := core{hello: time.Minute, minBackoff: time.Second, maxBackoff: time.Minute, jitter: func(time.Duration) time.Duration { return 0 }, trip: 8 * time.Second}
		c.read(now, []kiosk.Head{{Last: 9}})
		c.ended(now, r)
		if got := c.lanes[kiosk.LaneLog].size.records; got != startRecords/2 {
			t.Errorf("%s: the next batch may have %d records, want %d", name, got, startRecords/2)
		}
	}
	c := core{hello: time.Minute, minBackoff: time.Second, maxBackoff: time.Minute, jitter: func(time.Duration) time.Duration { return 0 }, trip: 30 * time.Second}
	c.read(now, []kiosk.Head{{Last: 9}})
	c.ended(now, pushed{outcome: answered, last: 9, ack: wire.Ack{Acked: 9}, took: 30 * time.Second})
	if got := c.lanes[kiosk.LaneLog].size.records; got != 4*startRecords {
		t.Errorf("on a line that is far, not full, the next batch may have %d records, want %d", got, 4*startRecords)
	}
}

func TestBusyHubIsAskedAgainWhenItSaid(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	c := core{hello: time.Minute, minBackoff: time.Second, maxBackoff: 5 * time.Minute, jitter: func(d time.Duration) time.Duration { return d }}
	heads := []kiosk.Head{{Stream: kiosk.Stream{Lane: kiosk.LaneUrgent}}}
	c.read(now, heads)
	for range 20 {
		c.greetedBy(now, refused, nil, &wire.Problem{Trouble: wire.TroubleBusy, RetryAfterMS: 8000})
	}
	if wait := c.helloAt.Sub(now); wait < 8*time.Second || wait > 16*time.Second {
		t.Errorf("the hub asked for 8 s, and the booth waits %s", wait)
	}
	heads[0].Last = 1
	c.read(now, heads)
	if o := c.next(now); len(o.pushes) != 1 {
		t.Errorf("an alarm waits for a hello that was put off: %+v", o)
	}
	c.ended(now, pushed{push: push{stream: heads[0].Stream}, outcome: offline})
	if o := c.next(now.Add(time.Second / 4)); len(o.pushes) != 0 {
		t.Errorf("the line is down, and the alarm is sent at once: %+v", o)
	}
}

func TestLateAnswersGetMoreTime(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	c := core{hello: time.Minute, minBackoff: time.Second, maxBackoff: time.Minute, jitter: func(time.Duration) time.Duration { return 0 }}
	for range 9 {
		c.greetedBy(now, late, nil, nil)
	}
	if c.patience != mostPatience {
		t.Errorf("patience %d after nine late hellos, want %d", c.patience, mostPatience)
	}
	if c.answeredIn(slow); c.patience != mostPatience {
		t.Error("an answer that was slow took the patience away")
	}
	if c.answeredIn(time.Second); c.patience != 0 {
		t.Errorf("patience %d on a quick line", c.patience)
	}
}

func TestBatchesGrowAndShrink(t *testing.T) {
	l := lane{size: size{startRecords, startBytes}}
	for range 5 {
		l.grow(size{maxRecords, maxBytes})
	}
	if l.size != (size{maxRecords, maxBytes}) {
		t.Errorf("grown to %+v", l.size)
	}
	for range 30 {
		l.shrink()
	}
	if l.size != (size{1, 1 << 10}) {
		t.Errorf("shrunk to %+v", l.size)
	}
}
