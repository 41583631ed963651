package hubtest

import (
	"fmt"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/fleet"
)

// Book is a booth's book in memory with what tests do to it.
type Book struct {
	*fleet.Memory
	Booth    string
	Appended <-chan struct{}
}

// NewBook returns an empty book in its first epoch.
func NewBook(booth string) *Book { return wrap(booth, fleet.NewMemory(booth)) }

func wrap(booth string, m *fleet.Memory) *Book {
	return &Book{Memory: m, Booth: booth, Appended: m.Appended()}
}

// Stream returns the stream of the lane in the current epoch.
func (b *Book) Stream(lane kiosk.Lane) kiosk.Stream {
	return kiosk.Stream{Epoch: b.Epoch(), Lane: lane}
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
	if d.ID.IsZero() {
		d.ID = kiosk.NewID()
	}
	if d.Stamp.Wall.IsZero() {
		d.Stamp = kiosk.Stamp{Boot: kiosk.Boot{Count: 1}, Wall: time.UnixMilli(1_790_000_000_000 + int64(b.Len(d.Lane)*1000)), State: kiosk.ClockNTP}
	}
	r, err := b.Enter(d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// AddRaw appends a record as it is, whatever it says.
func (b *Book) AddRaw(t testing.TB, lane kiosk.Lane, r kiosk.Record) {
	t.Helper()
	if err := b.Memory.AddRaw(lane, r); err != nil {
		t.Fatal(err)
	}
}

// Copy returns a book as it stands: a backup, or a cloned card.
func (b *Book) Copy() *Book { return wrap(b.Booth, b.Memory.Copy()) }
