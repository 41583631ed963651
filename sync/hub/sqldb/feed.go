package sqldb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"redstation/kiosk"
)

// Feed is how far a feed is. Times are ms.
type Feed struct {
	Name  kiosk.Feed
	Ver   uint64 // of the last item
	Floor uint64 // pages begin behind it
	Sums  []byte // checksum of each bucket, one after the other
	At    int64
}

const feedColumns = `SELECT name, ver, floor, sums, at FROM feed`

func scanFeed(row scanner) (Feed, error) {
	var f Feed
	err := row.Scan(&f.Name, &f.Ver, &f.Floor, &f.Sums, &f.At)
	return f, found(err)
}

// Feed returns a feed, or ErrNoRow where nothing was ever published in it.
func (tx *Tx) Feed(ctx context.Context, name kiosk.Feed) (Feed, error) {
	return scanFeed(tx.tx.QueryRowContext(ctx, feedColumns+` WHERE name = $1`, string(name)))
}

// FeedsSince returns the feeds that were published in at or after a time, without
// their sums.
func (tx *Tx) FeedsSince(ctx context.Context, at int64) ([]Feed, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT name, ver, floor, at FROM feed WHERE at >= $1`, at)
	if err != nil {
		return nil, fmt.Errorf("list feeds: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []Feed
	for rows.Next() {
		var f Feed
		if err := rows.Scan(&f.Name, &f.Ver, &f.Floor, &f.At); err != nil {
			return nil, fmt.Errorf("list feeds: %w", err)
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// FeedVer returns the version of a feed and where its pages begin; 0 and 0 where
// nothing was ever published in it.
func (tx *Tx) FeedVer(ctx context.Context, name kiosk.Feed) (ver, floor uint64, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT ver, floor FROM feed WHERE name = $1`, string(name)).Scan(&ver, &floor)
	if errors.Is(found(err), ErrNoRow) {
		err = nil
	}
	return ver, floor, err
}

// AdvanceFeed gives out the next n versions of a feed, makes it where it is new,
// and holds it until the transaction ends: who comes next gets later versions and
// commits later, so that a reader never sees a version before a smaller one. It
// returns the feed with its new version; sums are those of a feed that is new.
func (tx *Tx) AdvanceFeed(ctx context.Context, name kiosk.Feed, n uint64, sums []byte, at int64) (Feed, error) {
	f, err := scanFeed(tx.tx.QueryRowContext(ctx, `INSERT INTO feed (name, ver, sums, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET ver = feed.ver + excluded.ver, at = excluded.at
RETURNING name, ver, floor, sums, at`, string(name), int64(n), sums, at))
	if err != nil {
		return f, fmt.Errorf("advance feed %s: %w", name, err)
	}
	return f, nil
}

// SaveFeed stores floor and sums of a feed.
func (tx *Tx) SaveFeed(ctx context.Context, f Feed) error {
	_, err := tx.tx.ExecContext(ctx, `UPDATE feed SET floor = $1, sums = $2 WHERE name = $3`, int64(f.Floor), f.Sums, string(f.Name))
	if err != nil {
		return fmt.Errorf("save feed %s: %w", f.Name, err)
	}
	return nil
}

// FeedItem is an item as it is stored.
type FeedItem struct {
	kiosk.Item
	Record []byte // id of the record that it was made from; nil = of none
	At     int64  // ms
}

const itemColumns = `SELECT feed, ver, type, id, op, min_version, body, record, at FROM feed_item`

func scanItem(row scanner) (FeedItem, error) {
	var i FeedItem
	err := row.Scan(&i.Feed, &i.Ver, &i.Type, &i.ID, &i.Op, &i.MinVersion, &i.Body, &i.Record, &i.At)
	return i, found(err)
}

