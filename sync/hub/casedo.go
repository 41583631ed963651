package hub

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// maxCases is how many cases one page may have.
const maxCases = 500

// Cases returns the cases that match, the newest first.
func (h *Hub) Cases(ctx context.Context, q kiosk.CaseQuery) (list []kiosk.CaseItem, err error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, maxCases)
	if q.At.IsZero() {
		q.At = h.now()
	}
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		rows, err := tx.Cases(ctx, q)
		list = make([]kiosk.CaseItem, len(rows))
		for i := range rows {
			list[i] = itemOf(&rows[i])
		}
		return err
	})
	return list, err
}

func itemOf(c *sqldb.Case) kiosk.CaseItem {
	return kiosk.CaseItem{Ref: c.Ref, Booth: c.Booth, Number: c.Number, Service: c.Service, Action: c.Action, Pos: c.Pos,
		Received: sqldb.Time(c.Received), CaseFace: c.Face, Deeds: c.Face.Deeds()}
}

// Case returns one case with what happened to it. The error has CodeNotFound.
func (h *Hub) Case(ctx context.Context, booth, number string) (item kiosk.CaseItem, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		row, err := tx.CaseByNumber(ctx, booth, strings.ToUpper(number))
		if errors.Is(err, sqldb.ErrNoRow) {
			return kiosk.Errorf(kiosk.CodeNotFound, "error.case", "there is no case %.40q of booth %.16q", number, booth)
		}
		if err != nil {
			return err
		}
		item = itemOf(&row)
		item.Events, err = tx.CaseEvents(ctx, row.Ref)
		return err
	})
	return item, err
}

// DoCase does to a case what the city can: e.Deed with what it needs. version is the one
// that whoever does it has seen. The errors have CodeNotFound, CodeInvalid with the
// field that is wrong, CodeDenied for what only a resident can do, and CodeConflict
// where the case has changed since, or that cannot be done to it.
func (h *Hub) DoCase(ctx context.Context, booth, number string, version uint64, e kiosk.CaseEvent) (kiosk.CaseItem, error) {
	switch e.Deed {
	case kiosk.DeedAccepted, kiosk.DeedAsked, kiosk.DeedPlanned, kiosk.DeedAgreed, kiosk.DeedDone, kiosk.DeedNotPossible, kiosk.DeedServed:
	default:
		return kiosk.CaseItem{}, kiosk.Errorf(kiosk.CodeDenied, "error.denied", "%.20q is nothing that the city can do to a case", e.Deed)
	}
	e.At, e.Who, e.BasedOn, e.Record, e.Pos = h.now(), actor(ctx), version, kiosk.ID{}, 0
	err := h.db.Update(ctx, func(tx *sqldb.Tx) error {
		found, err := tx.CaseByNumber(ctx, booth, strings.ToUpper(number))
		if errors.Is(err, sqldb.ErrNoRow) {
			return kiosk.Errorf(kiosk.CodeNotFound, "error.case", "there is no case %.40q of booth %.16q", number, booth)
		}
		if err != nil {
			return err
		}
		row, err := tx.LockCase(ctx, found.Ref)
		if err != nil {
			return err
		}
		if row.Face.Version != version {
			return kiosk.Errorf(kiosk.CodeConflict, "error.case_version", "case %s is at version %d, this is based on %d: read it again", row.Number, row.Face.Version, version)
		}
		out := &outbox{}
		if err := h.doTo(ctx, tx, &row, e, out); err != nil {
			return err
		}
		return errors.Join(h.publishAll(ctx, tx, out), tx.AddAudit(ctx, kiosk.AuditLine{At: e.At, Who: e.Who, Deed: "case_" + string(e.Deed), Object: fmt.Sprintf("case %s/%s", row.Booth, row.Number)}))
	})
	if err != nil {
		return kiosk.CaseItem{}, err
	}
	h.wake(ctx)
	return h.Case(ctx, booth, number)
}

// EraseCase erases the record that filed a case, as the resident asked: its words, its
// paper and what the city said go everywhere. The errors are those of Case and Erase.
func (h *Hub) EraseCase(ctx context.Context, booth, number, reason string) error {
	item, err := h.Case(ctx, booth, number)
	if err != nil {
		return err
	}
	_, err = h.Erase(ctx, strconv.FormatInt(item.Pos, 10), reason)
	return err
}

// ActOnCase is DoCase under the name who.
func (h *Hub) ActOnCase(ctx context.Context, who, booth, number string, version uint64, e kiosk.CaseEvent) (kiosk.CaseItem, error) {
	return h.DoCase(As(ctx, who), booth, number, version, e)
}

// ForgetCase is EraseCase under the name who.
func (h *Hub) ForgetCase(ctx context.Context, who, booth, number, reason string) error {
	return h.EraseCase(As(ctx, who), booth, number, reason)
}
