package fleet

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// Result is what a run came to.
type Result struct {
	Written int           // records that books confirmed
	Acked   int           // of them, acknowledged
	AtHub   int           // records of the fleet in the hub's log
	Missing int           // I1: confirmed and not in the book
	Lost    int           // I2: acknowledged and not at the hub
	Changed int           // I2, I5: streams whose headers at the hub make another Merkle root
	Doubled int           // I3
	Gaps    int           // I4: records at the hub that do not follow on the one before
	Skipped int           // records that the following puller missed
	Behind  int           // I7: not acknowledged in time
	Epochs  int           // begun although no book was rolled back
	Urgent  Times         // each from its writing, or from when the line came back, to its acknowledgement
	Drained Times         // each booth from the start of its agent to its last empty queue
	Took    time.Duration // from the first to the last
	Wire    int64         // bytes both ways, with HTTP's own
}

// Times are how long something took, n times.
type Times struct {
	N                 int
	P50, P99, Longest time.Duration
}

func times(all []time.Duration) Times {
	if len(all) == 0 {
		return Times{}
	}
	slices.Sort(all)
	return Times{N: len(all), P50: all[len(all)/2], P99: all[len(all)*99/100], Longest: all[len(all)-1]}
}

// Broken says which invariants do not hold; "" where all do.
func (r *Result) Broken() string {
	var broken []string
	for _, x := range []struct {
		n    int
		text string
	}{
		{r.Missing, "I1: %d confirmed records are not in their book"},
		{r.Lost, "I2: %d acknowledged records are not at the hub"},
		{r.Changed, "I2: %d streams have other bytes at the hub"},
		{r.Doubled, "I3: %d records are at the hub twice"},
		{r.Gaps, "I4: %d records at the hub do not follow on the one before"},
		{r.Skipped, "I4: the following puller skipped %d records"},
		{r.Behind, "I7: %d records were not acknowledged in time"},
		{r.Epochs, "%d epochs began although no book was rolled back"},
	} {
		if x.n > 0 {
			broken = append(broken, fmt.Sprintf(x.text, x.n))
		}
	}
	return strings.Join(broken, "; ")
}

// census is what a puller has seen of the fleet's records.
type census struct {
	mu      sync.Mutex
	fleet   *Fleet
	streams map[stream]*seen
	rows    int
	doubled int
	gaps    int
	skipped int // positions
	pos     int64
}

// seen is what came of one stream.
type seen struct {
	tree
	last uint64 // seq
}

type stream struct {
	booth string
	kiosk.Stream
}

func (c *census) take(r *wire.Row) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pos > 0 && r.Pos != c.pos+1 {
		c.skipped += int(max(r.Pos-c.pos-1, 1))
	}
	c.pos = r.Pos
	if c.fleet.byID[r.Booth] == nil {
		return nil
	}
	lane, err := kiosk.ParseLane(r.Lane)
	if err != nil {
		return err
	}
	id := stream{r.Booth, kiosk.Stream{Epoch: r.Epoch, Lane: lane}}
	t := c.streams[id]
	if t == nil {
		t = &seen{}
		c.streams[id] = t
	}
	switch {
	case r.Seq <= t.last:
		c.doubled++
		return nil
	case r.Seq > t.last+1:
		c.gaps++
	}
	t.last = r.Seq
	c.rows++
	return t.add(r.Header)
}

func (c *census) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rows
}

// pull walks over what the hub received since a while before the run.
func (f *Fleet) pull(ctx context.Context, c *census, hub, token string, followed bool) error {
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	o := wire.PullOpts{Client: &http.Client{Transport: tr, Timeout: 2 * time.Minute}, Limit: wire.MaxPage, Follow: followed, Pause: time.Second,
		Since: f.begun.Add(-since)}
	for row, err := range wire.Pull(ctx, hub, token, o) {
		if err == nil {
			err = c.take(&row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// since is how long before the run a pull begins: a hub with a long log is not read
// whole, and its clock may be another one.
const since = 10 * time.Minute

// follower follows the hub's log while the fleet runs.
type follower struct {
	*census
	done chan error
	stop context.CancelFunc
}

func follow(ctx context.Context, f *Fleet, hub, token string) *follower {
	ctx, stop := context.WithCancel(ctx)
	w := &follower{census: &census{fleet: f, streams: map[stream]*seen{}}, done: make(chan error, 1), stop: stop}
	go func() { w.done <- f.pull(ctx, w.census, hub, token, true) }()
	return w
}

// end waits until the follower has as many rows as there are, for half a minute.
func (w *follower) end(ctx context.Context, rows int) error {
	defer w.stop()
	for late := time.Now().Add(30 * time.Second); w.count() < rows && time.Now().Before(late); {
		select {
		case err := <-w.done:
			return fmt.Errorf("follow the log: %w", err)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	w.stop()
	<-w.done //nolint:errcheck // it was stopped; what it missed is counted
	return nil
}

// sealTime is how long a record may take from its acknowledgement until it is read: a
// hub that died may leave it to another to give it its place in the order.
const sealTime = 15 * time.Second

// pullAll reads the whole log, again for a while where acknowledged records are not in
// it yet.
func (f *Fleet) pullAll(ctx context.Context, hub, token string) (*census, error) {
	for late := time.Now().Add(sealTime); ; time.Sleep(500 * time.Millisecond) {
		all := &census{fleet: f, streams: map[stream]*seen{}}
		if err := f.pull(ctx, all, hub, token, false); err != nil {
			return nil, fmt.Errorf("pull the log: %w", err)
		}
		if all.rows >= int(f.acked.Load()) || time.Now().After(late) || ctx.Err() != nil {
			return all, ctx.Err()
		}
	}
}

// compare holds books, hub and follower against each other.
func (f *Fleet) compare(ctx context.Context, hub, token string, w *follower) (Result, error) {
	all, err := f.pullAll(ctx, hub, token)
	if err != nil {
		return Result{}, err
	}
	if err := w.end(ctx, all.rows); err != nil {
		return Result{}, err
	}
	r := Result{AtHub: all.rows, Doubled: all.doubled + w.doubled, Gaps: all.gaps + w.gaps, Skipped: max(all.rows-w.rows, 0) + w.skipped + all.skipped}
	var urgent, drained []time.Duration
	for i, b := range f.booths {
		if err := b.compare(ctx, &r, all); err != nil {
			return Result{}, err
		}
		urgent, drained = append(urgent, b.took...), append(drained, b.drained)
		f.Progress("compared", i+1, f.Booths)
	}
	r.Urgent, r.Drained = times(urgent), times(drained)
	return r, nil
}

func (b *booth) compare(ctx context.Context, r *Result, all *census) error {
	heads, err := b.book.Heads(ctx)
	if err != nil {
		return err
	}
	have := 0
	for _, h := range heads {
		have += int(h.Last)
		r.Acked += int(h.Acked)
		r.Behind += int(h.Last - h.Acked)
		t := all.streams[stream{b.id, h.Stream}]
		if t == nil {
			t = &seen{}
		}
		r.Lost += int(h.Acked - min(h.Acked, t.size))
		if t.size > h.Last {
			r.Changed++ // the hub has what the book never confirmed
			continue
		}
		if t.size == 0 {
			continue
		}
		ours, err := b.book.Root(ctx, h.Stream, t.size)
		if err != nil {
			return err
		}
		theirs, err := t.root(t.size)
		if err != nil {
			return err
		}
		if ours != theirs {
			r.Changed++
		}
	}
	r.Written += b.wrote
	r.Missing += max(b.wrote-have, 0)
	r.Epochs += b.epochs
	return nil
}
