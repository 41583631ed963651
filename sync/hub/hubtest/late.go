package hubtest

import (
	"context"
	"errors"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// lateFailures lets a statement fail that an engine may put off, as the last of its
// transaction and before a question: the transaction fails, and nothing of it stays.
func lateFailures(t *testing.T, db *sqldb.DB) {
	for name, then := range map[string]func(ctx context.Context, tx *sqldb.Tx) error{
		"nothing": func(context.Context, *sqldb.Tx) error { return nil },
		"a question": func(ctx context.Context, tx *sqldb.Tx) error {
			_, err := tx.Booth(ctx, "07")
			return err
		},
		"a question whose answer is not looked at": func(ctx context.Context, tx *sqldb.Tx) error {
			tx.Booth(ctx, "07") //nolint:errcheck // that is what is tried
			return nil
		},
	} {
		err := db.UpdateFrom(t.Context(), func(tx *sqldb.Tx) error {
			if err := tx.SaveBooth(t.Context(), sqldb.Booth{ID: "07", Name: "x"}); err != nil {
				return err
			}
			c := sqldb.Checkpoint{Booth: "07", Stream: kiosk.Stream{Epoch: kiosk.ID{1}}, Size: 1} // without a note
			return errors.Join(tx.SaveCheckpoint(t.Context(), c), then(t.Context(), tx))
		})
		if err == nil {
			t.Errorf("followed by %s, a checkpoint without a note was stored", name)
		}
		view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			if _, err := tx.Booth(ctx, "07"); !errors.Is(err, sqldb.ErrNoRow) {
				t.Errorf("followed by %s, a part of it stays: %v", name, err)
			}
			return nil
		})
	}
}

// lateOrder lets questions see what was written before them, whenever that is done.
func lateOrder(t *testing.T, db *sqldb.DB) {
	key := kiosk.Stream{Epoch: kiosk.ID{1}}
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		return tx.SaveBooth(ctx, sqldb.Booth{ID: "07", Name: "x", Key: []byte("key")})
	})
	err := db.UpdateFrom(t.Context(), func(tx *sqldb.Tx) error {
		known, err := tx.NoteContact(t.Context(), "07", []byte("key"), 5)
		if err != nil || !known {
			t.Errorf("contact: %v, %v", known, err)
		}
		s, err := tx.AddStream(t.Context(), "07", key)
		if err != nil {
			return err
		}
		s.ToldLast = 9
		if err := tx.SaveStream(t.Context(), s); err != nil {
			return err
		}
		if got, err := tx.LockStream(t.Context(), "07", key); err != nil || got.ID != s.ID || got.ToldLast != 9 {
			t.Errorf("the stream is %+v, %v", got, err)
		}
		for size := range uint64(3) {
			c := sqldb.Checkpoint{Booth: "07", Stream: key, Size: size + 1, Note: []byte("n"), Key: []byte("k"), HubKey: []byte("h")}
			if err := tx.SaveCheckpoint(t.Context(), c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := db.Glance(t.Context(), func(tx *sqldb.Tx) error {
		c, err := tx.Checkpoint(t.Context(), "07", key)
		if c.Size != 3 {
			t.Errorf("the checkpoint has %d records, want 3", c.Size)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
