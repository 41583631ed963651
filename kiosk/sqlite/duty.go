package sqlite

import (
	"context"
	"fmt"
	"time"

	"redstation/kiosk"
)

// watchesKept is how many watches that are over are kept, without their names.
const watchesKept = 100

// TakeDuty stores a form with its slip, capsule and record, and the watch that begins.
func (d *DB) TakeDuty(ctx context.Context, p *kiosk.Paperwork, watch kiosk.Watch) (kiosk.Slip, error) {
	return d.file(ctx, p, func(ctx context.Context, w *writer) error {
		for _, q := range []struct {
			text string
			args []any
		}{
			{`UPDATE duty SET name = '', over = 1 WHERE over = 0`, nil},
			{`INSERT INTO duty (number, service, name, role, at_ms, at_state, over) VALUES ($1, $2, $3, $4, $5, $6, 0)`,
				[]any{watch.Number, watch.Service, watch.Name, watch.Role, watch.At.UnixMilli(), watch.AtState}},
			{`DELETE FROM duty WHERE n <= (SELECT max(n) FROM duty) - $1`, []any{watchesKept}},
		} {
			if err := w.exec(ctx, q.text, q.args...); err != nil {
				return fmt.Errorf("take over the watch: %w", err)
			}
		}
		return nil
	})
}

// EndDuty ends a watch with its record.
func (d *DB) EndDuty(ctx context.Context, number string, record kiosk.Draft) error {
	return d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		row, err := w.row(ctx, `SELECT count(*) FROM duty WHERE number = $1 AND over = 0`, number)
		if err != nil {
			return fmt.Errorf("end a watch: %w", err)
		}
		var on int
		if err := row.Scan(&on); err != nil {
			return fmt.Errorf("end a watch: %w", err)
		}
		if on == 0 {
			return nil
		}
		if err := w.exec(ctx, `UPDATE duty SET name = '', over = 1 WHERE number = $1`, number); err != nil {
			return fmt.Errorf("end a watch: %w", err)
		}
		return w.append(ctx, record)
	})
}

// Watches returns the latest watches, the newest first.
func (d *DB) Watches(ctx context.Context, limit int) ([]kiosk.Watch, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT number, service, name, role, at_ms, at_state, over FROM duty ORDER BY n DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("read watches: %w", err)
	}
	defer rows.Close()
	var out []kiosk.Watch
	for rows.Next() {
		var w kiosk.Watch
		var at int64
		if err := rows.Scan(&w.Number, &w.Service, &w.Name, &w.Role, &at, &w.AtState, &w.Over); err != nil {
			return nil, fmt.Errorf("read watches: %w", err)
		}
		w.At = time.UnixMilli(at)
		out = append(out, w)
	}
	return out, rows.Err()
}
