package sqlite

import (
	"context"
	"fmt"
	"os"
	"time"

	"redstation/kiosk"
)

// Audit looks at the whole book while it is served: every page against its checksum,
// and PRAGMA integrity_check, which also holds indexes against their tables. It writes
// what it found into the book. Damage ends the book as it does when a page makes no
// sense: Failed tells it, and the next start salvages.
func (d *DB) Audit(ctx context.Context) error {
	begun := time.Now()
	pages := 0
	err := d.tend(ctx, func(w *writer) error { // between two checkpoints
		b, err := os.ReadFile(d.in(FileName) + "-wal")
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		log := readWAL(b)
		if d.sums.foreign() { // nothing vouches for the pages but what comes below
			_, err := w.checkpoint(ctx)
			return err
		}
		pages = len(d.sums.of) / 4
		if bad := d.sums.verify(log.pages(), func(int, int) {}); len(bad) > 0 {
			return &damaged{why: fmt.Sprintf("%d of %d pages differ from their checksums, the first is %d", len(bad), pages, bad[0])}
		}
		return nil
	})
	if err == nil {
		var verdict string
		err = d.read.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict)
		if err == nil && verdict != "ok" {
			err = &damaged{why: verdict}
		}
	}
	if err != nil {
		return d.noted(err)
	}
	return d.do(ctx, func(w *writer) error {
		return w.note(context.Background(), kiosk.KindBookChecked, map[string]any{"pages": pages, "ms": time.Since(begun).Milliseconds()})
	})
}
