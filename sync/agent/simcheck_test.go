package agent_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// calm is how long the queues may take to drain once the faults have stopped: an
// agent rests for half an hour at most, and a clone needs an epoch of its own first.
const calm = 3 * time.Hour

// drain stops the faults, waits for the queues, and reports how long that took (I7).
func (s *sim) drain() time.Duration {
	s.run(s.end, nil)
	for _, b := range s.booths {
		b.line, b.full = time.Time{}, time.Time{}
	}
	s.hubUp = time.Time{}
	empty := func() bool {
		for _, b := range s.booths {
			if b.book.Behind() > 0 {
				return false
			}
		}
		return true
	}
	if !s.run(s.end.Add(calm), empty) && !empty() {
		for _, b := range s.booths {
			if n := b.book.Behind(); n > 0 {
				s.t.Errorf("I7: booth %s is %d records behind after %s", b.booth.Booth, n, calm)
			}
		}
	}
	took := s.now.Sub(s.end)
	s.run(s.end.Add(calm), nil)
	for range 3 { // the first record may be what tells a clone from its original, the second what finds the stream frozen
		for _, b := range s.booths {
			n := len(b.confirmed)
			b.write(kiosk.LaneLog, 1)
			b.last = b.confirmed[n:]
		}
		s.run(s.now.Add(calm), nil)
	}
	s.run(s.now.Add(13*time.Hour), nil) // a hello more for each: the hub may have been restored
	return took
}

type place struct {
	booth string
	kiosk.Stream
	seq uint64
}

// check holds books and hub against each other.
func (s *sim) check() {
	log, leaves := s.log()
	for _, b := range s.booths {
		book := map[place][]byte{}
		for _, e := range b.all() {
			book[place{b.booth.Booth, e.Stream, e.seq}] = e.record.Header
		}
		for _, e := range b.confirmed {
			if !bytes.Equal(book[place{b.booth.Booth, e.Stream, e.seq}], e.record.Header) {
				s.t.Errorf("I1: booth %s: confirmed record %d of %v is not in its book", b.booth.Booth, e.seq, e.Stream)
			}
		}
		for _, e := range append(b.acknowledged(), b.before...) {
			at := place{b.booth.Booth, e.Stream, e.seq}
			if !bytes.Equal(log[at], e.record.Header) && !s.aside(at, e.record) {
				s.t.Errorf("I2: booth %s: acknowledged record %d of %v is not at the hub", b.booth.Booth, e.seq, e.Stream)
			}
		}
		for _, e := range b.last { // not beside a fork: each book has an epoch of its own by now
			if !bytes.Equal(log[place{b.booth.Booth, e.Stream, e.seq}], e.record.Header) {
				s.t.Errorf("I7: booth %s: what it wrote when all was well again is not in the hub's log", b.booth.Booth)
			}
		}
		s.roots(b, leaves)
	}
	s.quarantine(len(log))
}