func (tx *Tx) items(ctx context.Context, query string, args ...any) ([]FeedItem, error) {
	rows, err := tx.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read items: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var out []FeedItem
	for rows.Next() {
		i, err := scanItem(rows)
		if err != nil {
			return nil, fmt.Errorf("read items: %w", err)
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

// LiveItem returns the last item of that name, tombstones too, or ErrNoRow.
func (tx *Tx) LiveItem(ctx context.Context, feed kiosk.Feed, typ, id string) (FeedItem, error) {
	name := kiosk.Item{Type: typ, ID: id}
	return scanItem(tx.tx.QueryRowContext(ctx, liveQuery, string(feed), int64(name.Bucket()), typ, id))
}

const liveQuery = itemColumns + ` WHERE feed = $1 AND bucket = $2 AND type = $3 AND id = $4 AND live = 1`

// AddItem stores an item in the place of the earlier one of its name, which it
// returns; found is false where there was none. The version must come from
// AdvanceFeed.
func (tx *Tx) AddItem(ctx context.Context, i FeedItem) (old FeedItem, found bool, err error) {
	old, err = scanItem(tx.queryRow(ctx, &tx.hot.item, string(i.Feed), int64(i.Bucket()), i.Type, i.ID))
	if err != nil && !errors.Is(err, ErrNoRow) {
		return old, false, err
	}
	found = err == nil
	if found {
		if err := tx.exec(ctx, &tx.hot.supersede, string(old.Feed), int64(old.Ver)); err != nil {
			return old, found, fmt.Errorf("supersede item: %w", err)
		}
	}
	err = tx.exec(ctx, &tx.hot.addItem, string(i.Feed), int64(i.Ver), int64(i.Bucket()), i.Type, i.ID,
		int64(i.Op), int64(i.MinVersion), i.Body, i.Record, i.At)
	if err != nil {
		return old, found, fmt.Errorf("add item: %w", err)
	}
	return old, found, nil
}

// Items returns at most limit items of a feed that follow on a version, in order.
func (tx *Tx) Items(ctx context.Context, feed kiosk.Feed, after uint64, limit int) ([]FeedItem, error) {
	return tx.items(ctx, itemColumns+` WHERE feed = $1 AND ver > $2 ORDER BY ver LIMIT $3`, string(feed), int64(after), int64(limit))
}

// bucketQuery asks for no order: with one, SQLite walks over the whole feed in that
// order instead of looking the bucket up.
const bucketQuery = itemColumns + ` WHERE feed = $1 AND bucket = $2 AND live = 1`

// BucketItems returns the items of a bucket that are not superseded, tombstones too,
// in the order of their versions.
func (tx *Tx) BucketItems(ctx context.Context, feed kiosk.Feed, bucket int) ([]FeedItem, error) {
	items, err := tx.items(ctx, bucketQuery, string(feed), int64(bucket))
	slices.SortFunc(items, func(a, b FeedItem) int { return cmp.Compare(a.Ver, b.Ver) })
	return items, err
}

// TypeItems returns the things of one type that a feed holds, oldest first.
func (tx *Tx) TypeItems(ctx context.Context, feed kiosk.Feed, typ string) ([]FeedItem, error) {
	return tx.items(ctx, itemColumns+` WHERE feed = $1 AND type = $2 AND live = 1 AND op = 1 ORDER BY ver`, string(feed), typ)
}

// RecordItems returns the items that were made from a record and are not superseded.
func (tx *Tx) RecordItems(ctx context.Context, record []byte) ([]FeedItem, error) {
	return tx.items(ctx, itemColumns+` WHERE record = $1 AND live = 1 ORDER BY feed, ver`, record)
}

// EraseItem empties every item of that name, superseded ones too: they become
// tombstones in their places.
func (tx *Tx) EraseItem(ctx context.Context, feed kiosk.Feed, typ, id string) error {
	name := kiosk.Item{Type: typ, ID: id}
	_, err := tx.tx.ExecContext(ctx, `UPDATE feed_item SET op = $1, body = NULL, record = NULL WHERE feed = $2 AND bucket = $3 AND type = $4 AND id = $5`,
		int64(kiosk.ItemErase), string(feed), int64(name.Bucket()), typ, id)
	if err != nil {
		return fmt.Errorf("erase item: %w", err)
	}
	return nil
}

// CompactFeed removes superseded items up to a version.
func (tx *Tx) CompactFeed(ctx context.Context, feed kiosk.Feed, upTo uint64) error {
	_, err := tx.tx.ExecContext(ctx, `DELETE FROM feed_item WHERE feed = $1 AND ver <= $2 AND live = 0`, string(feed), int64(upTo))
	if err != nil {
		return fmt.Errorf("compact feed %s: %w", feed, err)
	}
	return nil
}

// BuryItems removes the tombstones up to a version that are older than a time, and
// returns them.
func (tx *Tx) BuryItems(ctx context.Context, feed kiosk.Feed, upTo uint64, before int64) ([]FeedItem, error) {
	const where = ` WHERE feed = $1 AND ver <= $2 AND live = 1 AND op <> $3 AND at < $4`
	args := []any{string(feed), int64(upTo), int64(kiosk.ItemPut), before}
	old, err := tx.items(ctx, itemColumns+where, args...)
	if err != nil || len(old) == 0 {
		return nil, err
	}
	if _, err := tx.tx.ExecContext(ctx, `DELETE FROM feed_item`+where, args...); err != nil {
		return nil, fmt.Errorf("bury tombstones of feed %s: %w", feed, err)
	}
	return old, nil
}

// NoteReach notes how far a booth says that it has carried out a feed. It may be
// less than before: its card was restored.
func (tx *Tx) NoteReach(ctx context.Context, booth string, feed kiosk.Feed, ver uint64, at int64) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO feed_reach (booth, feed, ver, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (booth, feed) DO UPDATE SET ver = excluded.ver, at = excluded.at WHERE excluded.ver <> feed_reach.ver`,
		booth, string(feed), int64(ver), at)
	if err != nil {
		return fmt.Errorf("note reach of feed %s: %w", feed, err)
	}
	return nil
}

// Reach returns how far a booth has carried out each feed.
func (tx *Tx) Reach(ctx context.Context, booth string) (map[kiosk.Feed]uint64, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT feed, ver FROM feed_reach WHERE booth = $1`, booth)
	if err != nil {
		return nil, fmt.Errorf("read reach of booth %s: %w", booth, err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	out := map[kiosk.Feed]uint64{}
	for rows.Next() {
		var feed kiosk.Feed
		var ver uint64
		if err := rows.Scan(&feed, &ver); err != nil {
			return nil, fmt.Errorf("read reach of booth %s: %w", booth, err)
		}
		out[feed] = ver
	}
	return out, rows.Err()
}
