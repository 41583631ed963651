package hub

import (
	"bytes"
	"context"
	"errors"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// packName is the one content pack that a city has at a time.
const packName = "content"

// Pack returns the content pack that is published, as one ZIP file. The error has
// CodeNotFound where there is none.
func (h *Hub) Pack(ctx context.Context) ([]byte, error) {
	item, err := h.Item(ctx, kiosk.FeedCity, kiosk.ItemPack, packName)
	return item.Body, err
}

// PublishPack publishes a content pack, which must have been read without a finding,
// and returns its version of the feed. The same bytes again change nothing.
func (h *Hub) PublishPack(ctx context.Context, version string, zip []byte) (ver uint64, err error) {
	err = h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		have, err := tx.LiveItem(ctx, kiosk.FeedCity, kiosk.ItemPack, packName)
		if err == nil && have.Op == kiosk.ItemPut && bytes.Equal(have.Body, zip) {
			ver = have.Ver
			return nil
		}
		if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
			return err
		}
		pack := Published{Item: kiosk.Item{Feed: kiosk.FeedCity, Type: kiosk.ItemPack, ID: packName, Op: kiosk.ItemPut,
			MinVersion: kiosk.FeedFormat, Body: zip}}
		if err := h.PublishIn(ctx, tx, pack); err != nil {
			return err
		}
		if ver, _, err = tx.FeedVer(ctx, kiosk.FeedCity); err != nil {
			return err
		}
		return tx.AddAudit(ctx, kiosk.AuditLine{At: h.now(), Who: actor(ctx), Deed: "pack_published", Object: "content pack " + version})
	})
	if err != nil {
		return 0, err
	}
	h.wake(ctx)
	return ver, nil
}
