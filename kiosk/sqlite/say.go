package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"redstation/kiosk"
)

const intentColumns = `SELECT id, ref, record, kind, based_on, slip, wish, at_ms FROM intent`

// AddIntent stores what a resident said, with its record and the paper that confirms it.
func (d *DB) AddIntent(ctx context.Context, i kiosk.Intent, slip *kiosk.Slip, record kiosk.Draft) (kiosk.Intent, error) {
	out := i
	err := d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		var paper any
		if slip != nil {
			paper = slip.ID[:]
		}
		fresh, err := w.insert(ctx, `INSERT INTO intent (id, ref, record, kind, based_on, slip, wish, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
			i.ID[:], i.Ref[:], i.Record[:], i.Kind, int64(i.BasedOn), paper, i.Wish, i.At.UnixMilli())
		if err != nil {
			return fmt.Errorf("store what was said: %w", err)
		}
		if !fresh {
			row, err := w.row(ctx, intentColumns+` WHERE id = $1`, i.ID[:])
			if err == nil {
				out, err = scanIntent(row)
			}
			return err
		}
		if slip != nil {
			if _, err := w.insertSlip(ctx, *slip); err != nil {
				return err
			}
		}
		return w.append(ctx, record)
	})
	return out, err
}

// Intents returns what was said here of a filing, oldest first.
func (d *DB) Intents(ctx context.Context, ref kiosk.ID) ([]kiosk.Intent, error) {
	rows, err := d.read.QueryContext(ctx, intentColumns+` WHERE ref = $1 ORDER BY n`, ref[:])
	if err != nil {
		return nil, fmt.Errorf("read what was said: %w", err)
	}
	defer rows.Close()
	var out []kiosk.Intent
	for rows.Next() {
		i, err := scanIntent(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

// WishOf returns what the paper of a wish says. The error has CodeNotFound.
func (d *DB) WishOf(ctx context.Context, slip kiosk.ID) (wish kiosk.DataWish, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT wish FROM intent WHERE slip = $1`, slip[:]).Scan(&wish)
	if errors.Is(err, sql.ErrNoRows) {
		return "", kiosk.Errorf(kiosk.CodeNotFound, "error.slip", "no such wish")
	}
	if err != nil {
		return "", fmt.Errorf("read a wish: %w", err)
	}
	return wish, nil
}

func scanIntent(row interface{ Scan(...any) error }) (kiosk.Intent, error) {
	var i kiosk.Intent
	var id, ref, record, slip []byte
	var based, ms int64
	if err := row.Scan(&id, &ref, &record, &i.Kind, &based, &slip, &i.Wish, &ms); err != nil {
		return i, fmt.Errorf("read what was said: %w", err)
	}
	i.ID, i.Ref, i.Record, i.BasedOn, i.At = kiosk.ID(id), kiosk.ID(ref), kiosk.ID(record), uint64(based), time.UnixMilli(ms).UTC()
	if slip != nil {
		i.Slip = kiosk.ID(slip)
	}
	return i, nil
}
