package sqlite

import (
	"context"
	"fmt"
	"time"

	"redstation/kiosk"
)

const timekeepingColumns = `SELECT floor_ms, source, boot, since_ns, true_ms, unc_ms FROM timekeeping`

func scanTimekeeping(row interface{ Scan(...any) error }) (kiosk.Timekeeping, error) {
	var k kiosk.Timekeeping
	var floor, since, stood, unc int64
	if err := row.Scan(&floor, &k.Anchor.Source, &k.Anchor.Boot, &since, &stood, &unc); err != nil {
		return kiosk.Timekeeping{}, fmt.Errorf("read timekeeping: %w", err)
	}
	if floor != 0 {
		k.Floor = time.UnixMilli(floor).UTC()
	}
	k.Anchor.Since, k.Anchor.True, k.Anchor.Unc = time.Duration(since), time.UnixMilli(stood).UTC(), time.Duration(unc)*time.Millisecond
	return k, nil
}

// Timekeeping returns what the book knows of time from before this start.
func (d *DB) Timekeeping(ctx context.Context) (kiosk.Timekeeping, error) {
	return scanTimekeeping(d.read.QueryRowContext(ctx, timekeepingColumns))
}

// NoteAnchor stores an anchor of this boot and the floor with the record that says so.
func (d *DB) NoteAnchor(ctx context.Context, a kiosk.Anchor, floor time.Time, record kiosk.Draft) error {
	return d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		if err := w.exec(ctx, `UPDATE timekeeping SET floor_ms = $1, source = $2, boot = $3, since_ns = $4, true_ms = $5, unc_ms = $6`,
			millis(floor), a.Source, a.Boot, int64(a.Since), a.True.UnixMilli(), int64((a.Unc+time.Millisecond-1)/time.Millisecond)); err != nil {
			return fmt.Errorf("note anchor: %w", err)
		}
		return w.append(ctx, record)
	})
}

// closeBoot ends the boot whose last record is h: what is kept of it is how late it was
// then at least.
func (w *writer) closeBoot(ctx context.Context, h kiosk.Header) error {
	row, err := w.row(ctx, timekeepingColumns)
	if err != nil {
		return err
	}
	k, err := scanTimekeeping(row)
	if err != nil {
		return err
	}
	since := time.Duration(h.BoottimeNS)
	if a := k.Anchor; a.Source != "" && a.Source != kiosk.AnchorHand && a.Boot == h.BootCount {
		if late, _ := a.At(since); late.After(k.Floor) {
			k.Floor = late
		}
	}
	if err := w.exec(ctx, `UPDATE timekeeping SET floor_ms = $1, source = ''`, millis(k.Floor)); err != nil {
		return fmt.Errorf("close boot: %w", err)
	}
	return nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
