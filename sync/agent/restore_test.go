package agent_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// often lets an agent call and come back quickly.
func often() agent.Opts {
	return agent.Opts{Hello: 10 * time.Millisecond, MinBackoff: time.Millisecond, MaxBackoff: 10 * time.Millisecond}
}

// scribble writes a few records into both lanes.
func scribble(t testing.TB, rng *rand.Rand, b *hubtest.Booth) {
	t.Helper()
	b.Book.Write(t, kiosk.LaneLog, 1+rng.IntN(120))
	b.Book.Write(t, kiosk.LaneUrgent, rng.IntN(4))
}

// kept returns the headers that the hub has in its log, by stream and in order, and
// fails where a stream has a gap or a record twice.
func kept(t testing.TB, c *hubtest.City) (log map[kiosk.Stream][][]byte, n int) {
	t.Helper()
	log = map[kiosk.Stream][][]byte{}
	err := c.DB.View(t.Context(), func(tx *sqldb.Tx) error {
		rows, err := tx.Log(t.Context(), kiosk.LogQuery{Limit: 1 << 20})
		for _, row := range rows {
			r, _, err := wire.ReadRecord(row.Raw)
			if err != nil {
				return err
			}
			h, err := kiosk.DecodeHeader(r.Header)
			if err != nil {
				return err
			}
			s := kiosk.Stream{Epoch: h.Epoch, Lane: h.Lane}
			log[s] = append(log[s], r.Header)
			if h.Seq != uint64(len(log[s])) {
				t.Errorf("record %d of lane %s stands at place %d", h.Seq, h.Lane, len(log[s]))
			}
		}
		n = len(rows)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return log, n
}

// aside returns the headers that were set aside.
func aside(t testing.TB, c *hubtest.City) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := c.WalkForks(t.Context(), "", func(line any) error {
		if r, ok := line.(wire.Row); ok {
			out[string(r.Header)] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// arrived checks that every record of the books that was acknowledged is at the hub,
// byte for byte in its place or set aside, and returns how many there are of each.
func arrived(t testing.TB, c *hubtest.City, books ...*hubtest.Book) (inLog, setAside int) {
	t.Helper()
	log, _ := kept(t, c)
	forks := aside(t, c)
	for _, b := range books {
		heads, err := b.Heads(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range heads {
			records, err := b.Records(t.Context(), h.Stream, 0, int(h.Acked), 1<<30)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range records {
				switch {
				case i < len(log[h.Stream]) && bytes.Equal(log[h.Stream][i], r.Header):
					inLog++
				case forks[string(r.Header)]:
					setAside++
				default:
					t.Fatalf("record %d of lane %s was acknowledged and is lost", i+1, h.Lane)
				}
			}
		}
	}
	return inLog, setAside
}

// The hub is put back to an older state while its booth goes on.
func TestT10HubRestoredFromABackup(t *testing.T) {
	p := kiosktest.Prove(t, "T10", "hub restored from a backup", kiosktest.Runs{Short: 10, Release: 100})
	p.Count("lost", 0)
	for p.Next() {
		rng := rand.New(rand.NewPCG(p.Seed(), 10))
		c := hubtest.New(t)
		b := c.Enrol("07")
		stop := run(t, b, often())
		scribble(t, rng, b)
		eventually(t, "the first records", drained(b))
		c.Stop()
		_, before := kept(t, c)
		backup := c.Backup()
		c.Start()
		for range 1 + rng.IntN(3) {
			scribble(t, rng, b)
			eventually(t, "the next records", drained(b))
		}
		_, full := kept(t, c)
		c.Stop()
		c.Restore(backup)
		scribble(t, rng, b)
		c.Start()
		eventually(t, "all is there again", func() bool { _, n := kept(t, c); return n > full && drained(b)() })
		stop()
		if n, forked := arrived(t, c, b.Book); forked != 0 || n != whole(t, c) || len(b.Book.Begun()) != 0 {
			t.Errorf("%d records in the log of %d, %d set aside, epochs %v", n, whole(t, c), forked, b.Book.Begun())
		}
		p.Count("records sent again", full-before)
	}
}

// A booth is put back to an older state, writes on, and calls sooner or later.
func TestT10BoothRestoredFromABackup(t *testing.T) {
	p := kiosktest.Prove(t, "T10", "booth restored from a backup", kiosktest.Runs{Short: 10, Release: 100})
	p.Count("lost", 0)
	for p.Next() {
		rng := rand.New(rand.NewPCG(p.Seed(), 11))
		c := hubtest.New(t)
		b := c.Enrol("07")
		scribble(t, rng, b)
		stop := run(t, b, often())
		eventually(t, "the first records", drained(b))
		old := &hubtest.Booth{Enrolment: b.Enrolment, Key: b.Key, Book: b.Book.Copy()}
		scribble(t, rng, b)
		eventually(t, "all before the accident", drained(b))
		stop()
		for range rng.IntN(3) { // with no line yet
			scribble(t, rng, old)
		}
		stop = run(t, old, often())
		eventually(t, "the restored booth begins an epoch", func() bool { return len(old.Book.Begun()) > 0 })
		scribble(t, rng, old)
		eventually(t, "its queue is empty", drained(old))
		stop()
		n, forked := arrived(t, c, b.Book, old.Book)
		if s, err := c.Stations(t.Context()); err != nil || (forked > 0) != (s[0].Forked > 0) || s[0].Behind != 0 {
			t.Errorf("%d set aside, and the list says %+v, %v", forked, s, err)
		}
		p.Count("in the log", n)
		p.Count("set aside", forked)
	}
}

// Two cards of one booth are at work at once, in turns.
func TestT10ClonedCard(t *testing.T) {
	p := kiosktest.Prove(t, "T10", "cloned card", kiosktest.Runs{Short: 10, Release: 100})
	p.Count("lost", 0)
	for p.Next() {
		rng := rand.New(rand.NewPCG(p.Seed(), 12))
		c := hubtest.New(t)
		b := c.Enrol("07")
		scribble(t, rng, b)
		stop := run(t, b, often())
		eventually(t, "the first records", drained(b))
		clone := &hubtest.Booth{Enrolment: b.Enrolment, Key: b.Key, Book: b.Book.Copy()}
		stop()
		for i := range 4 {
			turn := []*hubtest.Booth{b, clone}[i%2]
			scribble(t, rng, turn)
			stop = run(t, turn, often())
			eventually(t, fmt.Sprintf("turn %d", i), drained(turn))
			stop()
		}
		n, forked := arrived(t, c, b.Book, clone.Book)
		s, err := c.Stations(t.Context())
		if err != nil || forked == 0 || s[0].Forked == 0 {
			t.Errorf("%d set aside, and the list says %+v, %v", forked, s, err)
		}
		if len(clone.Book.Begun()) == 0 {
			t.Error("the clone goes on in the other one's stream")
		}
		p.Count("in the log", n)
		p.Count("set aside", forked)
	}
}
