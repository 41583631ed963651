package hub_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// mutate changes a few bytes: flips, cuts, repeats, moves.
func mutate(rng *rand.Rand, b []byte) []byte {
	b = bytes.Clone(b)
	for range 1 + rng.IntN(3) {
		if len(b) < 2 {
			return append(b, byte(rng.Uint32()))
		}
		at := rng.IntN(len(b))
		switch rng.IntN(6) {
		case 0, 1:
			b[at] ^= 1 << rng.IntN(8)
		case 2:
			b = b[:at]
		case 3:
			b = append(b[:at:at], b[at+1+rng.IntN(min(40, len(b)-at)):]...)
		case 4:
			b = append(b[:at:at], append(bytes.Clone(b[at:min(len(b), at+rng.IntN(40))]), b[at:]...)...)
		case 5:
			b[at] = byte(rng.Uint32())
		}
	}
	return b
}

// TestT8MutatedRequestsChangeNothing changes requests on the line: their signature no
// longer fits, and the hub must be as if they had never come.
func TestT8MutatedRequestsChangeNothing(t *testing.T) {
	p := kiosktest.Prove(t, "T8", "requests changed on the line", kiosktest.Runs{Short: 4000, Release: 400_000})
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 20)
	push(t, c, b, 1, 10)
	before, _ := stored(t, c, 10)
	raw, err := batchOf(t, b, kiosk.LaneLog, 11, 20).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	body := codec.Compress(nil, raw)
	headers := []string{"Content-Digest", "Content-Type", "Content-Encoding", "Signature-Input", "Signature"}
	p.Count("taken", 0)
	for p.Next() {
		rng, i := rand.New(rand.NewPCG(p.Seed(), 2)), p.Seed()
		r := signed(t, c, b, wire.PathUp+"log", wire.TypeBatch, body)
		if i%2 == 0 {
			changed := mutate(rng, body)
			if bytes.Equal(changed, body) {
				continue
			}
			r.Body = io.NopCloser(bytes.NewReader(changed))
		} else {
			name := headers[rng.IntN(len(headers))]
			old := r.Header.Get(name)
			if changed := string(mutate(rng, []byte(old))); changed != old {
				r.Header.Set(name, changed)
			} else {
				continue
			}
		}
		if got := serve(t, c, b, r); got.status == http.StatusOK {
			t.Fatalf("it was taken: %s", got)
		}
	}
	if after, last := stored(t, c, 10); after != before || last != 10 || forks(t, c) != 0 {
		t.Errorf("something changed: %d records, %d set aside", last, forks(t, c))
	}
	if got := push(t, c, b, 11, 20); got.ack.Acked != 20 {
		t.Errorf("the batch itself afterwards: %s", got)
	}
}

// TestT8MutatedBatchesOfTheBoothItselfChangeNothingStored signs changed batches with
// the booth's own key: a booth gone mad. It may add to its own streams, but
// nothing that is stored changes, and no other booth's stream does. A run is one
// book and fifty changed batches.
func TestT8MutatedBatchesOfTheBoothItselfChangeNothingStored(t *testing.T) {
	p := kiosktest.Prove(t, "T8", "batches of a booth gone mad", kiosktest.Runs{Short: 80, Release: 8000})
	c := hubtest.New(t)
	b, other := c.Enrol("07"), c.Enrol("08")
	other.Book.Write(t, kiosk.LaneLog, 10)
	push(t, c, other, 1, 10)
	var at int64
	for p.Next() {
		rng := rand.New(rand.NewPCG(p.Seed(), 4))
		b.Book = hubtest.NewBook("07") // an epoch that is not frozen yet
		b.Book.Write(t, kiosk.LaneLog, 12)
		push(t, c, b, 1, 8)
		raw, err := batchOf(t, b, kiosk.LaneLog, 5, 12).Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		_, start := stored(t, c, 1)
		before, _ := stored(t, c, start)
		last := start
		for range 50 {
			got := pushRaw(t, c, b, kiosk.LaneLog, mutate(rng, raw))
			_, now := stored(t, c, 1)
			if now < last || now > last+12 {
				t.Fatalf("%s: %d records became %d", got, last, now)
			}
			last, at = now, now
			p.Count("batches", 1)
		}
		if after, _ := stored(t, c, start); after != before {
			t.Fatal("one of the mutations changed what was stored")
		}
	}
	entries := c.Entries()
	if int64(len(entries)) != at {
		t.Errorf("%d entries of %d records can be read", len(entries), at)
	}
	seen := map[string]bool{}
	for _, e := range entries {
		key := e.Booth + e.Epoch.String() + e.Lane.String() + string(rune(e.Seq))
		if seen[key] {
			t.Fatalf("record twice: %+v", e)
		}
		seen[key] = true
	}
}

// TestT8BatchesInAnyOrderStoreEachRecordOnce delivers batches as a bad line and a bad
// memory would: repeated, out of order, overlapping, of an old epoch, of another lane,
// under another booth's name. A run is two booths and forty deliveries.
func TestT8BatchesInAnyOrderStoreEachRecordOnce(t *testing.T) {
	p := kiosktest.Prove(t, "T8", "batches in any order", kiosktest.Runs{Short: 50, Release: 5000})
	c := hubtest.New(t)
	booths := []*hubtest.Booth{c.Enrol("07"), c.Enrol("08")}
	var total int64
	for p.Next() {
		rng := rand.New(rand.NewPCG(p.Seed(), 8))
		var batches []*wire.Batch // of two epochs and both lanes of both booths
		for _, b := range booths {
			for range 2 {
				if err := b.Book.BeginEpoch(t.Context(), "test"); err != nil {
					t.Fatal(err)
				}
				for _, lane := range kiosk.Lanes() {
					b.Book.Write(t, lane, 12)
					for range 4 {
						first := 1 + rng.Uint64N(12)
						batches = append(batches, batchOf(t, b, lane, first, first+rng.Uint64N(13-first)))
					}
				}
			}
		}
		heads := map[kiosk.Stream]uint64{}
		for range 40 {
			batch := batches[rng.IntN(len(batches))]
			sender := booths[rng.IntN(2)]
			got := pushRaw(t, c, sender, batch.Stream.Lane, appended(t, batch))
			p.Count("batches", 1)
			switch head := heads[batch.Stream]; {
			case sender.Booth != batch.Booth:
				if got.status != http.StatusBadRequest {
					t.Fatalf("booth %s sends a batch of %s: %s", sender.Booth, batch.Booth, got)
				}
			case batch.First > head+1:
				if got.problem.Need != head+1 {
					t.Fatalf("records %d to %d behind %d: %s", batch.First, batch.Last, head, got)
				}
			default:
				heads[batch.Stream] = max(head, batch.Last)
				if got.ack.Acked != heads[batch.Stream] {
					t.Fatalf("records %d to %d behind %d: %s", batch.First, batch.Last, head, got)
				}
			}
		}
		for _, n := range heads {
			total += int64(n)
		}
		if _, last := stored(t, c, 1); last != total || forks(t, c) != 0 {
			t.Fatalf("%d records are stored, want %d; %d set aside", last, total, forks(t, c))
		}
	}
}
