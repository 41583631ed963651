package hub_test

import (
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// A booth that the hub has in mind is refused at once when another process has revoked
// it or changed its key, and nothing that it sends is stored.
func TestWordOfAnotherProcessCountsAtOnce(t *testing.T) {
	c := hubtest.New(t)
	keys, err := hub.LoadKeys(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	other, err := hub.New(t.Context(), c.DB, keys, hub.Opts{Clock: c.Clock, Log: hubtest.Quiet(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	handler := c.Handler()
	pushes := func(b *hubtest.Booth, first, last uint64) outcome {
		raw, err := batchOf(t, b, kiosk.LaneLog, first, last).Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		return serveWith(t, handler, b, signed(t, c, b, wire.PathUp+"log", wire.TypeBatch, codec.Compress(nil, raw)))
	}
	hello := func(b *hubtest.Booth) outcome {
		return serveWith(t, handler, b, signed(t, c, b, wire.PathHello, wire.TypeMessage, helloBody(t)))
	}
	for _, deed := range []struct {
		name string
		do   func(b *hubtest.Booth) wire.Trouble // returns what the booth is told from then on
	}{
		{"revoked", func(b *hubtest.Booth) wire.Trouble {
			if err := other.RevokeBooth(t.Context(), b.Booth, "stolen"); err != nil {
				t.Fatal(err)
			}
			return wire.TroubleRevoked
		}},
		{"enrolled again", func(b *hubtest.Booth) wire.Trouble {
			hubtest.EnrolAt(t, other, c.URL, b.Booth)
			return wire.TroubleSignature
		}},
	} {
		for name, say := range map[string]func(b *hubtest.Booth) outcome{
			"push":  func(b *hubtest.Booth) outcome { return pushes(b, 2, 3) },
			"hello": hello,
		} {
			b := c.Enrol(map[string]string{"push": "1", "hello": "2"}[name] + deed.name[:1])
			b.Book.Write(t, kiosk.LaneLog, 3)
			if got := pushes(b, 1, 1); got.ack.Acked != 1 {
				t.Fatalf("before it was %s: %s", deed.name, got)
			}
			want := deed.do(b)
			for range 2 {
				if got := say(b); got.problem.Trouble != want {
					t.Errorf("%s of a booth that was %s: %s, want %s", name, deed.name, got, want)
				}
			}
		}
	}
	if n := whole(t, c); n != 4 {
		t.Errorf("the hub has %d records, want the 4 that came before", n)
	}
}

// whole counts the records at the hub.
func whole(t *testing.T, c *hubtest.City) (n int) {
	t.Helper()
	stations, err := c.Stations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stations {
		n += int(s.Records)
	}
	return n
}
