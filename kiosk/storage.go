package kiosk

import "context"

// Storage is how full the disk is that the book lies on: a closed sum.
type Storage string

// The states, best first, and what a booth does in them.
const (
	StorageRoom  Storage = "room"
	StorageWarn  Storage = "warn"  // from 80 %: somebody should look
	StorageTight Storage = "tight" // from 90 %: what can be made again is dropped
	// From 95 %: nothing new is promised to residents. What was promised is kept, and
	// the door, alarms and outcomes are still written.
	StorageFull Storage = "full"
)

// storageMarks are the watermarks, worst first, in percent of the disk.
var storageMarks = [...]struct {
	state Storage
	from  float64
}{{StorageFull, 95}, {StorageTight, 90}, {StorageWarn, 80}, {StorageRoom, 0}}

// storageSlack is how far below its watermark a disk must be before its state gets
// better, in percentage points, so that it does not go to and fro.
const storageSlack = 2

// StorageAt returns the state of a disk that is so full, in percent, and was in a
// state before.
func StorageAt(used float64, was Storage) Storage {
	reached := false // the state that it was in, from the worst on
	for _, m := range storageMarks {
		reached = reached || m.state == was
		slack := 0.0
		if reached && m.state != StorageRoom {
			slack = storageSlack
		}
		if used >= m.from-slack {
			return m.state
		}
	}
	return StorageRoom
}

// NoteStorage tells the booth how full its disk is, in percent. A change is written
// into the book; where even that does not fit, the booth still acts on it.
func (b *Booth) NoteStorage(ctx context.Context, s Storage, used float64) error {
	var was Storage
	b.change(func(st *Status) { was, st.Storage = st.Storage, s })
	if was == s || was == "" && s == StorageRoom {
		return nil
	}
	if s == StorageRoom {
		b.log.InfoContext(ctx, "disk has room again", "used_percent", int(used))
	} else {
		b.log.WarnContext(ctx, "disk fills up", "state", s, "used_percent", int(used))
	}
	return b.note(ctx, KindStorageState, struct {
		State Storage `json:"state"`
		Used  int     `json:"used_percent"`
	}{s, int(used)})
}

// Room says why nothing new can be promised now, or nil. The error has
// CodeUnavailable.
func (b *Booth) Room() error {
	if b.Status().Storage == StorageFull {
		return Errorf(CodeUnavailable, "error.disk_full", "the disk is full: nothing new is promised")
	}
	return nil
}

// roomFor is Room for one submission: what was promised before is promised again.
func (b *Booth) roomFor(ctx context.Context, key ID) error {
	full := b.Room()
	if full == nil {
		return nil
	}
	if _, err := b.book.Slip(ctx, key); err == nil {
		return nil
	}
	return full
}
