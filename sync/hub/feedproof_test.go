package hub_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
	"redstation/sync/agent"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// feedRun is one run of the proof: writers publish at once, each under names of its
// own, so that what a feed must hold in the end is known without the hub.
type feedRun struct {
	t     *testing.T
	c     *hubtest.City
	items int // of each writer
	ended atomic.Bool
	wg    sync.WaitGroup

	mu    sync.Mutex
	model map[string]string // by feed, type and id: the body; "" = removed
}

const feedWriters = 3

// TestT15FeedsSkipNothing lets writers publish at once while one booth and one plain
// reader read and the hub compacts under them.
func TestT15FeedsSkipNothing(t *testing.T) {
	p := kiosktest.Prove(t, "T15", "feeds: concurrent writers, page edges, compaction under readers", kiosktest.Runs{Short: 1, Release: 100})
	for p.Next() {
		r := rand.New(rand.NewPCG(p.Seed(), 15))
		run := &feedRun{t: t, c: hubtest.New(t), items: p.Part(100_000)/feedWriters + 1, model: map[string]string{}}
		b := run.c.Enrol("07")
		store := openFeeds(t, t.TempDir())
		for w := range feedWriters {
			seed := r.Uint64()
			run.wg.Go(func() { run.write(w, rand.New(rand.NewPCG(seed, 1))) })
		}
		readers := make(chan int, 1)
		seed := r.Uint64()
		go func() { readers <- run.readPages(rand.New(rand.NewPCG(seed, 2))) }()
		stop := follow(t, b, store, agent.FeedOpts{Compare: time.Duration(1+r.IntN(3)) * time.Second})
		run.compact(r)
		run.wg.Wait()
		run.ended.Store(true)
		skipped := <-readers
		run.settle(store)
		stop()
		p.Count("items", feedWriters*run.items)
		p.Count("skipped", skipped)
		different := run.differences(store)
		p.Count("different", different)
		if skipped > 0 || different > 0 {
			t.Fatalf("%d pages with versions skipped, %d things different", skipped, different)
		}
		run.c.Stop()
	}
}

// write publishes the items of one writer.
func (r *feedRun) write(w int, rnd *rand.Rand) {
	feeds := []kiosk.Feed{kiosk.FeedCity, kiosk.FeedCity, kiosk.BoothFeed("07")}
	mine := map[string]string{}
	for left := r.items; left > 0; {
		n := min(1+rnd.IntN(400), left)
		left -= n
		items := make([]hub.Published, n)
		for i := range items {
			name := fmt.Sprintf("%d-%d", w, rnd.IntN(r.items/6))
			items[i] = put(feeds[rnd.IntN(len(feeds))], "n", name, fmt.Sprint(rnd.Uint64()))
			if rnd.IntN(8) == 0 {
				items[i].Op, items[i].Body = kiosk.ItemDel, nil
			}
			mine[string(items[i].Feed)+" "+name] = string(items[i].Body)
		}
		if err := r.c.Publish(context.Background(), items...); err != nil {
			r.t.Error(err)
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.Copy(r.model, mine)
}

// compact lets pages begin later and later while writers write.
func (r *feedRun) compact(rnd *rand.Rand) {
	for i := range 12 {
		for _, feed := range []kiosk.Feed{kiosk.FeedCity, kiosk.BoothFeed("07")} {
			upTo := uint64(rnd.IntN(300 * (i + 1)))
			if err := r.c.Compact(context.Background(), feed, upTo, r.c.Clock.Read().Wall.Add(-time.Hour)); err != nil {
				r.t.Error(err)
			}
		}
		time.Sleep(time.Duration(rnd.IntN(5)) * time.Millisecond) // not to wait for anything: only to come at other moments
	}
}

// readPages reads the city's pages as a plain HTTP client and returns how many
// versions it was not given although nothing said that they were compacted away.
// Now and then it goes back, to read pages again from within.
func (r *feedRun) readPages(rnd *rand.Rand) (skipped int) {
	at := uint64(0)
	for {
		last := r.ended.Load()
		var page wire.FeedPage
		resp := get(r.t, r.c, fmt.Sprintf("%s%scity?after=%d", r.c.URL, wire.PathFeed, at), nil, &page)
		switch {
		case resp.StatusCode == http.StatusGone:
			at += uint64(1 + rnd.IntN(200))
			continue
		case page.Check(kiosk.FeedCity, at) != nil:
			skipped++
		}
		end := (at/wire.PageItems + 1) * wire.PageItems
		if n := uint64(len(page.Items)); at+n > end || page.Full != (at+n == end) {
			skipped++
		}
		at += uint64(len(page.Items))
		if last && !page.Full {
			return skipped
		}
		if rnd.IntN(12) == 0 {
			at -= min(at, uint64(rnd.IntN(2*wire.PageItems)))
		}
	}
}

// settle waits until the booth is where the hub is.
func (r *feedRun) settle(store *sqlite.FeedDB) {
	vers := r.vers()
	eventually(r.t, "the booth is where the hub is", func() bool {
		at, err := store.Cursors(context.Background())
		return err == nil && at[kiosk.FeedCity] == vers[kiosk.FeedCity] && at[kiosk.BoothFeed("07")] == vers[kiosk.BoothFeed("07")]
	})
	want := headOf(r.t, r.c, kiosk.FeedCity)
	eventually(r.t, "the booth's checksums are those of the hub", func() bool {
		if sumsOf(r.t, store, kiosk.FeedCity) == want { // else a tombstone that was buried goes with the next comparison
			return true
		}
		time.Sleep(20 * time.Millisecond)
		return false
	})
}

// vers returns how far the hub's feeds are.
func (r *feedRun) vers() map[kiosk.Feed]uint64 {
	out := map[kiosk.Feed]uint64{}
	err := r.c.DB.View(context.Background(), func(tx *sqldb.Tx) error {
		feeds, err := tx.FeedsSince(context.Background(), 0)
		for _, f := range feeds {
			out[f.Name] = f.Ver
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// differences counts the things that the booth holds otherwise than they were
// published.
func (r *feedRun) differences(store *sqlite.FeedDB) (n int) {
	if err := store.Touch(context.Background(), kiosk.ID{1}, 0, time.Now()); err != nil {
		r.t.Fatal(err)
	}
	have := map[string]string{}
	for _, feed := range []kiosk.Feed{kiosk.FeedCity, kiosk.BoothFeed("07")} {
		items, err := store.Items(context.Background(), feed, "n")
		if err != nil {
			r.t.Fatal(err)
		}
		for _, i := range items {
			have[string(feed)+" "+i.ID] = string(i.Body)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, body := range r.model {
		if have[name] != body {
			n++
		}
		delete(have, name)
	}
	return n + len(have)
}
