package sqlite

import (
	"context"
	"fmt"
	"os"
)

// The writer alone brings the log into the book, because the pages' checksums must be
// renewed before the log begins anew.
const (
	lookEvery  = 32   // commits
	checkpoint = 1000 // frames in the log that are enough for a checkpoint
)

// mindLog makes a checkpoint when the log has grown long enough.
func (w *writer) mindLog(ctx context.Context) error {
	if w.commits++; w.commits%lookEvery != 0 {
		return nil
	}
	_, frames, _, err := w.walCheckpoint(ctx, "NOOP")
	if err != nil || frames < checkpoint {
		return err
	}
	_, err = w.checkpoint(ctx)
	return err
}

// checkpoint brings the log into the book, as far as no reader still looks at an
// older state, and reports whether all of it is there. The error is one of the disk.
func (w *writer) checkpoint(ctx context.Context) (whole bool, err error) {
	pages, err := w.db.logged()
	if err != nil {
		return false, err
	}
	if w.db.sums.foreign() { // another connection made a checkpoint: all pages count as changed
		w.db.sums.of = nil
	}
	busy, frames, moved, err := w.walCheckpoint(ctx, "PASSIVE")
	if err != nil || busy != 0 || frames != moved {
		return false, err
	}
	return true, w.db.renewSums(pages)
}

func (w *writer) walCheckpoint(ctx context.Context, mode string) (busy, frames, moved int, err error) {
	err = w.conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(`+mode+`)`).Scan(&busy, &frames, &moved)
	if err != nil {
		err = fmt.Errorf("checkpoint: %w", err)
	}
	return busy, frames, moved, err
}

// logged returns the pages that stand in the log.
func (d *DB) logged() (map[uint32]bool, error) {
	b, err := os.ReadFile(d.in(FileName) + "-wal")
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	log := readWAL(b)
	return log.pages(), nil
}

// renewSums renews the checksums of pages. Where they cannot be written, on a full
// disk, the book goes on without.
func (d *DB) renewSums(pages map[uint32]bool) error {
	if err := d.sums.renew(pages); err != nil {
		d.log.Warn("page checksums given up until the next start", "err", err)
		return d.sums.forget()
	}
	return nil
}
