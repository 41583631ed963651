package hub

import (
	"context"
	"fmt"
	"strings"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// retainAtOnce is how many records are emptied in one transaction, so that no booth
// waits long.
const retainAtOnce = 200

// Retain empties the bodies of records whose time is over by the rules of the store,
// and returns how many. Headers stay, and with them the proofs of their streams. It
// may be broken off and called again.
func (h *Hub) Retain(ctx context.Context) (emptied int, err error) {
	var rules []sqldb.Rule
	var kinds []kiosk.Kind
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		if rules, err = tx.Rules(ctx); err != nil {
			return err
		}
		kinds, err = tx.Kinds(ctx)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, r := range rules {
		over := h.now().AddDate(0, 0, -int(r.Days))
		if r.Kind == sqldb.RuleAudit {
			err = h.db.Update(ctx, func(tx *sqldb.Tx) error { return tx.ForgetAudit(ctx, sqldb.Millis(over)) })
		} else {
			err = h.retain(ctx, r, kinds, over, &emptied)
		}
		if err != nil {
			return emptied, fmt.Errorf("carry out retention of %s: %w", r.Kind, err)
		}
	}
	if emptied == 0 {
		return 0, nil
	}
	return emptied, h.db.EmptyLog(ctx)
}

// retain carries out one rule for what was received before a time.
func (h *Hub) retain(ctx context.Context, r sqldb.Rule, kinds []kiosk.Kind, over time.Time, emptied *int) error {
	last, err := h.lastBefore(ctx, over)
	if err != nil || last <= r.Done {
		return err
	}
	for _, kind := range kinds {
		if string(kind) != r.Kind && !(strings.HasSuffix(r.Kind, ".") && strings.HasPrefix(string(kind), r.Kind)) {
			continue
		}
		for after := r.Done; after < last; {
			n, next, err := h.retire(ctx, kiosk.LogQuery{Kind: kind, After: after, Limit: retainAtOnce}, last)
			if err != nil {
				return err
			}
			*emptied += n
			after = next
		}
	}
	return h.db.Update(ctx, func(tx *sqldb.Tx) error { return tx.RuleDone(ctx, r.Kind, last) })
}

// lastBefore returns the last position up to which everything was received before a
// time: positions and times need not grow alike where several hubs receive.
func (h *Hub) lastBefore(ctx context.Context, over time.Time) (pos int64, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		later, err := tx.Log(ctx, kiosk.LogQuery{Since: over, Limit: 1})
		if err != nil {
			return err
		}
		if len(later) > 0 {
			pos = later[0].Pos - 1
			return nil
		}
		pos, err = tx.LastPos(ctx)
		return err
	})
	return pos, err
}

// retire empties the records of one page up to a position, and returns how many had a
// body, and where the next page begins.
func (h *Hub) retire(ctx context.Context, q kiosk.LogQuery, last int64) (n int, next int64, err error) {
	err = h.db.Update(ctx, func(tx *sqldb.Tx) error {
		n, next = 0, last
		rows, err := tx.Log(ctx, q)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Pos > last {
				return nil
			}
			r, _, err := wire.ReadRecord(row.Raw)
			if err != nil {
				return err
			}
			if r.Facts == nil && r.Sealed == nil {
				continue
			}
			n++
			if err := tx.EmptyRecord(ctx, row.Pos, wire.AppendRecord(nil, &kiosk.Record{Header: r.Header})); err != nil {
				return err
			}
		}
		if len(rows) == q.Limit {
			next = rows[len(rows)-1].Pos
		}
		return nil
	})
	return n, next, err
}
