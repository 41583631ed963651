package agent

import (
	"slices"
	"time"

	"redstation/kiosk"
)

// The size of a batch: it starts small, grows fourfold while acknowledgements come
// quickly, and halves when the line or the hub cannot take it.
const (
	startRecords = 500
	startBytes   = 256 << 10
	maxRecords   = 5000
	maxBytes     = 1 << 20
	quick        = time.Second
	slow         = 10 * time.Second

	// linger is how long a record of the log lane waits for others to travel with:
	// each acknowledgement costs the booth's card a write.
	linger = 200 * time.Millisecond
	// urgentBackoff is the longest pause while an urgent record waits.
	urgentBackoff = 5 * time.Second
	// mostPatience is how often the limits of a request double while answers come too
	// late: a line with half a minute of delay is slow, not down.
	mostPatience = 3
)

// core decides. Its fields up to jitter are set once; time comes in with every call.
type core struct {
	hello, minBackoff, maxBackoff, spread time.Duration
	jitter                                func(time.Duration) time.Duration // random in [0, d]

	streams []stream // as the book lists them: the current epoch last
	lanes   [2]lane  // by kiosk.Lane
	limits  size     // what the hub takes

	begun    bool // the first look at the clock was taken
	greeted  bool // the hub has answered a hello, and the line has not failed since
	greeting bool // a hello is on its way
	alarmed  bool // a push of the urgent lane has ended, well or not, since the line failed last
	there    bool // the hub has put the last hello off: it has no time, but it is there
	helloAt  time.Time
	failures int           // of the line, in a row
	patience int           // the limits of requests were doubled so often
	trip     time.Duration // of the last hello: there and back with next to nothing
	known    bool
	up       bool
	epochDue string // why a new epoch must begin
}

// stream is what the agent believes of one stream.
type stream struct {
	kiosk.Head
	at uint64 // the hub has everything up to here, or is going to be asked
}

// lane is the sending of one lane: one batch at a time.
type lane struct {
	size     size
	busy     bool
	until    time.Time // nothing is sent before
	failures int       // in a row
}

type size struct{ records, bytes int }

// push is the order to send a batch.
type push struct {
	stream kiosk.Stream
	after  uint64
	size   size
	more   bool          // there will be more to send after it
	limit  time.Duration // how long the request may take
}

// orders are what is to be done now, and when to ask again (zero: when something happens).
type orders struct {
	hello  bool
	pushes []push
	wake   time.Time
}

// read takes in what the book says of itself.
func (c *core) read(now time.Time, heads []kiosk.Head) {
	if !c.begun {
		c.begun = true
		c.helloAt = now.Add(c.jitter(c.spread))
		c.limits = size{maxRecords, maxBytes}
		for i := range c.lanes {
			c.lanes[i].size = size{startRecords, startBytes}
		}
	}
	grown := false
	streams := make([]stream, len(heads))
	for i, h := range heads {
		streams[i] = stream{Head: h, at: h.Acked}
		if old := c.find(h.Stream); old != nil {
			streams[i].at = old.at
			grown = grown || h.Last > old.Last
		}
	}
	c.streams = streams
	if l := &c.lanes[kiosk.LaneLog]; grown && now.Add(linger).After(l.until) && l.failures == 0 {
		l.until = now.Add(linger)
	}
}

// next says what to do now.
func (c *core) next(now time.Time) orders {
	o := orders{pushes: c.due(now)}
	held := c.held()
	if !c.greeting && !held && !c.helloAt.After(now) {
		c.greeting, o.hello = true, true
	}
	if !c.greeting && !held {
		o.wake = c.helloAt
	}
	for id := range c.lanes {
		l := &c.lanes[id]
		if !l.busy && l.until.After(now) && c.waiting(kiosk.Lane(id)) && c.mayPush(kiosk.Lane(id)) &&
			(o.wake.IsZero() || l.until.Before(o.wake)) {
			o.wake = l.until
		}
	}
	return o
}

