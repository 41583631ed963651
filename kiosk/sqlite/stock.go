package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"redstation/kiosk"
)

// moved returns how many of a kind came here less how many went.
func (w *writer) moved(ctx context.Context, thing string) (n int, err error) {
	row, err := w.row(ctx, `SELECT COALESCE(SUM(moved), 0) FROM stock WHERE thing = $1`, thing)
	if err != nil {
		return 0, err
	}
	if err := row.Scan(&n); err != nil {
		return 0, fmt.Errorf("read stock: %w", err)
	}
	return n, nil
}

func (w *writer) move(ctx context.Context, thing string, by int) error {
	if err := w.exec(ctx, `INSERT INTO stock (thing, moved) VALUES ($1, $2)
ON CONFLICT (thing) DO UPDATE SET moved = moved + excluded.moved`, thing, by); err != nil {
		return fmt.Errorf("move stock: %w", err)
	}
	return nil
}

// asset tells whether a tag is known and the thing lies here.
func (w *writer) asset(ctx context.Context, tag kiosk.AssetTag) (known, here bool, err error) {
	row, err := w.row(ctx, `SELECT here FROM asset WHERE tag = $1`, string(tag))
	if err != nil {
		return false, false, err
	}
	err = row.Scan(&here)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("read asset: %w", err)
	}
	return true, here, nil
}

func (w *writer) putAsset(ctx context.Context, tag kiosk.AssetTag, thing string, here bool) error {
	if err := w.exec(ctx, `INSERT INTO asset (tag, thing, here) VALUES ($1, $2, $3)
ON CONFLICT (tag) DO UPDATE SET here = excluded.here`, string(tag), thing, here); err != nil {
		return fmt.Errorf("store asset: %w", err)
	}
	return nil
}

// Stock returns how many of each kind came here less how many went.
func (d *DB) Stock(ctx context.Context) (map[string]int, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT thing, moved FROM stock`)
	if err != nil {
		return nil, fmt.Errorf("read stock: %w", err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var thing string
		var n int
		if err := rows.Scan(&thing, &n); err != nil {
			return nil, fmt.Errorf("read stock: %w", err)
		}
		out[thing] = n
	}
	return out, rows.Err()
}

// CountStock stores what somebody counted.
func (d *DB) CountStock(ctx context.Context, thing string, owned, here int, record kiosk.Draft) error {
	return d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		if err := w.exec(ctx, `INSERT INTO stock (thing, moved) VALUES ($1, $2)
ON CONFLICT (thing) DO UPDATE SET moved = excluded.moved`, thing, here-owned); err != nil {
			return fmt.Errorf("count stock: %w", err)
		}
		return w.append(ctx, record)
	})
}

// MakeTags gives the next tags of a kind.
func (d *DB) MakeTags(ctx context.Context, s kiosk.Slip, t kiosk.Thing, n int,
	record func([]kiosk.AssetTag) (kiosk.Draft, error)) (slip kiosk.Slip, tags []kiosk.AssetTag, err error) {
	slip, err = d.once(ctx, s, func(ctx context.Context, w *writer) error {
		tags = nil
		row, err := w.row(ctx, `SELECT COALESCE(MAX(made), 0) FROM tag_count WHERE code = $1`, t.Code)
		if err != nil {
			return err
		}
		var made int
		if err := row.Scan(&made); err != nil {
			return fmt.Errorf("read tags: %w", err)
		}
		if made+n > kiosk.MaxAssets {
			return kiosk.Errorf(kiosk.CodeUnavailable, "error.tags_gone", "kind %d has %d tags, at most %d", t.Code, made, kiosk.MaxAssets)
		}
		for i := 1; i <= n; i++ {
			tag := kiosk.NewAssetTag(w.db.Booth(), t.Code, made+i)
			if err := w.putAsset(ctx, tag, t.ID, true); err != nil {
				return err
			}
			tags = append(tags, tag)
		}
		if err := w.exec(ctx, `INSERT INTO tag_count (code, made) VALUES ($1, $2) ON CONFLICT (code) DO UPDATE SET made = excluded.made`,
			t.Code, made+n); err != nil {
			return fmt.Errorf("count tags: %w", err)
		}
		draft, err := record(tags)
		if err != nil {
			return err
		}
		return w.append(ctx, draft)
	})
	return slip, tags, err
}
