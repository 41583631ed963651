package hubtest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"redstation/kiosk"
)

// Book is a booth's book in memory. Its Merkle trees are those of
// golang.org/x/mod/sumdb/tlog, not of the hub, so that the two are compared
// wherever a batch is accepted.
type Book struct {
	Booth    string
	Appended chan struct{}

	mu      sync.Mutex
	epochs  []kiosk.ID
	streams map[kiosk.Stream]*memStream
	begun   []string
}

type memStream struct {
	records []kiosk.Record
	hashes  []tlog.Hash
	acked   uint64
	note    []byte // the last cosigned checkpoint
}

// NewBook returns an empty book in its first epoch.
func NewBook(booth string) *Book {
	b := &Book{Booth: booth, Appended: make(chan struct{}, 1), streams: map[kiosk.Stream]*memStream{}}
	b.epoch()
	return b
}

func (b *Book) epoch() {
	e := kiosk.RandomID()
	b.epochs = append(b.epochs, e)
	for _, lane := range kiosk.Lanes() {
		b.streams[kiosk.Stream{Epoch: e, Lane: lane}] = &memStream{}
	}
}

// Stream returns the stream of the lane in the current epoch.
func (b *Book) Stream(lane kiosk.Lane) kiosk.Stream {
	b.mu.Lock()
	defer b.mu.Unlock()
	return kiosk.Stream{Epoch: b.epochs[len(b.epochs)-1], Lane: lane}
}

// Write appends n records to a lane.
func (b *Book) Write(t testing.TB, lane kiosk.Lane, n int) {
	t.Helper()
	for i := range n {
		b.WriteDraft(t, kiosk.Draft{Lane: lane, Kind: kiosk.KindTicketIssued, Facts: fmt.Appendf(nil, `{"service":"3.1","number":%d}`, i)})
	}
}

// WriteDraft appends one record; an id and a stamp are put in where they are missing.
func (b *Book) WriteDraft(t testing.TB, d kiosk.Draft) kiosk.Record {
	t.Helper()
	s := b.Stream(d.Lane)
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.streams[s]
	if d.ID.IsZero() {
		d.ID = kiosk.NewID()
	}
	if d.Stamp.Wall.IsZero() {
		d.Stamp = kiosk.Stamp{Boot: kiosk.Boot{Count: 1}, Wall: time.UnixMilli(1_790_000_000_000 + int64(len(m.records)*1000)), State: kiosk.ClockNTP}
	}
	r, err := d.Enter(b.Booth, s.Epoch, uint64(len(m.records)+1))
	if err != nil {
		t.Fatal(err)
	}
	b.add(t, m, r)
	return r
}

// AddRaw appends a record as it is, whatever it says.
func (b *Book) AddRaw(t testing.TB, lane kiosk.Lane, r kiosk.Record) {
	t.Helper()
	s := b.Stream(lane)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(t, b.streams[s], r)
}

func (b *Book) add(t testing.TB, m *memStream, r kiosk.Record) {
	t.Helper()
	hs, err := tlog.StoredHashes(int64(len(m.records)), r.Header, m)
	if err != nil {
		t.Fatal(err)
	}
	m.hashes = append(m.hashes, hs...)
	m.records = append(m.records, r)
	select {
	case b.Appended <- struct{}{}:
	default:
	}
}

// ReadHashes implements tlog.HashReader.
func (m *memStream) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = m.hashes[x]
	}
	return out, nil
}

// Heads implements agent.Book.
func (b *Book) Heads(context.Context) ([]kiosk.Head, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []kiosk.Head
	for _, e := range b.epochs {
		for _, lane := range kiosk.Lanes() {
			s := kiosk.Stream{Epoch: e, Lane: lane}
			m := b.streams[s]
			h := kiosk.Head{Stream: s, Last: uint64(len(m.records)), Acked: m.acked}
			if h.Acked < h.Last {
				first, err := kiosk.DecodeHeader(m.records[h.Acked].Header)
				if err != nil {
					return nil, err
				}
				h.Oldest = first.Wall()
			}
			out = append(out, h)
		}
	}
	return out, nil
}

// Records implements agent.Book.
func (b *Book) Records(_ context.Context, s kiosk.Stream, after uint64, most, maxBytes int) ([]kiosk.Record, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.streams[s].records
	var n, size int
	for i := int(after); i < len(all) && n < most; i++ {
		r := &all[i]
		size += len(r.Header) + len(r.Facts) + len(r.FactsSalt) + len(r.Sealed) + len(r.SealedSalt)
		if size > maxBytes && n > 0 {
			break
		}
		n++
	}
	return all[after : int(after)+n : int(after)+n], nil
}

// Root implements agent.Book.
func (b *Book) Root(_ context.Context, s kiosk.Stream, size uint64) ([32]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h, err := tlog.TreeHash(int64(size), b.streams[s])
	return h, err
}

// Note implements agent.Reader.
func (b *Book) Note(_ context.Context, s kiosk.Stream) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.streams[s].note, nil
}

// Acknowledge implements agent.Book.
func (b *Book) Acknowledge(_ context.Context, s kiosk.Stream, upTo uint64, note []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.streams[s]
	if upTo > uint64(len(m.records)) {
		return fmt.Errorf("acknowledged %d of %d records", upTo, len(m.records))
	}
	if upTo > m.acked && note != nil {
		m.note = note
	}
	m.acked = max(m.acked, upTo)
	return nil
}

// BeginEpoch implements agent.Book.
func (b *Book) BeginEpoch(_ context.Context, why string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.epoch()
	b.begun = append(b.begun, why)
	return nil
}

// Begun returns why the agent began new epochs.
func (b *Book) Begun() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.begun...)
}

// Behind counts the records that are not acknowledged.
func (b *Book) Behind() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.streams {
		n += len(m.records) - int(m.acked)
	}
	return n
}

// Copy returns a book as it stands: a backup, or a cloned card.
func (b *Book) Copy() *Book {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := &Book{Booth: b.Booth, Appended: make(chan struct{}, 1), epochs: append([]kiosk.ID(nil), b.epochs...), streams: map[kiosk.Stream]*memStream{}}
	for s, m := range b.streams {
		c.streams[s] = &memStream{records: append([]kiosk.Record(nil), m.records...), hashes: append([]tlog.Hash(nil), m.hashes...), acked: m.acked, note: m.note}
	}
	return c
}
