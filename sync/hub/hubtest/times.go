package hubtest

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// boots holds what is known of boots and what is read of it.
func boots(t *testing.T, db *sqldb.DB) {
	log, urgent, other := kiosk.Stream{Epoch: kiosk.ID{1}}, kiosk.Stream{Epoch: kiosk.ID{1}, Lane: kiosk.LaneUrgent}, kiosk.Stream{Epoch: kiosk.ID{2}}
	boot := func(n uint64) kiosk.Boot { return kiosk.Boot{Count: n, ID: kiosk.ID{byte(n)}} }
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for n := uint64(1); n <= 7; n++ {
			for _, s := range []kiosk.Stream{log, urgent} {
				if err := tx.NoteBoot(ctx, sqldb.Boot{Booth: "07", Stream: s, Boot: boot(n), Last: time.Duration(n), Begin: 1000 * int64(n)}); err != nil {
					return err
				}
			}
		}
		for _, b := range []sqldb.Boot{
			{Booth: "07", Stream: urgent, Boot: boot(4), Last: 40, Begin: 4500}, // later, and no earlier a beginning
			{Booth: "07", Stream: log, Boot: boot(4), Last: 2, Begin: 3900},
			{Booth: "07", Stream: other, Boot: boot(4), Last: 44, Begin: 4001}, // the same boot went on in another epoch
			{Booth: "08", Stream: log, Boot: boot(4), Last: 99, Begin: 1}} {
			if err := tx.NoteBoot(ctx, b); err != nil {
				return err
			}
		}
		for _, n := range []uint64{2, 6} {
			if err := tx.NoteAnchor(ctx, "07", boot(n), kiosk.Anchor{Source: kiosk.AnchorNTP, True: time.UnixMilli(9)}); err != nil {
				return err
			}
		}
		return tx.NoteAnchor(ctx, "07", boot(3), kiosk.Anchor{Source: kiosk.AnchorHand, True: time.UnixMilli(9)}) // proves nothing
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for _, tt := range []struct {
			epoch      kiosk.ID
			at, lo, hi uint64
		}{{log.Epoch, 4, 2, 6}, {log.Epoch, 3, 2, 6}, {log.Epoch, 1, 1, 2}, {log.Epoch, 7, 6, 7}, {log.Epoch, 2, 1, 6}, {other.Epoch, 4, 4, 4}} {
			got, err := tx.Boots(ctx, "07", tt.epoch, tt.at)
			if err != nil {
				return err
			}
			if len(got) != int(tt.hi-tt.lo)+1 || got[0].Count != tt.lo {
				t.Errorf("around boot %d: %+v, want %d to %d", tt.at, got, tt.lo, tt.hi)
				continue
			}
			for _, b := range got {
				want := sqldb.Boot{Booth: "07", Stream: kiosk.Stream{Epoch: tt.epoch}, Boot: boot(b.Count), Last: time.Duration(b.Count), Begin: 1000 * int64(b.Count)}
				if b.Count == 4 {
					want.Last, want.Begin = 44, 3900
				}
				if b != want {
					t.Errorf("around boot %d: %+v, want %+v", tt.at, b, want)
				}
			}
		}
		return nil
	})
}

// anchors holds that those of a boot come back that are asked for.
func anchors(t *testing.T, db *sqldb.DB) {
	boot := kiosk.Boot{Count: 3, ID: kiosk.ID{3}}
	var all []kiosk.Anchor
	for i, s := range []kiosk.AnchorSource{kiosk.AnchorRTC, kiosk.AnchorHub, kiosk.AnchorHand, kiosk.AnchorNTP, kiosk.AnchorHub, kiosk.AnchorHand} {
		all = append(all, kiosk.Anchor{Source: s, Boot: 3, Since: time.Duration(10 * i), True: time.UnixMilli(int64(1000 + i)).UTC(), Unc: time.Duration(i) * time.Millisecond})
	}
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for _, a := range append(slices.Clone(all), all...) { // each twice
			if err := tx.NoteAnchor(ctx, "07", boot, a); err != nil {
				return err
			}
		}
		return tx.NoteAnchor(ctx, "08", boot, all[0])
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		for _, tt := range []struct {
			from, to time.Duration
			want     []kiosk.Anchor
		}{{0, 5, all[:2]}, {15, 25, all[1:4]}, {30, 30, all[3:4]}, {5, 45, all}, {45, 60, all[4:]}, {31, 32, all[3:5]}} {
			got, err := tx.Anchors(ctx, "07", boot, tt.from, tt.to)
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("from %d to %d: %+v, %v; want %+v", tt.from, tt.to, got, err, tt.want)
			}
		}
		got, err := tx.Anchors(ctx, "08", boot, 50, 60)
		if len(got) != 1 {
			t.Errorf("a boot without a proof: %+v", got)
		}
		return err
	})
}

// capsules holds that a paper takes the place of an older one, and never the other way.
func capsules(t *testing.T, db *sqldb.DB) {
	first := sqldb.Capsule{Booth: "07", Number: "07-001", Lock: kiosk.ID{1}, Service: "3.1", Received: 9, Pos: 5, Version: 2, Bytes: []byte("a")}
	later := first
	later.Lock, later.Pos, later.Version, later.Bytes = kiosk.ID{2}, 8, 3, []byte("b")
	save := func(tx *sqldb.Tx, ctx context.Context, c sqldb.Capsule) error {
		_, err := tx.SaveCapsule(ctx, c)
		return err
	}
	kept(t, db, "capsule", first, later, save,
		func(ctx context.Context, tx *sqldb.Tx) (sqldb.Capsule, error) { return tx.Capsule(ctx, "07", "07-001") })
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		again := later
		again.Bytes = []byte("sealed once more")
		for _, c := range []sqldb.Capsule{first, again} {
			if fresh, err := tx.SaveCapsule(ctx, c); fresh || err != nil {
				t.Errorf("%s was stored: %v", c.Bytes, err)
			}
		}
		return nil
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		got, err := tx.Capsule(ctx, "07", "07-001")
		if !reflect.DeepEqual(got, later) {
			t.Errorf("after an older one and the same again: %+v, want %+v", got, later)
		}
		return err
	})
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		later.Version, later.Bytes = 4, []byte("c")
		fresh, err := tx.SaveCapsule(ctx, later)
		if !fresh {
			t.Error("a newer version of the same paper was not stored")
		}
		return err
	})
}
