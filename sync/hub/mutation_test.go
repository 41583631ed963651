package hub_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

const mutations = 2000

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

// TestMutatedRequestsChangeNothing changes requests on the line: their signature no
// longer fits, and the hub must be as if they had never come.
func TestMutatedRequestsChangeNothing(t *testing.T) {
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
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range mutations {
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
			t.Fatalf("mutation %d was taken: %s", i, got)
		}
	}
	if after, last := stored(t, c, 10); after != before || last != 10 || forks(t, c) != 0 {
		t.Errorf("something changed: %d records, %d set aside", last, forks(t, c))
	}
	if got := push(t, c, b, 11, 20); got.ack.Acked != 20 {
		t.Errorf("the batch itself afterwards: %s", got)
	}
}

// TestMutatedBatchesOfTheBoothItselfChangeNothingStored signs changed batches with
// the booth's own key: a booth gone mad. It may add to its own streams, but
// nothing that is stored changes, and no other booth's stream does.
func TestMutatedBatchesOfTheBoothItselfChangeNothingStored(t *testing.T) {
	c := hubtest.New(t)
	b, other := c.Enrol("07"), c.Enrol("08")
	other.Book.Write(t, kiosk.LaneLog, 10)
	push(t, c, other, 1, 10)
	rng := rand.New(rand.NewPCG(3, 4))
	var at int64
	for i := 0; i < mutations; {
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
				t.Fatalf("mutation %d (%s): %d records became %d", i, got, last, now)
			}
			last, at = now, now
			i++
		}
		if after, _ := stored(t, c, start); after != before {
			t.Fatalf("one of the mutations before %d changed what was stored", i)
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
