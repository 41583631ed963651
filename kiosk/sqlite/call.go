package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"redstation/kiosk"
)

// CallHelp stores a call for help with its record.
func (d *DB) CallHelp(ctx context.Context, c kiosk.HelpCall, record kiosk.Draft) (kiosk.HelpCall, error) {
	out := c
	err := d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		have, err := w.helpCall(ctx, c.ID)
		if err == nil {
			out = have
			return nil
		}
		if kiosk.CodeOf(err) != kiosk.CodeNotFound {
			return err
		}
		if err := w.exec(ctx, `UPDATE help_call SET state = $1 WHERE state = $2`, kiosk.CallUnanswered, kiosk.CallOpen); err != nil {
			return fmt.Errorf("call help: %w", err)
		}
		if err := w.exec(ctx, `INSERT INTO help_call (id, service, at_ms, at_state, state) VALUES ($1, $2, $3, $4, $5)`,
			c.ID[:], c.Service, c.At.UnixMilli(), c.AtState, c.State); err != nil {
			return fmt.Errorf("call help: %w", err)
		}
		return w.append(ctx, record)
	})
	return out, err
}

// EndHelp ends a call for help.
func (d *DB) EndHelp(ctx context.Context, id kiosk.ID, end kiosk.CallState, record kiosk.Draft) (kiosk.HelpCall, error) {
	var out kiosk.HelpCall
	err := d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		have, err := w.helpCall(ctx, id)
		if err != nil {
			return refusal{err}
		}
		out = have
		if have.State != kiosk.CallOpen {
			return nil
		}
		out.State = end
		if err := w.exec(ctx, `UPDATE help_call SET state = $1 WHERE id = $2`, end, id[:]); err != nil {
			return fmt.Errorf("end call for help: %w", err)
		}
		return w.append(ctx, record)
	})
	return out, err
}

// OpenHelp returns the call for help that is open.
func (d *DB) OpenHelp(ctx context.Context) (kiosk.HelpCall, bool, error) {
	c, err := scanHelp(d.read.QueryRowContext(ctx, `SELECT `+helpColumns+` FROM help_call WHERE state = $1 ORDER BY at_ms DESC LIMIT 1`, kiosk.CallOpen))
	if kiosk.CodeOf(err) == kiosk.CodeNotFound {
		return c, false, nil
	}
	return c, err == nil, err
}

const helpColumns = `id, service, at_ms, at_state, state`

func (w *writer) helpCall(ctx context.Context, id kiosk.ID) (kiosk.HelpCall, error) {
	row, err := w.row(ctx, `SELECT `+helpColumns+` FROM help_call WHERE id = $1`, id[:])
	if err != nil {
		return kiosk.HelpCall{}, err
	}
	return scanHelp(row)
}

func scanHelp(row interface{ Scan(...any) error }) (kiosk.HelpCall, error) {
	var c kiosk.HelpCall
	var id []byte
	var ms int64
	err := row.Scan(&id, &c.Service, &ms, &c.AtState, &c.State)
	if errors.Is(err, sql.ErrNoRows) {
		return c, kiosk.Errorf(kiosk.CodeNotFound, "error.not_found", "no such call for help")
	}
	if err != nil {
		return c, fmt.Errorf("read call for help: %w", err)
	}
	c.ID, c.At = kiosk.ID(id), time.UnixMilli(ms).UTC()
	return c, nil
}
