package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"redstation/kiosk"
)

// Enrol stores what ties the booth to its city, and begins its streams there: a new
// epoch each time, so that nothing is sent under a name that was used before. What a
// booth of the same id has not sent yet is still sent.
func (d *DB) Enrol(ctx context.Context, e kiosk.Enrolment) error {
	j, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode enrolment: %w", err)
	}
	before, enrolled, err := d.Enrolment(ctx)
	if err != nil {
		return err
	}
	return d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		if enrolled && !bytes.Equal(before.HubKey, e.HubKey) {
			if err := w.forget(ctx, e.Booth); err != nil {
				return err
			}
		}
		if err := w.exec(ctx, `INSERT INTO meta (key, value) VALUES ('enrolment', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, j); err != nil {
			return fmt.Errorf("store enrolment: %w", err)
		}
		w.keepDue = true
		if err := w.beginEpoch(ctx, e.Booth, "enrolled"); err != nil {
			return err
		}
		return w.note(ctx, kiosk.KindBoothEnrolled, map[string]any{"city_key": e.CityKeyID})
	})
}

// forget takes back what another hub has acknowledged of a booth's streams: the new
// one has none of it.
func (w *writer) forget(ctx context.Context, booth string) error {
	if err := w.exec(ctx, `UPDATE stream SET acked = 0, note = NULL WHERE epoch IN (SELECT n FROM epoch WHERE booth = $1)`, booth); err != nil {
		return fmt.Errorf("forget acknowledgements: %w", err)
	}
	if booth != w.state.booth {
		return nil // beginEpoch reads them anew
	}
	w.state.streams = slices.Clone(w.state.streams)
	for i := range w.state.streams {
		w.state.streams[i].head.Acked = 0
	}
	return nil
}

// Enrolment returns what Enrol stored, or false.
func (d *DB) Enrolment(ctx context.Context) (kiosk.Enrolment, bool, error) {
	var j []byte
	err := d.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'enrolment'`).Scan(&j)
	if errors.Is(err, sql.ErrNoRows) {
		return kiosk.Enrolment{}, false, nil
	}
	var e kiosk.Enrolment
	if err == nil {
		err = json.Unmarshal(j, &e)
	}
	if err != nil {
		return kiosk.Enrolment{}, false, fmt.Errorf("read enrolment: %w", err)
	}
	return e, true, nil
}

// RenewKeys stores what the booth has learned of keys in the place of what it knew,
// with the record that says so. The error has CodeConflict where the book knows
// something else by now: the booth was enrolled anew.
func (d *DB) RenewKeys(ctx context.Context, old, renewed kiosk.Enrolment) error {
	known, err := json.Marshal(old)
	if err != nil {
		return fmt.Errorf("encode enrolment: %w", err)
	}
	j, err := json.Marshal(renewed)
	if err != nil {
		return fmt.Errorf("encode enrolment: %w", err)
	}
	return d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		var stored []byte
		if err := w.conn.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'enrolment'`).Scan(&stored); err != nil {
			return fmt.Errorf("read enrolment: %w", err)
		}
		if !bytes.Equal(stored, known) {
			return kiosk.Errorf(kiosk.CodeConflict, "error.enrolment", "the booth was enrolled anew meanwhile")
		}
		if err := w.exec(ctx, `UPDATE meta SET value = $1 WHERE key = 'enrolment'`, j); err != nil {
			return fmt.Errorf("store enrolment: %w", err)
		}
		w.keepDue = true
		return w.note(ctx, kiosk.KindKeysChanged, keysFacts(&old, &renewed))
	})
}

// keysFacts says which keys are others now.
func keysFacts(old, renewed *kiosk.Enrolment) map[string]any {
	facts := map[string]any{}
	if renewed.CityKeyID != old.CityKeyID {
		facts["city_key"] = renewed.CityKeyID
	}
	switch {
	case !bytes.Equal(renewed.HubKey, old.HubKey):
		facts["hub_key"] = "in_force"
	case !bytes.Equal(renewed.NextHubKey, old.NextHubKey):
		facts["hub_key"] = "announced"
	}
	if len(renewed.KeyChain) != len(old.KeyChain) {
		facts["booth_key"] = "changed"
	}
	return facts
}
