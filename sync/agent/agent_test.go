package agent_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// run starts the agent of a booth and returns a function that ends it.
func run(t testing.TB, b *hubtest.Booth, o agent.Opts) (stop func()) {
	t.Helper()
	o.Log = hubtest.Quiet()
	o.Appended = b.Book.Appended
	if o.MinBackoff == 0 {
		o.MinBackoff = 10 * time.Millisecond
	}
	if o.MaxBackoff == 0 {
		o.MaxBackoff = 50 * time.Millisecond
	}
	a, err := agent.New(b.Book, b.Enrolment, b.Key, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// eventually waits for something that must come true soon.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not in time: %s", what)
}

func drained(b *hubtest.Booth) func() bool { return func() bool { return b.Book.Behind() == 0 } }

// whole checks that every stream of the log is dense from 1 and nothing is twice,
// and returns how many records there are.
func whole(t testing.TB, c *hubtest.City) int {
	t.Helper()
	next := map[string]uint64{}
	entries := c.Entries()
	for i, e := range entries {
		key := fmt.Sprint(e.Booth, e.Epoch, e.Lane)
		next[key]++
		if e.Seq != next[key] || e.Pos != int64(i+1) {
			t.Fatalf("entry %d is record %d of %s at %d, want record %d", i, e.Seq, key, e.Pos, next[key])
		}
	}
	return len(entries)
}

func TestEverythingArrivesOnceAndInOrder(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 7000)
	b.Book.Write(t, kiosk.LaneUrgent, 3)
	defer run(t, b, agent.Opts{Version: "1.2", Printer: func() kiosk.PrinterState { return kiosk.PrinterReady }})()
	eventually(t, "all acknowledged", drained(b))
	for range 20 {
		b.Book.Write(t, kiosk.LaneLog, 1)
		time.Sleep(time.Millisecond)
	}
	eventually(t, "what came later acknowledged", drained(b))
	if n := whole(t, c); n != 7023 {
		t.Errorf("the hub has %d records, want 7023", n)
	}
	s, err := c.Stations(t.Context())
	if err != nil || s[0].Version != "1.2" || s[0].Printer != kiosk.PrinterReady || s[0].Records != 7023 || s[0].Behind != 0 {
		t.Errorf("station %+v, %v", s, err)
	}
}

func TestLineStateIsTold(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	var last atomic.Pointer[kiosk.Uplink]
	var times atomic.Int64
	defer run(t, b, agent.Opts{Hello: 20 * time.Millisecond, OnUplink: func(u kiosk.Uplink) { last.Store(&u) },
		OnTime: func(hub time.Time, trip time.Duration) {
			if hub.Equal(c.Clock.Read().Wall) && trip > 0 {
				times.Add(1)
			}
		}})()
	is := func(want func(kiosk.Uplink) bool) func() bool {
		return func() bool { u := last.Load(); return u != nil && want(*u) }
	}
	eventually(t, "the line is up", is(func(u kiosk.Uplink) bool { return u.Known && u.Up && u.Behind == 0 }))
	c.Stop()
	eventually(t, "the line is down", is(func(u kiosk.Uplink) bool { return u.Known && !u.Up }))
	b.Book.Write(t, kiosk.LaneLog, 7)
	eventually(t, "seven behind", is(func(u kiosk.Uplink) bool { return !u.Up && u.Behind == 7 && u.Oldest.UnixMilli() == 1_790_000_000_000 }))
	c.Start()
	eventually(t, "all there", is(func(u kiosk.Uplink) bool { return u.Up && u.Behind == 0 && u.Oldest.IsZero() }))
	if times.Load() == 0 {
		t.Error("the hub's time was never told")
	}
}

func TestHubTellsWhoIsBehind(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 5)
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == wire.PathUp+"log" {
			panic(http.ErrAbortHandler)
		}
		c.Handler().ServeHTTP(w, r)
	}))
	defer refusing.Close()
	b.Hub = refusing.URL
	defer run(t, b, agent.Opts{})()
	eventually(t, "five behind", func() bool {
		s, err := c.Stations(t.Context())
		return err == nil && s[0].Behind == 5 && s[0].Oldest.UnixMilli() == 1_790_000_000_000
	})
}

func TestHubRestoredFromBackupIsHealed(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	stop := run(t, b, agent.Opts{Hello: 20 * time.Millisecond})
	defer stop()
	b.Book.Write(t, kiosk.LaneLog, 300)
	eventually(t, "the first 300", drained(b))
	c.Stop()
	backup := c.Backup()
	c.Start()
	b.Book.Write(t, kiosk.LaneLog, 400)
	b.Book.Write(t, kiosk.LaneUrgent, 4)
	eventually(t, "all 704", drained(b))
	c.Stop()
	c.Restore(backup)
	if n := whole(t, c); n != 300 {
		t.Fatalf("the backup has %d records", n)
	}
	c.Start()
	eventually(t, "what the hub had lost is there again", func() bool { return len(c.Entries()) == 704 })
	whole(t, c)
	if begun := b.Book.Begun(); len(begun) != 0 {
		t.Errorf("the booth began epochs: %v", begun)
	}
}

