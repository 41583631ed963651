package hub

import (
	"context"
	"errors"
	"slices"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// PublishNotice shows a notice of the city at its booths, in the place of an earlier
// one of the same id. The error has CodeInvalid where the notice cannot be, or its
// time is over already.
func (h *Hub) PublishNotice(ctx context.Context, n kiosk.CityNotice) error {
	item, err := n.Item()
	if err != nil {
		return err
	}
	if !n.Until.After(h.now()) {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.notice", "until: %s is over already", n.Until)
	}
	return h.sayNotice(ctx, item, "notice_published")
}

// WithdrawNotice takes a notice down. The error has CodeNotFound where none of that
// id stands.
func (h *Hub) WithdrawNotice(ctx context.Context, id string) error {
	if _, err := h.Item(ctx, kiosk.FeedCity, kiosk.ItemNotice, id); err != nil {
		return err
	}
	gone := kiosk.Item{Feed: kiosk.FeedCity, Type: kiosk.ItemNotice, ID: id, Op: kiosk.ItemDel, MinVersion: kiosk.FeedFormat}
	return h.sayNotice(ctx, gone, "notice_withdrawn")
}

func (h *Hub) sayNotice(ctx context.Context, item kiosk.Item, deed string) error {
	err := h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		if err := h.PublishIn(ctx, tx, Published{Item: item}); err != nil {
			return err
		}
		return tx.AddAudit(ctx, kiosk.AuditLine{At: h.now(), Who: actor(ctx), Deed: deed, Object: "notice " + item.ID})
	})
	if err != nil {
		return err
	}
	h.wake(ctx)
	return nil
}

// Notices returns the notices that were published and not withdrawn, the newest
// first, also those whose time is over.
func (h *Hub) Notices(ctx context.Context) (all []kiosk.CityNotice, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		items, err := tx.TypeItems(ctx, kiosk.FeedCity, kiosk.ItemNotice)
		var faults []error
		for _, i := range items {
			n, err := kiosk.ParseNotice(i.Item)
			faults = append(faults, err)
			all = append(all, n)
		}
		return errors.Join(err, errors.Join(faults...))
	})
	slices.Reverse(all)
	return all, err
}
