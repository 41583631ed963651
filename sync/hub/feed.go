package hub

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// How long things stay in a feed. A booth that was away for longer than its lease
// has purged what is personal, and a tombstone that outlives two leases has reached
// every booth that still holds anything. (A booth's own feed keeps its erasures for
// ever: the bodies that they name stand in a book that has no lease.)
const (
	tombstoneLife = 2 * kiosk.LeaseTime
	// pageTail is how many versions can be read page by page. Who is further behind
	// takes the buckets that differ.
	pageTail = 16 * wire.PageItems
)

// Published is an item with what the hub alone needs to know of it.
type Published struct {
	kiosk.Item
	Record kiosk.ID // the record that it was made from: erased with it; zero = none
}

// Publish puts items into their feeds, in one transaction, and wakes the booths
// that wait. Ver is not looked at: each gets the next version of its feed. The error
// has CodeInvalid where an item or its feed cannot be.
func (h *Hub) Publish(ctx context.Context, items ...Published) error {
	err := h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) error { return h.PublishIn(ctx, tx, items...) })
	if err == nil {
		h.wake(ctx)
	}
	return err
}

// wake lets those know who wait at this process; the others look by themselves.
func (h *Hub) wake(ctx context.Context) {
	if err := h.board.look(ctx); err != nil {
		h.log.WarnContext(ctx, "waiting booths not woken at once", "error", err)
	}
}

// PublishIn does so in a transaction that does more. The feeds stay locked until it
// ends; booths that wait are woken within a second.
func (h *Hub) PublishIn(ctx context.Context, tx *sqldb.Tx, items ...Published) error {
	items = slices.Clone(items)
	// One order for all who publish, so that no two wait for each other.
	slices.SortStableFunc(items, func(a, b Published) int { return cmp.Compare(a.Feed, b.Feed) })
	for len(items) > 0 {
		n := 1
		for n < len(items) && items[n].Feed == items[0].Feed {
			n++
		}
		if err := h.publishTo(ctx, tx, items[0].Feed, items[:n]); err != nil {
			return err
		}
		items = items[n:]
	}
	return nil
}

// publishTo puts items into one feed, and tells each its version.
func (h *Hub) publishTo(ctx context.Context, tx *sqldb.Tx, feed kiosk.Feed, items []Published) error {
	if owner := feed.Owner(); !feed.ReadBy(owner) || (owner != "" && !wire.ValidBooth(owner)) {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.feed", "there is no feed %.32q", string(feed))
	}
	for i := range items {
		if err := items[i].Check(); err != nil {
			return err
		}
	}
	now := sqldb.Millis(h.now())
	row, err := tx.AdvanceFeed(ctx, feed, uint64(len(items)), wire.PutSums(new(kiosk.Sums)), now)
	if err != nil {
		return err
	}
	head := wire.FeedHead{Feed: feed, Sums: row.Sums}
	sums, err := head.SumsOf()
	if err != nil {
		return err
	}
	for i := range items {
		items[i].Ver = row.Ver - uint64(len(items)-1-i)
		if err := addItem(ctx, tx, &items[i], &sums, now); err != nil {
			return err
		}
	}
	row.Sums = wire.PutSums(&sums)
	return tx.SaveFeed(ctx, row)
}

// addItem stores an item and moves the checksum of its bucket.
func addItem(ctx context.Context, tx *sqldb.Tx, p *Published, sums *kiosk.Sums, now int64) error {
	row := sqldb.FeedItem{Item: p.Item, At: now}
	if !p.Record.IsZero() {
		row.Record = p.Record[:]
	}
	old, found, err := tx.AddItem(ctx, row)
	if err != nil {
		return err
	}
	sum := &sums[p.Bucket()]
	if found {
		d, err := old.Digest()
		if err != nil {
			return err
		}
		sum.Take(d)
	}
	d, err := p.Digest()
	if err != nil {
		return err
	}
	sum.Add(d)
	return nil
}

// Item returns what a feed holds under a name. The error has CodeNotFound where it
// holds nothing, or a tombstone.
func (h *Hub) Item(ctx context.Context, feed kiosk.Feed, typ, id string) (item kiosk.Item, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		row, err := tx.LiveItem(ctx, feed, typ, id)
		if errors.Is(err, sqldb.ErrNoRow) || (err == nil && row.Op != kiosk.ItemPut) {
			return kiosk.Errorf(kiosk.CodeNotFound, "error.item", "feed %s holds no %s named %s", feed, typ, id)
		}
		item = row.Item
		return err
	})
	return item, err
}

// CompactFeeds takes out of all feeds what can no longer be asked for.
func (h *Hub) CompactFeeds(ctx context.Context) error {
	var feeds []sqldb.Feed
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		feeds, err = tx.FeedsSince(ctx, 0)
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range feeds {
		upTo := f.Floor
		if f.Ver > f.Floor+2*pageTail { // not for every page: a booth that reads on should find it
			upTo = (f.Ver - pageTail) / wire.PageItems * wire.PageItems
		}
		if err := h.compact(ctx, f.Name, upTo, h.now().Add(-tombstoneLife)); err != nil {
			return err
		}
	}
	return nil
}

// compact lets the pages of a feed begin behind a version, and removes the
// tombstones up to there that are older than a time.
func (h *Hub) compact(ctx context.Context, feed kiosk.Feed, upTo uint64, before time.Time) error {
	return h.db.Update(ctx, func(tx *sqldb.Tx) error {
		row, err := tx.AdvanceFeed(ctx, feed, 0, wire.PutSums(new(kiosk.Sums)), sqldb.Millis(h.now())) // locks it
		if err != nil {
			return err
		}
		if upTo > row.Floor {
			row.Floor = min(upTo, row.Ver)
			if err := tx.CompactFeed(ctx, feed, row.Floor); err != nil {
				return err
			}
		}
		if feed.Owner() != "" {
			return tx.SaveFeed(ctx, row)
		}
		old, err := tx.BuryItems(ctx, feed, row.Floor, sqldb.Millis(before))
		if err != nil {
			return err
		}
		head := wire.FeedHead{Feed: feed, Sums: row.Sums}
		sums, err := head.SumsOf()
		if err != nil {
			return err
		}
		for i := range old {
			d, err := old[i].Digest()
			if err != nil {
				return err
			}
			sums[old[i].Bucket()].Take(d)
		}
		row.Sums = wire.PutSums(&sums)
		return tx.SaveFeed(ctx, row)
	})
}

// noteTold notes what a booth says in a request for news, which is signed like a
// hello; in most of them it says what it said before.
func (h *Hub) noteTold(ctx context.Context, booth string, told []wire.FeedAt) error {
	var known map[kiosk.Feed]uint64
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		known, err = tx.Reach(ctx, booth)
		return err
	})
	if err != nil || !slices.ContainsFunc(told, func(f wire.FeedAt) bool { return known[f.Feed] != f.Ver }) {
		return err
	}
	return h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		return noteFeeds(ctx, tx, booth, told, sqldb.Millis(h.now()))
	})
}

// noteFeeds notes how far a booth says that it has carried out its feeds.
func noteFeeds(ctx context.Context, tx *sqldb.Tx, booth string, told []wire.FeedAt, now int64) error {
	if len(told) == 0 {
		return nil
	}
	known, err := tx.Reach(ctx, booth)
	if err != nil {
		return err
	}
	for _, f := range told {
		if have, ok := known[f.Feed]; !f.Feed.ReadBy(booth) || (ok && have == f.Ver) {
			continue
		}
		if err := tx.NoteReach(ctx, booth, f.Feed, f.Ver, now); err != nil {
			return err
		}
	}
	return nil
}
