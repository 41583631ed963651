package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"redstation/kiosk"
)

// A slip's row is the proof that a submission was accepted: its id is the
// submission's key, and every use case inserts it first.

const slipColumns = `id, action, service, number, lang, at_ms, at_state, state, reprints`

// insertSlip stores a slip. It reports false where the slip was there already.
func (w *writer) insertSlip(ctx context.Context, s kiosk.Slip) (bool, error) {
	fresh, err := w.insert(ctx, `INSERT INTO slip (`+slipColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`,
		s.ID[:], s.Action, s.Service, s.Number, s.Lang, s.At.UnixMilli(), s.AtState, s.State, s.Reprints)
	if err != nil {
		return false, fmt.Errorf("store slip: %w", err)
	}
	return fresh, nil
}

// stored returns the slip as the running transaction sees it.
func (w *writer) stored(ctx context.Context, id kiosk.ID) (kiosk.Slip, error) {
	row, err := w.row(ctx, `SELECT `+slipColumns+` FROM slip WHERE id = $1`, id[:])
	if err != nil {
		return kiosk.Slip{}, err
	}
	return scanSlip(row)
}

func scanSlip(row interface{ Scan(...any) error }) (kiosk.Slip, error) {
	var s kiosk.Slip
	var id []byte
	var ms int64
	err := row.Scan(&id, &s.Action, &s.Service, &s.Number, &s.Lang, &ms, &s.AtState, &s.State, &s.Reprints)
	if errors.Is(err, sql.ErrNoRows) {
		return s, kiosk.Errorf(kiosk.CodeNotFound, "error.slip", "no such slip")
	}
	if err != nil {
		return s, fmt.Errorf("read slip: %w", err)
	}
	s.ID, s.At = kiosk.ID(id), time.UnixMilli(ms).UTC()
	return s, nil
}

// Slip returns a stored slip. The error has CodeNotFound.
func (d *DB) Slip(ctx context.Context, id kiosk.ID) (kiosk.Slip, error) {
	return scanSlip(d.read.QueryRowContext(ctx, `SELECT `+slipColumns+` FROM slip WHERE id = $1`, id[:]))
}

// Unsettled returns the slips that were queued and never settled, oldest first.
func (d *DB) Unsettled(ctx context.Context) ([]kiosk.Slip, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT `+slipColumns+` FROM slip WHERE state = 'queued' ORDER BY at_ms`)
	if err != nil {
		return nil, fmt.Errorf("read spool: %w", err)
	}
	defer rows.Close()
	var out []kiosk.Slip
	for rows.Next() {
		s, err := scanSlip(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// once stores a slip and calls use for what is written beside it. A slip that was
// there already is read back, and use is not called.
func (d *DB) once(ctx context.Context, s kiosk.Slip, use func(context.Context, *writer) error) (kiosk.Slip, error) {
	out := s
	err := d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		fresh, err := w.insertSlip(ctx, s)
		if err != nil {
			return err
		}
		if !fresh {
			out, err = w.stored(ctx, s.ID)
			return err
		}
		return use(ctx, w)
	})
	if err != nil {
		return kiosk.Slip{}, err
	}
	return out, nil
}

// AddSlip stores a slip that needs no number.
func (d *DB) AddSlip(ctx context.Context, s kiosk.Slip, record kiosk.Draft) (kiosk.Slip, error) {
	return d.once(ctx, s, func(ctx context.Context, w *writer) error { return w.append(ctx, record) })
}

// SettleSlip notes the outcome of a print job and the paper that it took.
func (d *DB) SettleSlip(ctx context.Context, id kiosk.ID, state kiosk.SlipState, used int, record kiosk.Draft) (kiosk.Slip, error) {
	var out kiosk.Slip
	err := d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		if err := w.exec(ctx, `UPDATE slip SET state = $2 WHERE id = $1`, id[:], state); err != nil {
			return fmt.Errorf("settle slip: %w", err)
		}
		if err := w.useRoll(ctx, used); err != nil {
			return err
		}
		if err := w.append(ctx, record); err != nil {
			return err
		}
		var err error
		out, err = w.stored(ctx, id)
		return err
	})
	return out, err
}

// ReissueSlip counts a reprint, queues the slip again, and replaces its capsule.
func (d *DB) ReissueSlip(ctx context.Context, s kiosk.Slip, c *kiosk.Capsule, record kiosk.Draft) (kiosk.Slip, error) {
	out := s
	out.State, out.Reprints = kiosk.SlipQueued, s.Reprints+1
	return out, d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		now, err := w.stored(ctx, s.ID)
		if err != nil {
			return err
		}
		if now.State != s.State || now.Reprints != s.Reprints {
			return refusal{kiosk.Errorf(kiosk.CodeConflict, "error.printing", "slip %s is being printed again already", s.ID)}
		}
		if err := w.exec(ctx, `UPDATE slip SET state = $2, reprints = $3 WHERE id = $1`, s.ID[:], out.State, out.Reprints); err != nil {
			return fmt.Errorf("reissue slip: %w", err)
		}
		if c != nil {
			if err := w.replaceCapsule(ctx, s.ID, c); err != nil {
				return err
			}
		}
		return w.append(ctx, record)
	})
}
