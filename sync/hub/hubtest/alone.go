package hubtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// aloneUpdates lets updates that read and then write run side by side: no count is
// lost, and what may be there once is there once.
func aloneUpdates(t *testing.T, db *sqldb.DB) {
	const workers, each = 4, 8
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		return errors.Join(tx.SaveBooth(ctx, sqldb.Booth{ID: "07", Name: "x"}), tx.SaveInvite(ctx, sqldb.Invite{Booth: "07"}))
	})
	var made atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range each {
				err := db.Update(t.Context(), func(tx *sqldb.Tx) error {
					v, err := tx.Invite(t.Context(), "07")
					if err != nil {
						return err
					}
					v.Tries++
					return tx.SaveInvite(t.Context(), v)
				})
				if err != nil {
					t.Error(err)
				}
				taken := errors.New("taken")
				err = db.Update(t.Context(), func(tx *sqldb.Tx) error {
					name := fmt.Sprint("account-", i)
					if _, err := tx.Account(t.Context(), name); !errors.Is(err, sqldb.ErrNoRow) {
						return errors.Join(taken, err)
					}
					return tx.SaveAccount(t.Context(), sqldb.Account{Name: name})
				})
				if err == nil {
					made.Add(1)
				} else if !errors.Is(err, taken) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := made.Load(); n != each {
		t.Errorf("%d accounts were made new, want %d", n, each)
	}
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		v, err := tx.Invite(ctx, "07")
		if v.Tries != workers*each {
			t.Errorf("%d of %d tries were counted", v.Tries, workers*each)
		}
		return err
	})
}

// aloneBooths lets two senders append to the streams of the same booths: none of
// them makes a gap, and each sees its heads as they are.
func aloneBooths(t *testing.T, db *sqldb.DB) {
	const booths, senders, each = 3, 4, 10
	for i := range booths {
		update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			return tx.SaveBooth(ctx, sqldb.Booth{ID: fmt.Sprint(i), Name: "x"})
		})
	}
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each * booths {
				booth := fmt.Sprint((s + i) % booths)
				if err := db.UpdateBooth(t.Context(), booth, func(tx *sqldb.Tx) error { return appendThree(t.Context(), tx, booth) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	seal(t, db)
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for i := range booths {
			streams, err := tx.Streams(ctx, fmt.Sprint(i))
			if err != nil || len(streams) != 1 || streams[0].Head != senders*each*3 {
				t.Errorf("booth %d: %+v, %v", i, streams, err)
				continue
			}
			all, err := tx.Stored(ctx, streams[0], 1, senders*each*3)
			if err != nil || !slices.IsSortedFunc(all, func(a, b []byte) int { return slices.Compare(a, b) }) || len(all) != senders*each*3 {
				t.Errorf("booth %d has %d records, %v", i, len(all), err)
			}
		}
		last, err := tx.LastPos(ctx)
		if last != booths*senders*each*3 {
			t.Errorf("the last position is %d", last)
		}
		return err
	})
}

func appendThree(ctx context.Context, tx *sqldb.Tx, booth string) error {
	s, err := tx.LockStream(ctx, booth, kiosk.Stream{Epoch: kiosk.ID{1}})
	if err != nil {
		return err
	}
	var raws [][]byte
	for i := range uint64(3) {
		raws = append(raws, fmt.Appendf(nil, "%08d", s.Head+i))
	}
	return AppendNext(ctx, tx, booth, raws...)
}

// AppendNext appends records at the head of a booth's one stream.
func AppendNext(ctx context.Context, tx *sqldb.Tx, booth string, raws ...[]byte) error {
	s, err := tx.LockStream(ctx, booth, kiosk.Stream{Epoch: kiosk.ID{1}})
	if err != nil {
		return err
	}
	b := &sqldb.Batch{Booth: booth, Stream: s.ID, First: s.Head + 1, Received: 1, Root: make([]byte, 32)}
	for _, raw := range raws {
		b.Records = append(b.Records, sqldb.Record{Kind: "a.b", Raw: raw})
	}
	if _, err := tx.AppendBatch(ctx, b); err != nil {
		return err
	}
	s.Head += uint64(len(raws))
	return tx.SaveStream(ctx, s)
}

// oddTexts stores what a booth may have sent and a database may refuse.
func oddTexts(t *testing.T, db *sqldb.DB) {
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		return errors.Join(tx.SaveBooth(ctx, sqldb.Booth{ID: "07", Name: "x"}), tx.NoteError(ctx, "07", "a\x00b\xff", 1))
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		b, err := tx.Booth(ctx, "07")
		if b.ErrorAt != 1 {
			t.Errorf("booth %+v", b)
		}
		return err
	})
}

// Append adds a booth and stores n records of it that came at received.
func Append(t testing.TB, db *sqldb.DB, booth string, n int, received int64) {
	t.Helper()
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		if err := tx.SaveBooth(ctx, sqldb.Booth{ID: booth, Name: booth}); err != nil {
			return err
		}
		s, err := tx.LockStream(ctx, booth, kiosk.Stream{Epoch: kiosk.ID{1}})
		if err != nil {
			return err
		}
		_, err = tx.AppendBatch(ctx, &sqldb.Batch{Booth: booth, Stream: s.ID, First: 1, Received: received, Root: make([]byte, 32),
			Records: slices.Repeat([]sqldb.Record{{Kind: "a.b", Raw: []byte("x")}}, n)})
		return err
	})
}
