package hub

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// minReason is how many characters a reason must have at least.
const minReason = 4

// OpenSealed returns the JSON that was sealed in a record. The audit line is
// committed before anything is opened. The error has CodeInvalid (no reason),
// CodeNotFound (no such record, nothing sealed or erased) or CodeDenied (sealed to
// a key that this hub does not have).
func (h *Hub) OpenSealed(ctx context.Context, who string, pos int64, reason string) ([]byte, error) {
	if utf8.RuneCountInString(reason) < minReason {
		return nil, &kiosk.Error{Code: kiosk.CodeInvalid, Key: "error.reason", Field: "reason"}
	}
	var s stored
	err := h.db.Update(ctx, func(tx *sqldb.Tx) error {
		if err := tx.AddAudit(ctx, kiosk.AuditLine{At: h.now(), Who: who, Deed: "opened_sealed", Object: fmt.Sprintf("record %d", pos), Reason: reason}); err != nil {
			return err
		}
		row, err := tx.Row(ctx, pos)
		if err == nil {
			s, err = read(row)
		}
		if errors.Is(err, sqldb.ErrNoRow) || (err == nil && !s.Sealed) {
			return kiosk.Errorf(kiosk.CodeNotFound, "error.record", "record %d has nothing to open", pos)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	header, err := kiosk.SealedHeader(&s.header, s.Facts)
	if err != nil {
		return nil, err
	}
	return h.keys.Open(header, s.sealed)
}

// Audit appends a line to the audit log; a zero At becomes now.
func (h *Hub) Audit(ctx context.Context, line kiosk.AuditLine) error {
	if line.At.IsZero() {
		line.At = h.now()
	}
	return h.db.Update(ctx, func(tx *sqldb.Tx) error { return tx.AddAudit(ctx, line) })
}

// AuditTrail returns at most limit lines (0 = 50) below the cursor before, newest
// first (0 = from the end), and the cursor for the next page, 0 where there is none.
func (h *Hub) AuditTrail(ctx context.Context, before int64, limit int) (lines []kiosk.AuditLine, next int64, err error) {
	if limit <= 0 {
		limit = 50
	}
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		lines, next, err = tx.Audit(ctx, before, min(limit, maxLog))
		return err
	})
	return lines, next, err
}
