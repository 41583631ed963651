package hubtest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// feedRow stores one item under the next version of its feed.
func feedRow(ctx context.Context, tx *sqldb.Tx, i sqldb.FeedItem) error {
	f, err := tx.AdvanceFeed(ctx, i.Feed, 1, []byte("sums"), i.At)
	if err == nil {
		i.Ver = f.Ver
		_, _, err = tx.AddItem(ctx, i)
	}
	return err
}

func feedItem(id string, op kiosk.ItemOp, at int64) sqldb.FeedItem {
	i := sqldb.FeedItem{Item: kiosk.Item{Feed: "tags", Type: "t", ID: id, Op: op}, At: at}
	if op == kiosk.ItemPut {
		i.Body = []byte("body of " + id)
	}
	return i
}

func feedItems(t *testing.T, db *sqldb.DB) {
	record := kiosk.NewID()
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		made := feedItem("a", kiosk.ItemPut, 6)
		made.Record, made.MinVersion = record[:], 2
		return errors.Join(feedRow(ctx, tx, feedItem("a", kiosk.ItemPut, 5)), feedRow(ctx, tx, feedItem("b", kiosk.ItemPut, 5)),
			feedRow(ctx, tx, made), feedRow(ctx, tx, feedItem("b", kiosk.ItemDel, 7)), feedRow(ctx, tx, feedItem("c", kiosk.ItemPut, 8)))
	})
	vers := func(items []sqldb.FeedItem) (out []uint64) {
		for _, i := range items {
			out = append(out, i.Ver)
		}
		return out
	}
	check := func(what string, got []sqldb.FeedItem, err error, want ...uint64) {
		t.Helper()
		if err != nil || fmt.Sprint(vers(got)) != fmt.Sprint(want) {
			t.Errorf("%s: versions %v, want %v (%v)", what, vers(got), want, err)
		}
	}
	bucket := (&kiosk.Item{Type: "t", ID: "a"}).Bucket()
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		items, err := tx.Items(ctx, "tags", 1, 3)
		check("a page", items, err, 2, 3, 4)
		items, err = tx.BucketItems(ctx, "tags", bucket)
		check("a bucket", items, err, 3)
		items, err = tx.RecordItems(ctx, record[:])
		check("of a record", items, err, 3)
		live, err := tx.LiveItem(ctx, "tags", "t", "a")
		if live.MinVersion != 2 || string(live.Body) != "body of a" || !reflect.DeepEqual(live.Record, record[:]) || live.At != 6 {
			t.Errorf("live item %+v", live)
		}
		if _, none := tx.LiveItem(ctx, "tags", "t", "z"); !errors.Is(none, sqldb.ErrNoRow) {
			t.Errorf("an item that is not there: %v", none)
		}
		return err
	})
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		old, err := tx.BuryItems(ctx, "tags", 5, 8)
		check("tombstones", old, err, 4)
		return errors.Join(err, tx.EraseItem(ctx, "tags", "t", "a"), tx.CompactFeed(ctx, "tags", 1),
			tx.SaveFeed(ctx, sqldb.Feed{Name: "tags", Floor: 1, Sums: []byte("other")}))
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		items, err := tx.Items(ctx, "tags", 0, 9)
		check("what is left", items, err, 2, 3, 5)
		if items[1].Op != kiosk.ItemErase || items[1].Body != nil || items[1].Record != nil {
			t.Errorf("erased item %+v", items[1])
		}
		f, err := tx.Feed(ctx, "tags")
		if f.Ver != 5 || f.Floor != 1 || string(f.Sums) != "other" || f.At != 8 {
			t.Errorf("feed %+v", f)
		}
		since, errSince := tx.FeedsSince(ctx, 8)
		if later, err := tx.FeedsSince(ctx, 9); err != nil || len(since) != 1 || len(later) != 0 {
			t.Errorf("published since: %v, %v (%v)", since, later, err)
		}
		return errors.Join(err, errSince)
	})
}

