package hub_test

import (
	"net/http"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

func TestAccept(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 40)
	steps := []struct {
		name        string
		first, last uint64
		want        string
		stored      int64
	}{
		{"a gap at the start", 5, 9, "409 need need 1", 0},
		{"the first batch", 1, 10, "acked 10", 10},
		{"the same again", 1, 10, "acked 10", 10},
		{"a part of it again", 3, 7, "acked 10", 10},
		{"a gap", 12, 20, "409 need need 11", 10},
		{"the one before, overlapping", 6, 15, "acked 15", 15},
		{"one record", 16, 16, "acked 16", 16},
		{"everything from the start", 1, 40, "acked 40", 40},
		{"an old batch that was under way for long", 11, 15, "acked 40", 40},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			got := push(t, c, b, s.first, s.last)
			if !strings.HasPrefix(got.String(), s.want) {
				t.Errorf("records %d to %d: %s, want %s", s.first, s.last, got, s.want)
			}
			if _, last := stored(t, c, 1); last != s.stored {
				t.Errorf("the log has %d records, want %d", last, s.stored)
			}
			if got.status == http.StatusOK {
				root, err := b.Book.Root(t.Context(), b.Book.Stream(kiosk.LaneLog), got.ack.Acked)
				if err != nil || string(got.ack.Root) != string(root[:]) {
					t.Errorf("root %x, the book's is %x", got.ack.Root, root)
				}
			}
		})
	}
	for i, e := range c.Entries() {
		if e.Seq != uint64(i+1) {
			t.Fatalf("entry %d has seq %d", i, e.Seq)
		}
	}
}

func TestRefusedBatchesChangeNothing(t *testing.T) {
	c := hubtest.New(t)
	b, other := c.Enrol("07"), c.Enrol("08")
	b.Book.Write(t, kiosk.LaneLog, 30)
	b.Book.Write(t, kiosk.LaneUrgent, 2)
	other.Book.Write(t, kiosk.LaneLog, 30)
	if got := push(t, c, b, 1, 10); got.status != http.StatusOK {
		t.Fatal(got)
	}
	before, _ := stored(t, c, 10)
	batch := func(change func(*wire.Batch)) *wire.Batch {
		x := batchOf(t, b, kiosk.LaneLog, 11, 20)
		x.Records = append([]kiosk.Record(nil), x.Records...)
		change(x)
		return x
	}
	tests := []struct {
		name  string
		batch *wire.Batch
		want  string
	}{
		{"of another booth", batchOf(t, other, kiosk.LaneLog, 1, 10), "400 malformed"},
		{"of another booth under this one's name", batch(func(x *wire.Batch) { x.Records = batchOf(t, other, kiosk.LaneLog, 11, 20).Records }), "400 malformed"},
		{"in another lane", batch(func(x *wire.Batch) { x.Stream.Lane = kiosk.LaneUrgent }), "400 malformed"},
		{"under another epoch", batch(func(x *wire.Batch) { x.Stream.Epoch = kiosk.ID{1} }), "400 malformed"},
		{"with two records swapped", batch(func(x *wire.Batch) { x.Records[3], x.Records[4] = x.Records[4], x.Records[3] }), "400 malformed"},
		{"with a record twice", batch(func(x *wire.Batch) { x.Records[4] = x.Records[3] }), "400 malformed"},
		{"with a record less", batch(func(x *wire.Batch) { x.Records = x.Records[:9] }), "400 malformed"},
		{"with a record more", batch(func(x *wire.Batch) { x.Records = append(x.Records, x.Records[0]) }), "400 malformed"},
		{"with a header cut", batch(func(x *wire.Batch) { x.Records[2].Header = x.Records[2].Header[:20] }), "400 malformed"},
		{"from seq 0", batch(func(x *wire.Batch) { x.First = 0 }), "400 malformed"},
		{"of too many records", batch(func(x *wire.Batch) { x.Last = x.First + wire.MaxRecords }), "413 too_large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := pushBatch(t, c, b, tt.batch); !strings.HasPrefix(got.String(), tt.want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if after, last := stored(t, c, 10); after != before || last != 10 || forks(t, c) != 0 {
				t.Errorf("something changed: %d records, %d set aside", last, forks(t, c))
			}
		})
	}
	if s, err := c.Stations(t.Context()); err != nil || s[0].ID != "07" || s[0].LastError == "" {
		t.Errorf("the failed attempts are not noted: %+v, %v", s, err)
	}
	if got := push(t, c, b, 11, 30); got.ack.Acked != 30 {
		t.Errorf("the right batch afterwards: %s", got)
	}
	if s, err := c.Stations(t.Context()); err != nil || s[0].LastError != "" || s[1].LastError != "" {
		t.Errorf("the error stays after a success: %+v, %v", s, err)
	}
}

