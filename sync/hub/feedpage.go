package hub

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// rowsAtOnce is how many items are read at once while a page fills.
const rowsAtOnce = 32

// feedPage makes the page behind a version. A version that pages do not reach back
// to any more is answered with 410 and the feed's head.
func (h *Hub) feedPage(ctx context.Context, feed kiosk.Feed, after uint64) (s said, empty bool, err error) {
	page := wire.FeedPage{Feed: feed, After: after, Items: []kiosk.Item{}}
	gone := false
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		_, floor, err := tx.FeedVer(ctx, feed)
		if err != nil {
			return err
		}
		if gone = after < floor; !gone {
			gone, err = fillPage(ctx, tx, &page)
		}
		return err
	})
	if err != nil {
		return said{}, false, err
	}
	if gone {
		s, err = h.feedHead(ctx, feed, http.StatusGone)
		return s, false, err
	}
	s = said{status: http.StatusOK, lasting: page.Full}
	s.body, err = h.signFeed(&page)
	return s, len(page.Items) == 0, err
}

// fillPage reads the page's items. They end at a version that wire.PageItems divides
// or with the item that makes them large enough; where they end is the same whenever
// they are read. It reports true where items are missing: they were compacted away
// since the floor was read.
func fillPage(ctx context.Context, tx *sqldb.Tx, page *wire.FeedPage) (missing bool, err error) {
	last, end, size := page.After, (page.After/wire.PageItems+1)*wire.PageItems, 0
	for !page.Full {
		most := int(min(end-last, rowsAtOnce))
		rows, err := tx.Items(ctx, page.Feed, last, most)
		if err != nil {
			return false, err
		}
		for i := range rows {
			if rows[i].Ver != last+1 {
				return true, nil
			}
			last++
			size += len(rows[i].Body)
			page.Items = append(page.Items, rows[i].Item)
			if page.Full = last == end || size >= wire.PageBytes; page.Full {
				return false, nil
			}
		}
		if len(rows) < most {
			return false, nil
		}
	}
	return false, nil
}

// feedHead makes the head of a feed as it stands.
func (h *Hub) feedHead(ctx context.Context, feed kiosk.Feed, status int) (said, error) {
	head := wire.FeedHead{Feed: feed, Sums: wire.PutSums(new(kiosk.Sums))}
	err := h.db.View(ctx, func(tx *sqldb.Tx) error {
		row, err := tx.Feed(ctx, feed)
		if errors.Is(err, sqldb.ErrNoRow) {
			return nil
		}
		head.Ver, head.Sums = row.Ver, row.Sums
		return err
	})
	if err != nil {
		return said{}, err
	}
	body, err := h.signFeed(&head)
	return said{status: status, body: body}, err
}

// feedSegment makes a part of a bucket's items. Where the bucket has not the sum that
// the name says, it has changed: the answer is 410 and the feed's head.
func (h *Hub) feedSegment(ctx context.Context, feed kiosk.Feed, name string, after uint64) (said, error) {
	number, text, _ := strings.Cut(name, "-")
	bucket, err := strconv.ParseUint(number, 10, 8)
	sum, errSum := hex.DecodeString(text)
	if err := errors.Join(err, errSum); err != nil || len(sum) != len(kiosk.Sum{}) {
		return said{}, kiosk.Errorf(kiosk.CodeInvalid, "error.feed", "segment %.64q: want BUCKET-SUM", name)
	}
	seg := wire.FeedSegment{Feed: feed, Bucket: int(bucket), Sum: kiosk.Sum(sum), After: after, Items: []kiosk.Item{}}
	var items []kiosk.Item
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		rows, err := tx.BucketItems(ctx, feed, seg.Bucket)
		for i := range rows {
			items = append(items, rows[i].Item)
		}
		return err
	})
	if err != nil {
		return said{}, err
	}
	if have, err := kiosk.SumItems(items); err != nil {
		return said{}, err
	} else if have != seg.Sum {
		return h.feedHead(ctx, feed, http.StatusGone)
	}
	size := 0
	for _, i := range items {
		if i.Ver <= after {
			continue
		}
		if seg.More = len(seg.Items) == wire.PageItems || size >= wire.PageBytes; seg.More {
			break
		}
		seg.Items = append(seg.Items, i)
		size += len(i.Body)
	}
	body, err := h.signFeed(&seg)
	return said{status: http.StatusOK, body: body, lasting: true}, err
}

// signFeed signs a statement about a feed with the hub's key.
func (h *Hub) signFeed(c wire.FeedContent) ([]byte, error) {
	return wire.SignFeed(c, h.keys.now.Load().sign)
}
