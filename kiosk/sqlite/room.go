package sqlite

import "context"

// Full wakes after a write that found no room on the disk.
func (d *DB) Full() <-chan struct{} { return d.full }

func (d *DB) tellFull() {
	select {
	case d.full <- struct{}{}:
	default:
	}
}

// Shrink gives up what the book can do without: the room that the log takes, and
// damaged books of which all that could be read is at the city.
func (d *DB) Shrink(ctx context.Context) error {
	return d.tend(ctx, func(w *writer) error {
		if err := d.sweepAside(ctx, 0); err != nil {
			return err
		}
		whole, err := w.checkpoint(ctx)
		if err != nil || !whole {
			return err
		}
		_, _, _, err = w.walCheckpoint(ctx, "TRUNCATE") // all of it is in the book
		return err
	})
}