// feedOrder lets writers publish at once, and readers look: none sees a version
// without all below it.
func feedOrder(t *testing.T, db *sqldb.DB) {
	const writers, each = 3, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
					return feedRow(ctx, tx, feedItem(fmt.Sprint(w, n), kiosk.ItemPut, 1))
				})
			}
		})
	}
	wg.Go(func() {
		for seen := 0; seen < writers*each; {
			view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
				items, err := tx.Items(ctx, "tags", 0, writers*each)
				if n := len(items); n > 0 && items[n-1].Ver != uint64(n) {
					t.Errorf("a reader sees %d items up to version %d", n, items[n-1].Ver)
				}
				seen = len(items)
				return err
			})
			if t.Failed() {
				return
			}
		}
	})
	wg.Wait()
}

func reaches(t *testing.T, db *sqldb.DB) {
	e := sqldb.Erasure{Booth: "07", At: kiosk.RecordAt{Stream: kiosk.Stream{Epoch: kiosk.ID{9}, Lane: kiosk.LaneUrgent}, Seq: 1 << 40}, Record: kiosk.NewID(), When: 5}
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		first, err := tx.AddErasure(ctx, e)
		again, errAgain := tx.AddErasure(ctx, e)
		if !first || again {
			t.Errorf("an erasure is new %v, and again %v", first, again)
		}
		return errors.Join(err, errAgain, tx.NoteReach(ctx, "07", "tags", 9, 1), tx.NoteReach(ctx, "07", "tags", 7, 2),
			tx.AddErasureItem(ctx, e.Record, "tags", 3), tx.AddErasureItem(ctx, e.Record, "tags", 4), tx.AddErasureItem(ctx, e.Record, "tags", 4))
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		all, err := tx.Erasures(ctx)
		if len(all) != 1 || all[0] != e {
			t.Errorf("erasures %+v, want %+v", all, e)
		}
		reach, errReach := tx.Reach(ctx, "07")
		items, errItems := tx.ErasureItems(ctx, e.Record)
		if reach["tags"] != 7 || items["tags"] != 4 {
			t.Errorf("reach %v, items %v", reach, items)
		}
		in, errIn := tx.ErasedIn(ctx, "07", e.At.Stream, e.At.Seq, e.At.Seq+5)
		if other, err := tx.ErasedIn(ctx, "07", kiosk.Stream{Epoch: kiosk.ID{9}}, 1, 1<<50); err != nil || len(in) != 1 || in[0] != e.At.Seq || len(other) != 0 {
			t.Errorf("erased in a range: %v and %v, %v", in, other, err)
		}
		return errors.Join(err, errReach, errItems, errIn)
	})
}

func emptied(t *testing.T, db *sqldb.DB) {
	log, streams := fill(t, db)
	for name, s := range streams {
		seq := uint64(0)
		for _, l := range log {
			if l.booth+l.lane.String() != name {
				continue
			}
			seq++
			view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
				pos, err := tx.PosOf(ctx, s, seq)
				if pos != l.pos {
					t.Errorf("record %d of %s is at %d, want %d", seq, name, pos, l.pos)
				}
				return err
			})
			if seq == 12 {
				break
			}
		}
	}
	at := kiosk.RecordAt{Seq: 1}
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		return errors.Join(tx.EmptyRecord(ctx, 3, []byte("header")), tx.AddForks(ctx, sqldb.Stream{Booth: "07"}, 5, []sqldb.Fork{{Seq: 1, Leaf: []byte("l"), Raw: []byte("whole")}}),
			tx.EmptyFork(ctx, "07", at, []byte("l"), []byte("header")))
	})
	view(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		row, err := tx.Row(ctx, 3)
		forks, errForks := tx.ForksOf(ctx, "07", at)
		if string(row.Raw) != "header" || len(forks) != 1 || string(forks[0].Raw) != "header" {
			t.Errorf("emptied %q, forks %v", row.Raw, forks)
		}
		if _, none := tx.PosOf(ctx, sqldb.Stream{ID: 1, Booth: "01"}, 1<<40); !errors.Is(none, sqldb.ErrNoRow) {
			t.Errorf("a record that is not there: %v", none)
		}
		return errors.Join(err, errForks)
	})
}
