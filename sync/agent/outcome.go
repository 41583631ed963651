package agent

import (
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// outcome is how a request ended.
type outcome int

const (
	answered outcome = iota // a verified success
	refused                 // a verified refusal: see the problem
	late                    // no answer in time
	offline                 // no answer, or none that verifies
)

// pushed is the end of a push.
type pushed struct {
	push
	outcome outcome
	last    uint64 // of the batch; 0 where none was sent
	ack     wire.Ack
	problem wire.Problem
	took    time.Duration
	sent    time.Time // when the request that was answered left
}

// acknowledged is the order to move a queue forward.
type acknowledged struct {
	stream kiosk.Stream
	upTo   uint64
	note   []byte // the cosigned checkpoint of it, or nil
}

// greetedBy takes in the end of a hello and says which queues move forward.
func (c *core) greetedBy(now time.Time, how outcome, a *wire.HelloAnswer, p *wire.Problem) []acknowledged {
	c.greeting, c.known = false, true
	switch how {
	case answered:
		c.failures, c.greeted, c.up = 0, true, true
		c.helloAt = now.Add(max(c.hello, time.Duration(a.RetryAfterMS)*time.Millisecond))
		return c.learn(a)
	case refused:
		// The hub is there and does not take this booth, or not now.
		c.rest(now, time.Duration(p.RetryAfterMS)*time.Millisecond)
		c.there = p.Trouble == wire.TroubleBusy
	case late:
		c.patience = min(c.patience+1, mostPatience)
		c.rest(now, 0)
	case offline:
		c.rest(now, 0)
	}
	return nil
}

// answeredIn takes in how long a request took: a line that has become quick again
// needs no patience.
func (c *core) answeredIn(took time.Duration) {
	if took < slow/2 {
		c.patience = 0
	}
}

// rest puts the whole line to rest after a failure.
func (c *core) rest(now time.Time, asked time.Duration) {
	c.failures++
	c.greeted, c.there, c.up, c.known, c.alarmed = false, false, false, true, false
	longest := c.maxBackoff
	if c.waiting(kiosk.LaneUrgent) {
		longest = min(longest, urgentBackoff)
	}
	c.helloAt = now.Add(c.backoff(c.failures, longest, asked))
}

// learn compares the hub's heads with the book's. What the hub has without this
// booth having sent it came there by hand, or its acknowledgement was lost.
func (c *core) learn(a *wire.HelloAnswer) (forward []acknowledged) {
	if a.MaxRecords > 0 && a.MaxBytes > 0 {
		c.limits = size{min(a.MaxRecords, maxRecords), min(a.MaxBytes, maxBytes)}
	}
	at, notes := make(map[kiosk.Stream]uint64, len(a.Heads)), make(map[kiosk.Stream][]byte)
	for _, h := range a.Heads {
		at[h.Stream()], notes[h.Stream()] = h.Last, h.Note
	}
	for i := range c.streams {
		s := &c.streams[i]
		has, named := at[s.Stream]
		switch {
		case has > s.Last:
			c.rolledBack(s)
		case has < s.Acked && (named || len(a.Heads) < wire.MaxStreams) && !c.lanes[s.Lane].busy:
			s.at = has // the hub was restored from a backup: it gets them again
		case has > s.Acked && !c.lanes[s.Lane].busy:
			s.at = max(s.at, has)
			forward = append(forward, acknowledged{s.Stream, has, notes[s.Stream]})
		}
	}
	return forward
}

// rolledBack notes that the hub has more of a stream than the book: the book was
// restored or copied. What it writes from now on needs streams of its own.
func (c *core) rolledBack(s *stream) {
	if c.current(s) {
		c.epochDue = "the hub has more of this epoch than the book"
	}
}

// ended takes in the end of a push and says which queue moves forward, if any.
func (c *core) ended(now time.Time, r pushed) *acknowledged {
	l := &c.lanes[r.stream.Lane]
	l.busy = false
	c.alarmed = c.alarmed || r.stream.Lane == kiosk.LaneUrgent
	s := c.find(r.stream)
	if s == nil {
		return nil
	}
	switch r.outcome {
	case answered:
		return c.acked(now, l, s, r)
	case refused:
		return c.refused(now, l, s, &r.problem)
	case late:
		l.shrink()
		c.patience = min(c.patience+1, mostPatience)
		c.pause(now, l, 0)
		c.soon(now) // is it the size or the line?
	case offline:
		l.shrink() // a line that breaks after so many bytes is no line for more
		c.rest(now, 0)
	}
	return nil
}

func (c *core) acked(now time.Time, l *lane, s *stream, r pushed) *acknowledged {
	c.known, c.up = true, true
	c.answeredIn(r.took)
	if r.last == 0 { // there was nothing to send
		s.at = max(s.at, s.Last)
		return nil
	}
	if r.ack.Acked > s.Last {
		c.rolledBack(s)
	}
	upTo := min(r.ack.Acked, s.Last)
	if upTo <= r.after {
		c.pause(now, l, 0) // no step forward: do not run in a circle
	} else {
		l.failures, l.until = 0, now.Add(time.Duration(r.ack.RetryAfterMS)*time.Millisecond)
	}
	if net := r.took - c.trip; net < quick { // what the batch itself took
		l.grow(c.limits)
	} else if net > slow {
		l.shrink()
	}
	return c.forward(s, upTo, r.ack.Note)
}

// forward sets where the hub is. Only what is more than the book knows moves the queue.
func (c *core) forward(s *stream, upTo uint64, note []byte) *acknowledged {
	s.at = upTo
	if upTo <= s.Acked {
		return nil
	}
	return &acknowledged{s.Stream, upTo, note}
}

func (c *core) refused(now time.Time, l *lane, s *stream, p *wire.Problem) *acknowledged {
	asked := time.Duration(p.RetryAfterMS) * time.Millisecond
	switch p.Trouble {
	case wire.TroubleNeed:
		return c.rewind(now, l, s, p.Need)
	case wire.TroubleFork:
		// The hub has set the records aside: they are kept, and somebody was told.
		c.rolledBack(s)
		l.failures, l.until = 0, now.Add(asked)
		if upTo := min(p.Kept, s.Last); upTo > s.at {
			return c.forward(s, upTo, nil)
		}
		c.pause(now, l, asked)
	case wire.TroubleTooLarge:
		l.shrink()
		c.pause(now, l, asked)
	case wire.TroubleBusy:
		c.pause(now, l, asked)
	case wire.TroubleRevoked:
		c.rest(now, asked)
	default:
		l.shrink() // it may be that the body never came to its end
		c.pause(now, l, max(asked, c.maxBackoff/2))
	}
	return nil
}

// rewind goes where the hub wants to be served from.
func (c *core) rewind(now time.Time, l *lane, s *stream, need uint64) *acknowledged {
	if need == 0 || need-1 == s.at {
		c.pause(now, l, 0)
		return nil
	}
	if need-1 > s.Last {
		c.rolledBack(s)
		s.at = s.Last
		return nil
	}
	s.at = need - 1
	return nil
}

// pause rests one lane.
func (c *core) pause(now time.Time, l *lane, asked time.Duration) {
	l.failures++
	l.until = now.Add(c.backoff(l.failures, c.maxBackoff, asked))
}