func TestBoothRestoredFromBackupBeginsAnEpoch(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 50)
	stop := run(t, b, agent.Opts{})
	eventually(t, "the first 50", drained(b))
	backup := b.Book.Copy()
	b.Book.Write(t, kiosk.LaneLog, 50)
	eventually(t, "all 100", drained(b))
	stop()
	b.Book = backup
	b.Book.Write(t, kiosk.LaneLog, 30) // other records under known seqs
	defer run(t, b, agent.Opts{})()
	eventually(t, "a new epoch", func() bool { return len(b.Book.Begun()) == 1 })
	b.Book.Write(t, kiosk.LaneLog, 20)
	eventually(t, "the queue is empty", drained(b))
	if n := whole(t, c); n != 120 {
		t.Errorf("the log has %d records, want 100 and 20 of the new epoch", n)
	}
	if s, err := c.Stations(t.Context()); err != nil || s[0].Behind != 0 {
		t.Errorf("station %+v, %v", s, err)
	}
}

func TestClonedBoothIsFoundAndLosesNothing(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 50)
	stop := run(t, b, agent.Opts{})
	eventually(t, "the first 50", drained(b))
	clone := &hubtest.Booth{Enrolment: b.Enrolment, Key: b.Key, Book: b.Book.Copy()}
	clone.Book.Write(t, kiosk.LaneLog, 40)
	b.Book.Write(t, kiosk.LaneLog, 10)
	eventually(t, "the next 10", drained(b))
	stop()
	stop = run(t, clone, agent.Opts{})
	eventually(t, "the clone begins an epoch", func() bool { return len(clone.Book.Begun()) == 1 })
	clone.Book.Write(t, kiosk.LaneLog, 5)
	eventually(t, "the clone's queue is empty", drained(clone))
	stop()
	b.Book.Write(t, kiosk.LaneLog, 3)
	defer run(t, b, agent.Opts{})()
	eventually(t, "the first book goes on in an epoch of its own", func() bool { return len(b.Book.Begun()) == 1 && drained(b)() })
	if n := whole(t, c); n != 65 {
		t.Errorf("the log has %d records, want 60 and 5", n)
	}
}

// A hub that is not the booth's hub: every kind of answer, none of them signed by
// the key that the booth knows.
func TestForgedAnswersChangeNothing(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 10)
	_, key, _ := ed25519.GenerateKey(nil)
	var asked atomic.Int64
	var recorded atomic.Pointer[httptest.ResponseRecorder] // an answer of the real hub, to replay
	forger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		if r.Method == http.MethodGet || (r.URL.Path == wire.PathHello && n < 8) {
			c.Handler().ServeHTTP(w, r) // so that it comes to the pushes at all
			return
		}
		nonce := ""
		if s, err := wire.ReadSignature(r); err == nil {
			nonce = s.Nonce
		}
		ack, _ := wire.Marshal(&wire.Ack{Acked: 10})
		switch n % 4 {
		case 0: // signed by another key
			wire.SignAnswer(w.Header(), 200, wire.TypeMessage, ack, key, nonce, "x")
			w.Write(ack)
		case 1: // not signed
			w.Write(ack)
		case 2: // the answer to another request
			if old := recorded.Load(); old != nil {
				for k, v := range old.Header() {
					w.Header()[k] = v
				}
				w.Write(old.Body.Bytes())
			}
		case 3: // the real answer to a request that anybody may make, bound to this nonce
			rec := httptest.NewRecorder()
			c.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, wire.PathChallenge+"?nonce="+nonce, nil))
			recorded.Store(rec)
			for k, v := range rec.Header() {
				w.Header()[k] = v
			}
			w.Write(rec.Body.Bytes())
		}
	}))
	defer forger.Close()
	b.Hub = forger.URL
	stop := run(t, b, agent.Opts{Hello: 5 * time.Millisecond, MinBackoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond})
	eventually(t, "it was tried often", func() bool { return asked.Load() > 60 })
	stop()
	if n := b.Book.Behind(); n != 10 || len(b.Book.Begun()) != 0 || len(c.Entries()) != 0 {
		t.Errorf("%d behind, epochs %v, %d at the hub", n, b.Book.Begun(), len(c.Entries()))
	}
}

func TestHubThatBreaksOffNowAndThen(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 800)
	rough := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch rand.IntN(4) {
		case 0: // before it has read anything
			panic(http.ErrAbortHandler)
		case 1: // after it has committed
			c.Handler().ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		c.Handler().ServeHTTP(w, r)
	}))
	defer rough.Close()
	b.Hub = rough.URL
	defer run(t, b, agent.Opts{MinBackoff: time.Millisecond, MaxBackoff: 5 * time.Millisecond})()
	eventually(t, "all there", drained(b))
	if n := whole(t, c); n != 800 {
		t.Errorf("the hub has %d records, want 800", n)
	}
}

func TestRevokedBoothStopsAndGoesOnWhenItIsEnrolledAnew(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	if err := c.RevokeBooth(t.Context(), "07", "stolen"); err != nil {
		t.Fatal(err)
	}
	b.Book.Write(t, kiosk.LaneLog, 3)
	var up atomic.Bool
	stop := run(t, b, agent.Opts{OnUplink: func(u kiosk.Uplink) { up.Store(u.Known && u.Up) }})
	time.Sleep(100 * time.Millisecond)
	stop()
	if up.Load() || b.Book.Behind() != 3 {
		t.Errorf("up %v, %d behind", up.Load(), b.Book.Behind())
	}
	again := c.Enrol("07")
	again.Book = b.Book
	defer run(t, again, agent.Opts{})()
	eventually(t, "all there", drained(again))
}
