package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// Every booth can tell whether a paper is genuine: the hub publishes the public keys of
// all who sign capsules, also those that they had before. A revoked booth's keys are
// taken back; what the hub has sealed since bears the hub's signature.

// signersEvery is how often the hub looks whether keys have changed.
const signersEvery = 10 * time.Minute

// publishKeys publishes the keys that changed since it was last called; nothing within
// ten minutes of that. Run does so: one hub for all.
func (h *Hub) publishKeys(ctx context.Context) error {
	now := h.now()
	if last := h.keysTold.Load(); last != nil && now.Sub(*last).Abs() < signersEvery {
		return nil
	}
	var changed []Published
	err := h.db.View(ctx, func(tx *sqldb.Tx) error {
		want, err := h.signerKeys(ctx, tx)
		if err != nil {
			return err
		}
		for signer, keys := range want {
			item, err := keyItem(signer, keys)
			if err != nil {
				return err
			}
			have, err := tx.LiveItem(ctx, item.Feed, item.Type, item.ID)
			if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
				return err
			}
			if none := err != nil; none && item.Op == kiosk.ItemPut || !none && (have.Op != item.Op || !bytes.Equal(have.Body, item.Body)) {
				changed = append(changed, Published{Item: item})
			}
		}
		return nil
	})
	if err == nil && len(changed) > 0 {
		slices.SortFunc(changed, func(a, b Published) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
		err = h.Publish(ctx, changed...)
	}
	if err == nil {
		h.keysTold.Store(&now)
	}
	return err
}

// signerKeys returns the keys of all who sign, the present one first; none for a booth
// that was revoked.
func (h *Hub) signerKeys(ctx context.Context, tx *sqldb.Tx) (map[string][][]byte, error) {
	r := h.keys.now.Load()
	hub := [][]byte{r.public()}
	for _, step := range slices.Backward(r.chain) {
		if from := []byte(step.From); !bytes.Equal(from, hub[0]) {
			hub = append(hub, from)
		}
	}
	want := map[string][][]byte{kiosk.SignerHub: hub}
	stations, err := tx.Stations(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range stations {
		if want[s.ID] = nil; s.Revoked || s.EnrolledAt.IsZero() {
			continue
		}
		b, err := tx.Booth(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		keys, err := tx.BoothKeys(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		want[s.ID] = [][]byte{b.Key}
		for _, k := range slices.Backward(keys) {
			if !bytes.Equal(k.Key, b.Key) {
				want[s.ID] = append(want[s.ID], k.Key)
			}
		}
	}
	return want, nil
}

func keyItem(signer string, keys [][]byte) (kiosk.Item, error) {
	item := kiosk.Item{Feed: kiosk.FeedCity, Type: kiosk.ItemKey, ID: signer, Op: kiosk.ItemDel}
	if len(keys) == 0 {
		return item, nil
	}
	body, err := json.Marshal(kiosk.SignerKeys{Keys: keys})
	item.Op, item.Body = kiosk.ItemPut, body
	return item, err
}
