package sqlite

import (
	"context"
	"fmt"

	"redstation/kiosk"
)

// Roll returns the roll of paper in the printer.
func (d *DB) Roll(ctx context.Context) (kiosk.Roll, error) {
	var r kiosk.Roll
	if err := d.read.QueryRowContext(ctx, `SELECT printed, near, out FROM roll`).Scan(&r.Printed, &r.Near, &r.Out); err != nil {
		return r, fmt.Errorf("read roll: %w", err)
	}
	return r, nil
}

// NoteRoll stores the roll with the record that says what happened to it.
func (d *DB) NoteRoll(ctx context.Context, r kiosk.Roll, record kiosk.Draft) error {
	return d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		if err := w.exec(ctx, `UPDATE roll SET printed = $1, near = $2, out = $3`, r.Printed, r.Near, r.Out); err != nil {
			return fmt.Errorf("store roll: %w", err)
		}
		return w.append(ctx, record)
	})
}

// useRoll counts paper that was printed, mm.
func (w *writer) useRoll(ctx context.Context, mm int) error {
	if mm == 0 {
		return nil
	}
	if err := w.exec(ctx, `UPDATE roll SET printed = printed + $1`, mm); err != nil {
		return fmt.Errorf("count paper: %w", err)
	}
	return nil
}
