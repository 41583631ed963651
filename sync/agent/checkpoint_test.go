package agent_test

import (
	"crypto/ed25519"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// cosigned returns what the booth keeps of a stream, once it verified with both keys.
func cosigned(t *testing.T, b *hubtest.Booth, s kiosk.Stream) wire.Checkpoint {
	t.Helper()
	booth, err := wire.NoteKey(wire.BoothName(b.Booth), b.Key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	hub, err := wire.NoteKey(wire.HubName, b.HubKey)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := b.Book.Note(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.OpenCheckpoint(kept, booth, hub)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBothEndsKeepTheCosignedCheckpoint(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 1200)
	b.Book.Write(t, kiosk.LaneUrgent, 2)
	stop := run(t, b, agent.Opts{})
	eventually(t, "all there", drained(b))
	stop()
	for lane, size := range map[kiosk.Lane]uint64{kiosk.LaneLog: 1200, kiosk.LaneUrgent: 2} {
		s := b.Book.Stream(lane)
		got := cosigned(t, b, s)
		root, err := b.Book.Root(t.Context(), s, size)
		if err != nil || got.Size != size || got.Root != root || got.Stream != s {
			t.Errorf("lane %s: the booth keeps %+v, %v", lane, got, err)
		}
		err = c.DB.View(t.Context(), func(tx *sqldb.Tx) error {
			kept, err := tx.Checkpoint(t.Context(), "07", s)
			own, _ := b.Book.Note(t.Context(), s)
			if kept.Size != size || string(kept.Note) != string(own) {
				t.Errorf("lane %s: the hub keeps %d, %q", lane, kept.Size, kept.Note)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The hub has the records, and the booth does not know of it: the answer was lost,
// or they were carried there by hand.
func TestAHelloMovesTheQueue(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 100)
	twin := &hubtest.Booth{Enrolment: b.Enrolment, Key: b.Key, Book: b.Book.Copy()}
	stop := run(t, twin, agent.Opts{})
	eventually(t, "the hub has them", drained(twin))
	stop()
	var pushes atomic.Int64
	counting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == wire.PathUp+"log" {
			pushes.Add(1)
		}
		c.Handler().ServeHTTP(w, r)
	}))
	defer counting.Close()
	b.Hub = counting.URL
	defer run(t, b, agent.Opts{})()
	eventually(t, "the queue is empty", drained(b))
	if n := pushes.Load(); n != 0 {
		t.Errorf("%d batches were sent for what the hub has", n)
	}
	if got := cosigned(t, b, b.Book.Stream(kiosk.LaneLog)); got.Size != 100 {
		t.Errorf("the booth keeps %+v", got)
	}
}

// Two books that part behind what both have acknowledged: the hub acknowledges more
// than the batch, of the other book. None of that may count as sent.
func TestAnAcknowledgementOfAnotherTreeMovesNothing(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	for range 20 { // so large that the first batches end where both books are the same
		b.Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindTicketIssued, Facts: []byte(`"` + strings.Repeat("x", 40<<10) + `"`)})
	}
	clone := &hubtest.Booth{Enrolment: b.Enrolment, Key: b.Key, Book: b.Book.Copy()}
	b.Book.Write(t, kiosk.LaneLog, 10)
	clone.Book.Write(t, kiosk.LaneLog, 40)
	stop := run(t, b, agent.Opts{})
	eventually(t, "the first book is there", drained(b))
	stop()
	stop = run(t, clone, agent.Opts{})
	eventually(t, "the clone's queue is empty", func() bool { return len(clone.Book.Begun()) == 1 && drained(clone)() })
	stop()
	var aside int
	err := c.DB.View(t.Context(), func(tx *sqldb.Tx) (err error) {
		aside, err = tx.Forks(t.Context())
		return err
	})
	if err != nil || aside < 40 {
		t.Errorf("%d of the clone's 40 own records were set aside, %v", aside, err)
	}
	if n := whole(t, c); n != 30 {
		t.Errorf("the log has %d records, want the first book's 30", n)
	}
}