// held reports whether the hello waits: on a line that has carried nothing yet, an
// alarm is not to share it with anything. Only the first push is waited for, so that
// a booth with alarm after alarm says hello, too.
func (c *core) held() bool {
	return !c.greeted && !c.alarmed && c.lanes[kiosk.LaneUrgent].busy
}

// due returns what is to be sent now.
func (c *core) due(now time.Time) (pushes []push) {
	for _, id := range kiosk.Lanes() {
		l := &c.lanes[id]
		s := c.first(id)
		if l.busy || s == nil || !c.mayPush(id) || l.until.After(now) {
			continue
		}
		l.busy = true
		pushes = append(pushes, push{stream: s.Stream, after: s.at, size: l.size, more: s.Last > s.at+uint64(l.size.records),
			limit: pushTimeout << c.patience})
	}
	return pushes
}

// mayPush reports whether the lane may send before the hub has answered a hello: an
// alarm waits neither for the first contact's turn nor for the hellos of a whole city,
// which a busy hub puts off. The hub's answer to it is as good.
func (c *core) mayPush(id kiosk.Lane) bool {
	return c.greeted || (id == kiosk.LaneUrgent && (c.failures == 0 || c.there))
}

// first returns the oldest stream of the lane that has something to send.
func (c *core) first(id kiosk.Lane) *stream {
	for i := range c.streams {
		if s := &c.streams[i]; s.Lane == id && s.at < s.Last {
			return s
		}
	}
	return nil
}

func (c *core) waiting(id kiosk.Lane) bool { return c.first(id) != nil }

func (c *core) find(s kiosk.Stream) *stream {
	for i := range c.streams {
		if c.streams[i].Stream == s {
			return &c.streams[i]
		}
	}
	return nil
}

// current reports whether new records go into the stream's epoch.
func (c *core) current(s *stream) bool {
	return len(c.streams) > 0 && c.streams[len(c.streams)-1].Epoch == s.Epoch
}

// uplink is what the screens are told.
func (c *core) uplink() kiosk.Uplink {
	u := kiosk.Uplink{Known: c.known, Up: c.up}
	for _, s := range c.streams {
		u.Behind += int64(s.Last - min(s.at, s.Acked, s.Last))
		if !s.Oldest.IsZero() && (u.Oldest.IsZero() || s.Oldest.Before(u.Oldest)) {
			u.Oldest = s.Oldest
		}
	}
	return u
}

// soon asks for a hello now, unless the line is resting.
func (c *core) soon(now time.Time) {
	if c.failures == 0 && c.begun && c.helloAt.After(now) && c.greeted {
		c.helloAt = now
	}
}

// backoff returns a pause after n failures in a row: full jitter, never less than
// half of the shortest pause, and at least what the hub asked for. Where it did ask, it
// is not much more either: the hub knows when it will have time.
func (c *core) backoff(n int, longest, asked time.Duration) time.Duration {
	if asked > 0 {
		longest = min(longest, 2*asked)
	}
	ceiling := longest
	if n < 20 {
		ceiling = min(longest, c.minBackoff<<max(n-1, 0))
	}
	least := min(c.minBackoff/2, ceiling)
	return max(least+c.jitter(ceiling-least), asked)
}

// grow and shrink change the size of the lane's batches.
func (l *lane) grow(limit size) {
	l.size = size{min(4*l.size.records, limit.records), min(4*l.size.bytes, limit.bytes)}
}

func (l *lane) shrink() {
	l.size = size{max(l.size.records/2, 1), max(l.size.bytes/2, 1<<10)}
}

// lines are sorted for the hello: those with something to send first, then the
// newest, so that a limit cuts off what is old and done.
func (c *core) told(most int) []stream {
	out := slices.Clone(c.streams)
	slices.Reverse(out)
	slices.SortStableFunc(out, func(a, b stream) int {
		switch ad, bd := a.Acked < a.Last, b.Acked < b.Last; {
		case ad == bd:
			return 0
		case ad:
			return -1
		}
		return 1
	})
	return out[:min(len(out), most)]
}