func TestFork(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	b.Book.Write(t, kiosk.LaneLog, 10)
	clone := &hubtest.Booth{Enrolment: b.Enrolment, Key: b.Key, Book: b.Book.Copy()}
	b.Book.Write(t, kiosk.LaneLog, 5)
	clone.Book.Write(t, kiosk.LaneLog, 20)
	if got := push(t, c, b, 1, 15); got.ack.Acked != 15 {
		t.Fatal(got)
	}
	before, _ := stored(t, c, 15)
	want := func(name string, got outcome, prefix string, aside int) {
		t.Helper()
		if !strings.HasPrefix(got.String(), prefix) {
			t.Errorf("%s: %s, want %s", name, got, prefix)
		}
		if n := forks(t, c); n != aside {
			t.Errorf("%s: %d records set aside, want %d", name, n, aside)
		}
		if after, last := stored(t, c, 15); after != before || last != 15 {
			t.Errorf("%s: what was stored changed (%d records)", name, last)
		}
	}
	want("another tree under new seqs", push(t, c, clone, 16, 20), "409 fork need 0 kept 20", 5)
	want("other bytes under known seqs", push(t, c, clone, 8, 12), "409 fork need 0 kept 12", 10)
	want("the same again", push(t, c, clone, 8, 12), "409 fork need 0 kept 12", 10)
	want("what both have", push(t, c, clone, 1, 10), "acked 15", 10)
	b.Book.Write(t, kiosk.LaneLog, 1)
	want("the first book into the frozen stream", push(t, c, b, 16, 16), "409 fork need 0 kept 16", 11)
	want("a gap in the frozen stream", push(t, c, clone, 25, 26), "409 fork need 0 kept 26", 13)
	if s, err := c.Stations(t.Context()); err != nil || !strings.Contains(s[0].LastError, "fork") {
		t.Errorf("nobody is told: %+v, %v", s, err)
	}
	if err := clone.Book.BeginEpoch(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	clone.Book.Write(t, kiosk.LaneLog, 3)
	if got := push(t, c, clone, 1, 3); got.ack.Acked != 3 {
		t.Errorf("a new epoch: %s", got)
	}
}

func TestLanesAndEpochsAreStreamsOfTheirOwn(t *testing.T) {
	c := hubtest.New(t)
	b := c.Enrol("07")
	for range 2 {
		b.Book.Write(t, kiosk.LaneLog, 3)
		b.Book.Write(t, kiosk.LaneUrgent, 2)
		for _, lane := range kiosk.Lanes() {
			last := map[kiosk.Lane]uint64{kiosk.LaneLog: 3, kiosk.LaneUrgent: 2}[lane]
			if got := pushBatch(t, c, b, batchOf(t, b, lane, 1, last)); got.ack.Acked != last {
				t.Errorf("lane %s: %s", lane, got)
			}
		}
		if err := b.Book.BeginEpoch(t.Context(), "test"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(c.Entries()); n != 10 {
		t.Errorf("%d entries, want 10", n)
	}
}
