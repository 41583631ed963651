package hubtest

import (
	"bytes"
	"context"
	"reflect"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

func checkpoints(t *testing.T, db *sqldb.DB) {
	c := sqldb.Checkpoint{Booth: "07", Stream: kiosk.Stream{Epoch: kiosk.ID{9, 15: 1}, Lane: kiosk.LaneUrgent}, Size: 1 << 40, Note: []byte("a — b\n"), Key: []byte{0, 1}, HubKey: []byte{2}}
	later := c
	later.Size, later.Note = 1<<41, []byte("c")
	kept(t, db, "checkpoint", c, later, (*sqldb.Tx).SaveCheckpoint,
		func(ctx context.Context, tx *sqldb.Tx) (sqldb.Checkpoint, error) {
			return tx.Checkpoint(ctx, c.Booth, c.Stream)
		})
	other := c
	other.Booth, other.Stream.Lane = "08", kiosk.LaneLog
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error { return tx.SaveCheckpoint(ctx, other) })
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		all, err := tx.Checkpoints(ctx, "")
		if !reflect.DeepEqual(all, []sqldb.Checkpoint{later, other}) {
			t.Errorf("all: %+v", all)
		}
		if one, err := tx.Checkpoints(ctx, "08"); err != nil || !reflect.DeepEqual(one, []sqldb.Checkpoint{other}) {
			t.Errorf("of one booth: %+v, %v", one, err)
		}
		return err
	})
}

func forkedStreams(t *testing.T, db *sqldb.DB) {
	key := kiosk.Stream{Epoch: kiosk.ID{9}, Lane: kiosk.LaneLog}
	n := sqldb.ForkNote{Booth: "07", Stream: key, Size: 12, Root: bytes.Repeat([]byte{7}, 32), Received: 5, Note: []byte("note")}
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		if err := tx.SaveBooth(ctx, sqldb.Booth{ID: "07", Name: "x"}); err != nil {
			return err
		}
		s, err := tx.LockStream(ctx, "07", key)
		if err != nil {
			return err
		}
		s.Head, s.Frozen = 10, 4
		if err := tx.SaveStream(ctx, s); err != nil {
			return err
		}
		for i, at := range []int64{5, 6} {
			forks := []sqldb.Fork{{Seq: 11, Leaf: []byte{byte(i)}, Raw: []byte{1}}, {Seq: 12, Leaf: []byte{9}, Raw: []byte{2}}}
			if err := tx.AddForks(ctx, s, at, forks); err != nil {
				return err
			}
			if err := tx.AddForkNote(ctx, n); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		list, err := tx.ForkedStreams(ctx)
		want := sqldb.ForkedStream{Booth: "07", Stream: key, Records: 3, First: 11, Last: 12, Begin: 5, End: 6, Head: 10, Frozen: 4}
		if err != nil || len(list) != 1 || list[0] != want {
			t.Errorf("forked streams %+v, %v; want %+v", list, err, want)
		}
		notes, err := tx.ForkNotes(ctx, "07", key)
		if err != nil || !reflect.DeepEqual(notes, []sqldb.ForkNote{n}) {
			t.Errorf("notes %+v, %v", notes, err)
		}
		var seqs []uint64
		for seq, leaf := uint64(0), []byte(nil); ; {
			page, err := tx.Asides(ctx, "07", key, seq, leaf, 2)
			if err != nil || len(page) == 0 {
				if want := []uint64{11, 11, 12}; err != nil || !reflect.DeepEqual(seqs, want) {
					t.Errorf("set aside: %v, %v; want %v", seqs, err, want)
				}
				return err
			}
			for _, a := range page {
				seqs = append(seqs, a.Seq)
				seq, leaf = a.Seq, a.Leaf
			}
		}
	})
}
