package boothd

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/sqlite"
)

// shelf is what the booth has of the city's feeds, as far as papers go. It is empty
// while there are none.
type shelf struct {
	store  atomic.Pointer[sqlite.FeedDB]
	tidied time.Time // when the book forgot papers last; the feeds' reader alone sets it
}

// tidyEvery is how often the book is let forget papers that the city has erased. Until
// then nobody opens them either: the feeds say that they are no more.
const tidyEvery = time.Hour

// Paper implements kiosk.Shelf.
func (s *shelf) Paper(ctx context.Context, index kiosk.ID) (*kiosk.Capsule, kiosk.ItemOp, error) {
	store := s.store.Load()
	if store == nil {
		return nil, 0, nil
	}
	item, found, err := store.Item(ctx, kiosk.FeedCases, kiosk.ItemCapsule, index.String())
	if err != nil || !found || item.Op != kiosk.ItemPut {
		return nil, item.Op, err
	}
	c, err := kiosk.ParseCapsule(item.Body)
	if err != nil {
		return nil, 0, err
	}
	return &c, item.Op, nil
}

// Keys implements kiosk.Shelf.
func (s *shelf) Keys(ctx context.Context, signer string) ([]ed25519.PublicKey, error) {
	store := s.store.Load()
	if store == nil {
		return nil, nil
	}
	item, found, err := store.Item(ctx, kiosk.FeedCity, kiosk.ItemKey, signer)
	if err != nil || !found || item.Op != kiosk.ItemPut {
		return nil, err
	}
	var list kiosk.SignerKeys
	if err := json.Unmarshal(item.Body, &list); err != nil {
		return nil, fmt.Errorf("read keys of %s: %w", signer, err)
	}
	var keys []ed25519.PublicKey
	for _, k := range list.Keys {
		keys = append(keys, k)
	}
	return keys, nil
}

// Heard implements kiosk.Shelf.
func (s *shelf) Heard() time.Time {
	store := s.store.Load()
	if store == nil {
		return time.Time{}
	}
	l := store.Lease()
	return l.Contact
}

// dropPapers lets the book forget the papers that the city has erased.
func (b *Booth) dropPapers(ctx context.Context, store *sqlite.FeedDB) error {
	names, err := store.Erased(ctx, kiosk.FeedCases, kiosk.ItemCapsule)
	if err != nil {
		return err
	}
	var gone []kiosk.ID
	for _, name := range names {
		if id, err := kiosk.ParseID(name); err == nil {
			gone = append(gone, id)
		}
	}
	return b.book.DropCapsules(ctx, gone)
}
