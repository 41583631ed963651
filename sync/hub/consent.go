package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// The ledger of consents is made from the records, some seconds after they were
// stored: from any kind whose facts say what somebody agreed to, so that a new kind
// of filing needs nothing here.

// consentEvery is how often the hub looks for consents.
const consentEvery = 3 * time.Second

// consentFacts is what a filing says of its consent.
type consentFacts struct {
	Service string `json:"service"`
	Number  string `json:"number"`
	Pack    string `json:"pack"`
	Helped  bool   `json:"helped"`
	Paper   string `json:"paper"`
	Consent *struct {
		Given bool       `json:"given"`
		Text  string     `json:"text"`
		Lang  kiosk.Lang `json:"lang"`
	} `json:"consent"`
}

// machineKinds are the first words of the kinds that machines write day and night,
// and in which nobody agrees to anything.
const machineKinds = " booth. epoch. door. printer. power. board. day. storage. book. keys. setting. clock. readiness. staff. slip. ticket. leaflet. notice. twin. "

// ReadConsents enters the consents of the records that came since it was last called
// into the ledger, and returns how many. Run does so. Whoever calls it at the same
// time does the same work once more, to the same end.
func (h *Hub) ReadConsents(ctx context.Context) (entered int, err error) {
	kinds, err := h.Kinds(ctx)
	if err != nil {
		return 0, err
	}
	for _, kind := range kinds {
		word, _, _ := strings.Cut(string(kind), ".")
		if strings.Contains(machineKinds, " "+word+". ") {
			continue
		}
		for {
			n, more, err := h.readSomeConsents(ctx, kind)
			entered += n
			if err != nil {
				return entered, err
			}
			if !more {
				break
			}
		}
	}
	return entered, nil
}

// keepConsents reads consents until ctx ends: one hub for all.
func (h *Hub) keepConsents(ctx context.Context) {
	every(ctx, consentEvery, func() {
		_, err := h.db.Lead(ctx, sqldb.JobConsents, func(ctx context.Context) error {
			_, err := h.ReadConsents(ctx)
			return err
		})
		if err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "consents not read", "error", err)
		}
	})
}

// readSomeConsents takes the next records of a kind, behind a cursor that the store keeps.
func (h *Hub) readSomeConsents(ctx context.Context, kind kiosk.Kind) (entered int, more bool, err error) {
	const limit = 500
	cursor := "consents." + string(kind)
	var page []stored
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		at, err := tx.Meta(ctx, cursor)
		if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
			return err
		}
		after, _ := strconv.ParseInt(at, 10, 64) // none yet: from the beginning
		rows, err := tx.Log(ctx, kiosk.LogQuery{Kind: kind, After: after, Limit: limit})
		if err != nil {
			return err
		}
		page = make([]stored, len(rows))
		for i := range rows {
			if page[i], err = read(rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(page) == 0 {
		return 0, false, err
	}
	err = h.db.Update(ctx, func(tx *sqldb.Tx) error {
		entered = 0 // an earlier run of this was rolled back
		for i := range page {
			ok, err := enterConsent(ctx, tx, &page[i])
			if err != nil {
				return err
			}
			if ok {
				entered++
			}
		}
		return tx.SetMeta(ctx, cursor, strconv.FormatInt(page[len(page)-1].Pos, 10))
	})
	return entered, len(page) == limit, err
}

// enterConsent enters one record. One that says nothing of a consent is passed over:
// its form asks for none, or it was erased.
func enterConsent(ctx context.Context, tx *sqldb.Tx, s *stored) (bool, error) {
	var f consentFacts
	if json.Unmarshal(s.Facts, &f) != nil || f.Number == "" {
		return false, nil
	}
	if s.Kind == kiosk.KindConsentWithdrawn {
		return true, tx.WithdrawConsent(ctx, f.Number, sqldb.Millis(s.Received), s.Pos)
	}
	if f.Consent == nil {
		return false, nil
	}
	return true, tx.SaveConsent(ctx, kiosk.ConsentLine{Number: f.Number, Booth: s.Booth, Service: f.Service, Given: f.Consent.Given,
		Text: f.Consent.Text, Lang: f.Consent.Lang, Pack: f.Pack, Helped: f.Helped, Paper: f.Paper, Pos: s.Pos})
}

// Consents returns a page of the ledger, newest first.
func (h *Hub) Consents(ctx context.Context, q kiosk.ConsentQuery) (list []kiosk.ConsentLine, err error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, maxLog)
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		if list, err = tx.Consents(ctx, q); err != nil {
			return err
		}
		page := make([]stored, len(list))
		for i := range list {
			row, err := tx.Row(ctx, list[i].Pos)
			if err != nil {
				return fmt.Errorf("consent of %s: %w", list[i].Number, err)
			}
			if page[i], err = read(row); err != nil {
				return err
			}
		}
		if err := complete(ctx, tx, page); err != nil {
			return err
		}
		for i := range page {
			list[i].Name, list[i].Received, list[i].When = page[i].Name, page[i].Received, page[i].When
		}
		return nil
	})
	return list, err
}
