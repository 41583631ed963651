package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"redstation/kiosk"
)

// beginSalvaged begins the epoch of a book that was made of a damaged one: its first
// records say so, and carry those whose own stream cannot go on.
func (w *writer) beginSalvaged(ctx context.Context) error {
	var facts string
	if err := w.conn.QueryRowContext(ctx, `SELECT facts FROM damaged WHERE epoch IS NULL ORDER BY n DESC LIMIT 1`).Scan(&facts); err != nil {
		return fmt.Errorf("read what was salvaged: %w", err)
	}
	booth := w.state.booth
	if booth == "" { // nothing of the records was left
		e, enrolled, err := w.db.Enrolment(ctx)
		if err != nil {
			return err
		}
		if booth = kiosk.UnenrolledBooth; enrolled {
			booth = e.Booth
		}
	}
	if err := w.beginEpoch(ctx, booth, fromDamage); err != nil {
		return err
	}
	if err := w.note(ctx, kiosk.KindBookSalvaged, json.RawMessage(facts)); err != nil {
		return err
	}
	loose, err := w.loose(ctx)
	if err != nil {
		return err
	}
	for i := range loose {
		if err := w.wrap(ctx, &loose[i]); err != nil {
			return err
		}
	}
	for _, query := range []string{`DELETE FROM loose`, `UPDATE damaged SET epoch = (SELECT MAX(n) FROM epoch) WHERE epoch IS NULL`} {
		if err := w.exec(ctx, query); err != nil {
			return fmt.Errorf("finish the salvage: %w", err)
		}
	}
	w.salvaged = false
	return nil
}

func (w *writer) loose(ctx context.Context) ([]kiosk.Record, error) {
	rows, err := w.conn.QueryContext(ctx, `SELECT header, facts, facts_salt, sealed, sealed_salt FROM loose ORDER BY epoch, lane DESC, seq`)
	if err != nil {
		return nil, fmt.Errorf("read loose records: %w", err)
	}
	defer rows.Close()
	var out []kiosk.Record
	for rows.Next() {
		var r kiosk.Record
		if err := rows.Scan(&r.Header, &r.Facts, &r.FactsSalt, &r.Sealed, &r.SealedSalt); err != nil {
			return nil, fmt.Errorf("read loose records: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// wrap appends a record that carries r, in the lane that r was in.
func (w *writer) wrap(ctx context.Context, r *kiosk.Record) error {
	h, err := kiosk.DecodeHeader(r.Header)
	if err != nil {
		return err
	}
	f := kiosk.Salvaged{Epoch: h.Epoch, Lane: h.Lane.String(), Seq: h.Seq, Kind: h.Kind, Header: r.Header,
		Facts: r.Facts, FactsSalt: r.FactsSalt, SealedSalt: r.SealedSalt}
	if len(r.Facts) > kiosk.MaxRecordBody/2 { // in base64 it would not fit: its header still says that it was
		f.Facts, f.FactsSalt = nil, nil
	}
	j, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("wrap record %d: %w", h.Seq, err)
	}
	now := w.db.clock.Read()
	return w.append(ctx, kiosk.Draft{ID: kiosk.NewID(), Lane: h.Lane, Kind: kiosk.KindRecordSalvaged, Schema: 1, Actor: h.Actor, Ref: h.Ref,
		Facts: j, Sealed: r.Sealed, Epoch: w.state.epoch,
		Stamp: kiosk.Stamp{Boot: w.db.boot, Since: now.Since, Wall: now.Wall, State: now.State}})
}
