package fleet

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"redstation/kiosk"
)

// Memory is a booth's book in memory: what a power cut would leave of it is
// nothing, and all else is as in a real one. Ten thousand of them fit into one
// process. Its Merkle trees are those of golang.org/x/mod/sumdb/tlog, not of the
// hub, so that the two are compared wherever a batch is accepted.
type Memory struct {
	booth    string
	appended chan struct{}

	mu      sync.Mutex
	epochs  []kiosk.ID
	streams map[kiosk.Stream]*memory
	begun   []string
}

// memory is one stream.
type memory struct {
	tree
	records []kiosk.Record
	acked   uint64
	note    []byte // the last cosigned checkpoint
}

// tree is a Merkle tree (RFC 6962) with all its hashes.
type tree struct {
	size   uint64
	hashes []tlog.Hash
}

func (t *tree) add(leaf []byte) error {
	h, err := tlog.StoredHashes(int64(t.size), leaf, t)
	if err != nil {
		return fmt.Errorf("hash record %d: %w", t.size+1, err)
	}
	t.hashes = append(t.hashes, h...)
	t.size++
	return nil
}

// ReadHashes implements tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = t.hashes[x]
	}
	return out, nil
}

// root returns the root over the first size leaves.
func (t *tree) root(size uint64) ([32]byte, error) { return tlog.TreeHash(int64(size), t) }

// NewMemory returns an empty book in its first epoch.
func NewMemory(booth string) *Memory {
	b := &Memory{booth: booth, appended: make(chan struct{}, 1), streams: map[kiosk.Stream]*memory{}}
	b.epoch()
	return b
}

func (b *Memory) epoch() {
	e := kiosk.RandomID()
	b.epochs = append(b.epochs, e)
	for _, lane := range kiosk.Lanes() {
		b.streams[kiosk.Stream{Epoch: e, Lane: lane}] = &memory{}
	}
}

// Appended wakes after records were appended.
func (b *Memory) Appended() <-chan struct{} { return b.appended }

// Epoch returns the epoch that new records belong to.
func (b *Memory) Epoch() kiosk.ID {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.epochs[len(b.epochs)-1]
}

// Append gives a draft its place at the end of its lane.
func (b *Memory) Append(_ context.Context, d kiosk.Draft) error {
	_, err := b.Enter(d)
	return err
}

// Enter is Append that returns the record.
func (b *Memory) Enter(d kiosk.Draft) (kiosk.Record, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.epochs[len(b.epochs)-1]
	if len(d.Sealed) > 0 && !d.Epoch.IsZero() && d.Epoch != e {
		return kiosk.Record{}, kiosk.ErrEpochChanged
	}
	s := b.streams[kiosk.Stream{Epoch: e, Lane: d.Lane}]
	r, err := d.Enter(b.booth, e, s.size+1)
	if err != nil {
		return kiosk.Record{}, err
	}
	return r, b.add(s, r)
}

// AddRaw appends a record to a lane as it is, whatever it says.
func (b *Memory) AddRaw(lane kiosk.Lane, r kiosk.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.add(b.streams[kiosk.Stream{Epoch: b.epochs[len(b.epochs)-1], Lane: lane}], r)
}

func (b *Memory) add(s *memory, r kiosk.Record) error {
	if err := s.tree.add(r.Header); err != nil {
		return err
	}
	s.records = append(s.records, r)
	select {
	case b.appended <- struct{}{}:
	default:
	}
	return nil
}

// Heads implements agent.Book.
func (b *Memory) Heads(context.Context) ([]kiosk.Head, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []kiosk.Head
	for _, e := range b.epochs {
		for _, lane := range kiosk.Lanes() {
			id := kiosk.Stream{Epoch: e, Lane: lane}
			s := b.streams[id]
			h := kiosk.Head{Stream: id, Last: s.size, Acked: s.acked}
			if h.Acked < h.Last {
				first, err := kiosk.DecodeHeader(s.records[h.Acked].Header)
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
func (b *Memory) Records(_ context.Context, id kiosk.Stream, after uint64, most, maxBytes int) ([]kiosk.Record, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.streams[id].records
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
func (b *Memory) Root(_ context.Context, id kiosk.Stream, size uint64) ([32]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.streams[id].root(size)
}

// Note returns the last cosigned checkpoint of a stream.
func (b *Memory) Note(id kiosk.Stream) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.streams[id].note
}

// Acknowledge implements agent.Book.
func (b *Memory) Acknowledge(_ context.Context, id kiosk.Stream, upTo uint64, note []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.streams[id]
	if upTo > s.size {
		return fmt.Errorf("acknowledged %d of %d records", upTo, s.size)
	}
	if upTo > s.acked && note != nil {
		s.note = note
	}
	s.acked = max(s.acked, upTo)
	return nil
}

// BeginEpoch implements agent.Book.
func (b *Memory) BeginEpoch(_ context.Context, why string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.epoch()
	b.begun = append(b.begun, why)
	return nil
}

// Begun returns why the agent began new epochs.
func (b *Memory) Begun() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.begun)
}

// Len returns how many records the lane has in the current epoch.
func (b *Memory) Len(lane kiosk.Lane) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.streams[kiosk.Stream{Epoch: b.epochs[len(b.epochs)-1], Lane: lane}].records)
}

// Behind counts the records that are not acknowledged.
func (b *Memory) Behind() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.streams {
		n += int(s.size - s.acked)
	}
	return n
}

// Copy returns a book as it stands: a backup, or a cloned card. Whoever goes on
// with it does not wake the first one.
func (b *Memory) Copy() *Memory {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := &Memory{booth: b.booth, appended: make(chan struct{}, 1), epochs: slices.Clone(b.epochs), streams: map[kiosk.Stream]*memory{}}
	for id, s := range b.streams {
		c.streams[id] = &memory{tree: tree{s.size, slices.Clone(s.hashes)}, records: slices.Clone(s.records), acked: s.acked, note: s.note}
	}
	return c
}

// Close has nothing to do.
func (b *Memory) Close() error { return nil }
