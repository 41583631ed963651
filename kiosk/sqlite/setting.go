package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"redstation/kiosk"
)

// Settings returns what staff set, as it was stored.
func (d *DB) Settings(ctx context.Context) (map[kiosk.Setting]string, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT name, value FROM setting`)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	defer rows.Close()
	out := map[kiosk.Setting]string{}
	for rows.Next() {
		var name kiosk.Setting
		var value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, fmt.Errorf("read settings: %w", err)
		}
		out[name] = value
	}
	return out, rows.Err()
}

// ChangeSetting stores one setting with its record. A new PIN forgets the wrong ones.
func (d *DB) ChangeSetting(ctx context.Context, name kiosk.Setting, value string, record kiosk.Draft) error {
	return d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		if err := w.exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
			name, value); err != nil {
			return fmt.Errorf("store setting %s: %w", name, err)
		}
		w.keepDue = true
		if name == kiosk.SettingPIN {
			if err := w.exec(ctx, `DELETE FROM staff_tries`); err != nil {
				return fmt.Errorf("forget wrong PINs: %w", err)
			}
		}
		return w.append(ctx, record)
	})
}

// Tries returns the wrong PINs since the last right one.
func (d *DB) Tries(ctx context.Context) (kiosk.Tries, error) {
	var t kiosk.Tries
	var until, pause int64
	err := d.read.QueryRowContext(ctx, `SELECT wrong, boot, until_ns, pause_ns FROM staff_tries`).Scan(&t.Wrong, &t.Boot, &until, &pause)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return kiosk.Tries{}, fmt.Errorf("read wrong PINs: %w", err)
	}
	t.Until, t.Pause = time.Duration(until), time.Duration(pause)
	return t, nil
}

// NoteTries stores the count of wrong PINs with its record.
func (d *DB) NoteTries(ctx context.Context, t kiosk.Tries, record kiosk.Draft) error {
	return d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		if err := w.exec(ctx, `INSERT INTO staff_tries (only, wrong, boot, until_ns, pause_ns) VALUES (1, $1, $2, $3, $4)
ON CONFLICT (only) DO UPDATE SET wrong = excluded.wrong, boot = excluded.boot, until_ns = excluded.until_ns, pause_ns = excluded.pause_ns`,
			t.Wrong, t.Boot, int64(t.Until), int64(t.Pause)); err != nil {
			return fmt.Errorf("note wrong PINs: %w", err)
		}
		return w.append(ctx, record)
	})
}
