package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/migrate"
	"redstation/kiosk/sqlite"
)

func TestManyWritersGetADenseLogWithARightRoot(t *testing.T) {
	r := newRig(t)
	const writers, each = 16, 25
	var wg sync.WaitGroup
	numbers := make([][]string, writers)
	for i := range writers {
		wg.Go(func() {
			for range each {
				s, err := r.FileRequest(t.Context(), kiosk.RandomID(), "1.3", answers(), kiosk.Chinese)
				if err != nil {
					t.Error(err)
					return
				}
				numbers[i] = append(numbers[i], s.Number)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, list := range numbers {
		for _, n := range list {
			if seen[n] {
				t.Errorf("number %s twice", n)
			}
			seen[n] = true
		}
	}
	if len(seen) != writers*each {
		t.Errorf("%d numbers, want %d", len(seen), writers*each)
	}
	var hashes []tlog.Hash
	stored := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = hashes[x]
		}
		return out, nil
	})
	stream := kiosk.Stream{Epoch: r.book.Epoch()}
	for i, rec := range r.records() {
		h, err := kiosk.DecodeHeader(rec.Header)
		if err != nil || h.Seq != uint64(i+1) {
			t.Fatalf("record %d: seq %d, %v", i+1, h.Seq, err)
		}
		more, err := tlog.StoredHashes(int64(i), rec.Header, stored)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, more...)
		if i%37 != 0 {
			continue
		}
		want, err := tlog.TreeHash(int64(i+1), stored)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.book.Root(t.Context(), stream, uint64(i+1)); err != nil || got != want {
			t.Errorf("root at %d: %x, %v; want %x", i+1, got, err, want)
		}
	}
}

func TestHeadsAndAcknowledgement(t *testing.T) {
	r := newRig(t)
	stream := kiosk.Stream{Epoch: r.book.Epoch()}
	find := func() kiosk.Head {
		t.Helper()
		heads, err := r.book.Heads(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range heads {
			if h.Stream == stream {
				return h
			}
		}
		t.Fatal("the stream has no head")
		return kiosk.Head{}
	}
	h := find()
	if h.Last == 0 || h.Acked != 0 || h.Oldest.IsZero() {
		t.Errorf("head %+v: want records, none acknowledged, and their age", h)
	}
	if note, err := r.book.Note(t.Context(), stream); err != nil || note != nil {
		t.Errorf("checkpoint %q, %v before there is one", note, err)
	}
	for _, upTo := range []uint64{h.Last, 1} {
		if err := r.book.Acknowledge(t.Context(), stream, upTo, []byte{byte(upTo)}); err != nil {
			t.Fatal(err)
		}
		if note, err := r.book.Note(t.Context(), stream); err != nil || len(note) != 1 || note[0] != byte(h.Last) {
			t.Errorf("after an acknowledgement of %d: checkpoint %v, %v; want that of %d", upTo, note, err, h.Last)
		}
		if got := find(); got.Acked != h.Last || !got.Oldest.IsZero() {
			t.Errorf("after an acknowledgement of %d: %+v, want all %d", upTo, got, h.Last)
		}
	}
	if err := r.book.BeginEpoch(t.Context(), "the hub holds more"); err != nil {
		t.Fatal(err)
	}
	heads, err := r.book.Heads(t.Context())
	if err != nil || len(heads) != 4 || heads[0].Epoch != stream.Epoch || heads[0].Lane != kiosk.LaneUrgent {
		t.Errorf("heads %+v, %v: want the old epoch's two first, urgent first", heads, err)
	}
}

func TestRecordsStopAtTheirBounds(t *testing.T) {
	r := newRig(t)
	for range 20 {
		if err := r.NoteDoor(t.Context(), kiosk.DoorOpened); err != nil {
			t.Fatal(err)
		}
	}
	stream := kiosk.Stream{Epoch: r.book.Epoch()}
	for _, c := range []struct{ max, bytes, want int }{{5, 1 << 20, 5}, {100, 1, 1}, {0, 1 << 20, 0}} {
		recs, err := r.book.Records(t.Context(), stream, 2, c.max, c.bytes)
		if err != nil || len(recs) != c.want {
			t.Errorf("at most %d records and %d bytes: %d, %v; want %d", c.max, c.bytes, len(recs), err, c.want)
		}
	}
	if _, err := r.book.Records(t.Context(), kiosk.Stream{Epoch: kiosk.RandomID()}, 0, 1, 1); kiosk.CodeOf(err) != kiosk.CodeNotFound {
		t.Errorf("an unknown epoch: %v, want %s", err, kiosk.CodeNotFound)
	}
}

// A header is the leaf that the city can publish: nothing that a person said or
// that names one may be in it.
func TestHeadersHoldNoPersonalData(t *testing.T) {
	r := newRig(t)
	if _, err := r.FileRequest(t.Context(), kiosk.RandomID(), "1.3", answers(), kiosk.Chinese); err != nil {
		t.Fatal(err)
	}
	for _, rec := range r.records() {
		for _, no := range []string{"light", "beishan", "138", "王", "L001", "07-001"} {
			if strings.Contains(string(rec.Header), no) {
				t.Errorf("header holds %q", no)
			}
		}
	}
}

func TestABookOfANewerProgramIsRefused(t *testing.T) {
	r := newRig(t)
	if err := r.book.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(r.dir, sqlite.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO migration VALUES (99, '0099_future.sql')`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), r.dir, r.clock, sqlite.Opts{}); !errors.Is(err, migrate.ErrNewer) {
		t.Errorf("open: %v, want %v", err, migrate.ErrNewer)
	}
	r.book, _ = sqlite.Open(t.Context(), t.TempDir(), r.clock, sqlite.Opts{}) // for the clean-up
}

func TestAfterCloseNothingIsWritten(t *testing.T) {
	r := newRig(t)
	if err := r.book.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.NoteDoor(t.Context(), kiosk.DoorOpened); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("write after close: %v, want %s", err, kiosk.CodeUnavailable)
	}
	r.open()
}

func BenchmarkFileRequest(b *testing.B) {
	for _, clients := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			r := newRig(b)
			var wg sync.WaitGroup
			work := make(chan struct{}, b.N)
			for range b.N {
				work <- struct{}{}
			}
			close(work)
			b.ResetTimer()
			for range clients {
				wg.Go(func() {
					for range work {
						if _, err := r.FileRequest(context.Background(), kiosk.RandomID(), "1.3", answers(), kiosk.Chinese); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}

func BenchmarkLock(b *testing.B) {
	code := kiosk.NewPaperCode()
	for b.Loop() {
		if _, err := code.Lock("07-218"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	e, _, err := kiosktest.Enrolment()
	if err != nil {
		b.Fatal(err)
	}
	key, err := kiosk.NewCityKey(1, e.CityKey)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := key.Seal("07", kiosk.ID{}, kiosk.NewID(), kiosk.KindRequestFiled, make([]byte, 120)); err != nil {
			b.Fatal(err)
		}
	}
}
