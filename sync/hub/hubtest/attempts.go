package hubtest

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// attempts: of each booth the newest are kept, and as many as were asked for.
func attempts(t *testing.T, db *sqldb.DB) {
	const keep = 5
	at := time.UnixMilli(1_790_000_000_000).UTC()
	for _, booth := range []string{"07", "08"} {
		update(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.BeginTally(ctx, booth) })
	}
	for i := range 12 {
		a := kiosk.Attempt{At: at.Add(time.Duration(i) * time.Second), What: "log", Trouble: "aborted", Detail: fmt.Sprint(i), Bytes: int64(i), Took: 3 * time.Millisecond}
		update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			if err := tx.AddTally(ctx, "07", sqldb.Tally{Good: 2, Bad: 1}); err != nil {
				return err
			}
			return tx.AddAttempt(ctx, "07", a, keep)
		})
	}
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		list, err := tx.Attempts(ctx, "07")
		if err != nil || len(list) != keep {
			t.Fatalf("%d attempts are kept, %v, want %d", len(list), err, keep)
		}
		for i, a := range list {
			if want := 11 - i; a.Detail != fmt.Sprint(want) || a.Bytes != int64(want) || !a.At.Equal(at.Add(time.Duration(want)*time.Second)) || a.Took != 3*time.Millisecond {
				t.Errorf("attempt %d is %+v, want number %d", i, a, want)
			}
		}
		if c, err := tx.Tally(ctx, "07"); err != nil || c != (sqldb.Tally{Good: 24, Bad: 12}) {
			t.Errorf("counted %+v, %v", c, err)
		}
		for _, booth := range []string{"08", "99"} {
			if c, err := tx.Tally(ctx, booth); err != nil || c != (sqldb.Tally{}) {
				t.Errorf("booth %s: counted %+v, %v", booth, c, err)
			}
		}
		return nil
	})
}

// boothKeys: each key that a booth has had is remembered once, with its first time.
func boothKeys(t *testing.T, db *sqldb.DB) {
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for i, key := range [][]byte{{1}, {2}, {1}, {3}} {
			if err := tx.NoteKey(ctx, "07", key, int64(10+i)); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		list, err := tx.BoothKeys(ctx, "07")
		if err != nil || len(list) != 3 || !bytes.Equal(list[0].Key, []byte{1}) || list[0].Since != 10 || !bytes.Equal(list[2].Key, []byte{3}) {
			t.Errorf("keys %+v, %v", list, err)
		}
		return nil
	})
}
