package hub

import (
	"context"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// Quarantine returns at most limit records in quarantine behind the cursor.
func (h *Hub) Quarantine(ctx context.Context, after int64, limit int) (list []sqldb.Quarantined, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		list, err = tx.Quarantined(ctx, after, limit)
		return err
	})
	return list, err
}

// Suspect is a record in quarantine with the name that it has in the log.
type Suspect struct {
	sqldb.Quarantined
	kiosk.Entry
}

// Suspects returns at most limit records in quarantine behind the cursor, without
// their facts.
func (h *Hub) Suspects(ctx context.Context, after int64, limit int) (list []Suspect, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		odd, err := tx.Quarantined(ctx, after, limit)
		if err != nil {
			return err
		}
		for _, q := range odd {
			row, err := tx.Row(ctx, q.Pos)
			if err != nil {
				return err
			}
			s, err := read(row)
			if err != nil {
				return err
			}
			s.Facts, s.Header = nil, nil
			list = append(list, Suspect{q, s.Entry})
		}
		return nil
	})
	return list, err
}

// Reconsider looks again at the records that another version of the program put
// into quarantine, and returns how many of them it could release.
func (h *Hub) Reconsider(ctx context.Context) (released int, err error) {
	return h.lookAgain(ctx, false)
}

// Retry looks again at every record in quarantine, and returns how many it could
// release.
func (h *Hub) Retry(ctx context.Context) (released int, err error) { return h.lookAgain(ctx, true) }

func (h *Hub) lookAgain(ctx context.Context, all bool) (released int, err error) {
	for after := int64(0); ; {
		list, err := h.Quarantine(ctx, after, 100)
		if err != nil || len(list) == 0 {
			return released, err
		}
		after = list[len(list)-1].Pos
		freed := 0
		err = h.db.Update(ctx, func(tx *sqldb.Tx) error {
			freed = 0
			for _, q := range list {
				if q.Version == h.version && !all {
					continue
				}
				reason, err := h.reason(ctx, tx, q.Pos)
				if err != nil {
					return err
				}
				if reason != "" {
					err = tx.Quarantine(ctx, q.Pos, reason, h.version)
				} else {
					freed++
					err = tx.Release(ctx, q.Pos)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return released, err
		}
		released += freed
	}
}

func (h *Hub) reason(ctx context.Context, tx *sqldb.Tx, pos int64) (string, error) {
	row, err := tx.Row(ctx, pos)
	if err != nil {
		return "", err
	}
	r, _, err := wire.ReadRecord(row.Raw)
	if err != nil {
		return "", err
	}
	g, err := gistOf(r.Header)
	if err != nil {
		return "", err
	}
	return judge(&g, listed(string(g.kind)), &r), nil
}
