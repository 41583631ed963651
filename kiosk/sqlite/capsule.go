package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"redstation/kiosk"
)

// putCapsule stores a capsule under an index that is not in the book.
func (w *writer) putCapsule(ctx context.Context, c *kiosk.Capsule) error {
	b, err := c.Bytes()
	if err != nil {
		return err
	}
	if err := w.exec(ctx, `INSERT INTO capsule (lock, version, capsule) VALUES ($1, $2, $3)`, c.Index[:], int64(c.Version), b); err != nil {
		return fmt.Errorf("store capsule: %w", err)
	}
	return nil
}

// replaceCapsule lets another paper open a slip's request; the one before is void.
func (w *writer) replaceCapsule(ctx context.Context, slip kiosk.ID, c *kiosk.Capsule) error {
	if err := w.exec(ctx, `INSERT INTO void_paper (lock) SELECT lock FROM request WHERE slip = $1 ON CONFLICT DO NOTHING`, slip[:]); err != nil {
		return fmt.Errorf("void paper: %w", err)
	}
	if err := w.exec(ctx, `DELETE FROM capsule WHERE lock = (SELECT lock FROM request WHERE slip = $1)`, slip[:]); err != nil {
		return fmt.Errorf("delete capsule: %w", err)
	}
	if err := w.exec(ctx, `UPDATE request SET lock = $2, lock_key = $3 WHERE slip = $1`, slip[:], c.Index[:], c.Public); err != nil {
		return fmt.Errorf("replace lock: %w", err)
	}
	return w.putCapsule(ctx, c)
}

// Capsule returns the newest version that the book has. The error has CodeNotFound.
func (d *DB) Capsule(ctx context.Context, index kiosk.ID) (kiosk.Capsule, error) {
	var b []byte
	err := d.read.QueryRowContext(ctx, `SELECT capsule FROM capsule WHERE lock = $1`, index[:]).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return kiosk.Capsule{}, kiosk.Errorf(kiosk.CodeNotFound, "error.paper_unknown", "no capsule under this paper's index")
	}
	if err != nil {
		return kiosk.Capsule{}, fmt.Errorf("read capsule: %w", err)
	}
	return kiosk.ParseCapsule(b)
}

// PaperVoid reports whether another paper took the place of the one with this index.
func (d *DB) PaperVoid(ctx context.Context, index kiosk.ID) (void bool, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM void_paper WHERE lock = $1)`, index[:]).Scan(&void)
	if err != nil {
		return false, fmt.Errorf("read void papers: %w", err)
	}
	return void, nil
}

// NumberGiven reports whether the book has a slip with that number.
func (d *DB) NumberGiven(ctx context.Context, number string) (given bool, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM slip WHERE number = $1 AND action <> $2)`, number, kiosk.ActionRights).Scan(&given)
	if err != nil {
		return false, fmt.Errorf("look for a number: %w", err)
	}
	return given, nil
}

// DropCapsules forgets what papers open: what they stood for was erased.
func (d *DB) DropCapsules(ctx context.Context, gone []kiosk.ID) error {
	for _, index := range gone {
		var here bool
		if err := d.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM capsule WHERE lock = $1)`, index[:]).Scan(&here); err != nil {
			return fmt.Errorf("look for a capsule: %w", err)
		}
		if !here {
			continue
		}
		err := d.do(ctx, func(w *writer) error {
			if err := w.exec(context.Background(), `DELETE FROM capsule WHERE lock = $1`, index[:]); err != nil {
				return fmt.Errorf("forget a capsule: %w", err)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