// all lists the book.
func (b *simBooth) all() (out []entry) {
	heads, err := b.book.Heads(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, h := range heads {
		records, err := b.book.Records(context.Background(), h.Stream, 0, int(h.Last), 1<<40)
		if err != nil {
			b.t.Fatal(err)
		}
		for i, r := range records {
			out = append(out, entry{h.Stream, uint64(i + 1), r})
		}
	}
	return out
}

// log reads the hub's log: none twice (I3), dense in the order of each stream (I4).
func (s *sim) log() (map[place][]byte, map[place][][]byte) {
	log, leaves := map[place][]byte{}, map[place][][]byte{}
	for i, row := range s.rows() {
		r, _, err := wire.ReadRecord(row.Raw)
		if err != nil {
			s.t.Fatal(err)
		}
		h, err := kiosk.DecodeHeader(r.Header)
		if err != nil {
			s.t.Fatal(err)
		}
		id := place{h.Booth, kiosk.Stream{Epoch: h.Epoch, Lane: h.Lane}, 0}
		leaves[id] = append(leaves[id], r.Header)
		if h.Seq != uint64(len(leaves[id])) || row.Pos != int64(i+1) {
			s.t.Errorf("I3, I4: record %d of %v at position %d, want record %d at %d", h.Seq, id, row.Pos, len(leaves[id]), i+1)
		}
		id.seq = h.Seq
		log[id] = r.Header
		s.counts["at the hub"]++
	}
	return log, leaves
}

// rows reads the hub's log as it is stored.
func (s *sim) rows() (all []sqldb.Row) {
	for after := int64(0); ; after = all[len(all)-1].Pos {
		var page []sqldb.Row
		err := s.city.DB.View(context.Background(), func(tx *sqldb.Tx) (err error) {
			page, err = tx.Log(context.Background(), kiosk.LogQuery{After: after, Limit: 1000})
			return err
		})
		if err != nil {
			s.t.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
	}
}

// aside reports whether the hub has set the record aside.
func (s *sim) aside(at place, r kiosk.Record) (found bool) {
	err := s.city.DB.View(context.Background(), func(tx *sqldb.Tx) error {
		list, err := tx.Asides(context.Background(), at.booth, at.Stream, at.seq-1, bytes.Repeat([]byte{0xff}, 33), 100)
		for _, a := range list {
			have, _, readErr := wire.ReadRecord(a.Raw)
			if readErr != nil {
				return readErr
			}
			found = found || (a.Seq == at.seq && bytes.Equal(have.Header, r.Header))
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if found {
		s.counts["kept beside a fork"]++
	}
	return found
}

// roots compares Merkle roots (I5): of the hub's own headers, of the checkpoint that
// both have signed, and of the book where it holds the same records.
func (s *sim) roots(b *simBooth, leaves map[place][][]byte) {
	heads, err := b.book.Heads(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range heads {
		have := leaves[place{b.booth.Booth, h.Stream, 0}]
		if len(have) == 0 {
			continue
		}
		root := rootOf(s.t, have)
		err := s.city.DB.View(context.Background(), func(tx *sqldb.Tx) error {
			kept, err := tx.Checkpoint(context.Background(), b.booth.Booth, h.Stream)
			if err != nil {
				return err
			}
			c, err := wire.ReadCheckpoint(kept.Note)
			if err == nil && (c.Size != uint64(len(have)) || c.Root != root) {
				s.t.Errorf("I5: booth %s: the checkpoint of %v is of %d records, the hub has %d", b.booth.Booth, h.Stream, c.Size, len(have))
			}
			return err
		})
		if err != nil {
			s.t.Fatal(err)
		}
		if uint64(len(have)) > h.Last || !sameBook(s, b, h.Stream, have) {
			continue // of another book: a fork
		}
		if own, err := b.book.Root(context.Background(), h.Stream, uint64(len(have))); err != nil || own != root {
			s.t.Errorf("I5: booth %s: roots of %v differ: %v", b.booth.Booth, h.Stream, err)
		}
		s.counts["roots equal"]++
	}
}

func sameBook(s *sim, b *simBooth, id kiosk.Stream, have [][]byte) bool {
	last, err := b.book.Records(context.Background(), id, uint64(len(have)-1), 1, 1<<20)
	if err != nil || len(last) != 1 {
		s.t.Fatalf("record %d of %v: %v", len(have), id, err)
	}
	return bytes.Equal(last[0].Header, have[len(have)-1])
}

func rootOf(t testing.TB, leaves [][]byte) [32]byte {
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, x := range at {
			out[i] = hashes[x]
		}
		return out, nil
	})
	for i, leaf := range leaves {
		h, err := tlog.StoredHashes(int64(i), leaf, read)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, h...)
	}
	root, err := tlog.TreeHash(int64(len(leaves)), read)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// quarantine counts what the hub could not understand (I6).
func (s *sim) quarantine(stored int) {
	var strange, quarantined int
	for _, row := range s.rows() {
		if row.Kind == "robot.danced" {
			strange++
		}
	}
	for after := int64(0); ; {
		list, err := s.city.Quarantine(context.Background(), after, 100)
		if err != nil {
			s.t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		quarantined, after = quarantined+len(list), list[len(list)-1].Pos
	}
	if quarantined != strange || strange == 0 {
		s.t.Errorf("I6: of %d stored records %d are in quarantine, want the %d that nobody understands", stored, quarantined, strange)
	}
	s.counts["in quarantine"] += quarantined
}
