package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
	if emptied > 0 {
		err = errors.Join(h.db.EmptyLog(ctx), h.db.Update(ctx, func(tx *sqldb.Tx) error { return tx.SetMeta(ctx, metaEmptied, "due") }))
	}
	return emptied, errors.Join(err, h.scrubEmptied(ctx))
}

// What says that emptied bodies may still stand in unused room of the file's pages, and
// when that was overwritten last, ms.
const (
	metaEmptied  = "emptied"
	metaScrubbed = "emptied.scrubbed"
)

// scrubEvery is the time between two such readings of all records, which take long.
const scrubEvery = 24 * time.Hour

// scrubEmptied overwrites what is left of emptied bodies where rows were moved, at most
// once a day. Where readers hold it up, the next time does it.
func (h *Hub) scrubEmptied(ctx context.Context) error {
	var due, last string
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		if due, err = tx.Meta(ctx, metaEmptied); err == nil {
			last, err = tx.Meta(ctx, metaScrubbed)
		}
		if errors.Is(err, sqldb.ErrNoRow) {
			err = nil
		}
		return err
	})
	ms, _ := strconv.ParseInt(last, 10, 64) // never: 0
	now := h.now()
	if err != nil || due == "" || now.Sub(sqldb.Time(ms)) < scrubEvery {
		return err
	}
	if err := h.db.Scrub(ctx); err != nil {
		if kiosk.CodeOf(err) == kiosk.CodeUnavailable {
			return nil
		}
		return err
	}
	return h.db.Update(ctx, func(tx *sqldb.Tx) error {
		return errors.Join(tx.SetMeta(ctx, metaEmptied, ""), tx.SetMeta(ctx, metaScrubbed, strconv.FormatInt(sqldb.Millis(now), 10)))
	})
}

// Rule says how long the bodies of records are kept after the hub received them.
type Rule struct {
	Kind string // of records, the first word of kinds with its dot, or "audit" for the lines of the audit log
	Days int64
}

// Rules returns what is kept for how long, by kind. What no rule names is kept until it
// is erased.
func (h *Hub) Rules(ctx context.Context) (out []Rule, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		rules, err := tx.Rules(ctx)
		for _, r := range rules {
			out = append(out, Rule{r.Kind, r.Days})
		}
		return err
	})
	return out, err
}

// maxDays is the longest that a rule may keep something: a hundred years.
const maxDays = 36500

// SetRule keeps a kind for so many days, 0 = for ever. The running hub carries it out
// within ten minutes; what was emptied by then does not come back. The error has
// CodeInvalid.
func (h *Hub) SetRule(ctx context.Context, kind string, days int64) error {
	if days < 0 || days > maxDays {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.retention", "%d days: give 1 to %d, or 0 to keep it for ever", days, maxDays)
	}
	return h.db.Update(ctx, func(tx *sqldb.Tx) (err error) {
		if err := checkRuled(ctx, tx, kind); err != nil {
			return err
		}
		reason := fmt.Sprintf("%d days", days)
		if days == 0 {
			reason = "for ever"
			_, err = tx.DropRule(ctx, kind)
		} else {
			err = tx.SetRule(ctx, kind, days)
		}
		return errors.Join(err, tx.AddAudit(ctx, kiosk.AuditLine{At: h.now(), Who: actor(ctx), Deed: "retention_set", Object: kind, Reason: reason}))
	})
}

// checkRuled says whether a rule can be about a kind.
func checkRuled(ctx context.Context, tx *sqldb.Tx, kind string) error {
	if kind == sqldb.RuleAudit {
		return nil
	}
	if !strings.HasSuffix(kind, ".") {
		return checkKinds(ctx, tx, []kiosk.Kind{kiosk.Kind(kind)})
	}
	kinds, err := tx.Kinds(ctx)
	for k := range knownKinds {
		kinds = append(kinds, k)
	}
	if err == nil && !slices.ContainsFunc(kinds, func(k kiosk.Kind) bool { return strings.HasPrefix(string(k), kind) }) {
		err = kiosk.Errorf(kiosk.CodeInvalid, "error.kind", "no kind begins with %q: want one like %q or its first word with the dot, or %q", kind, kiosk.KindRequestFiled, sqldb.RuleAudit)
	}
	return err
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
