package hub

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// What is lent at one booth comes back at any other, and which of the two is heard of
// first is chance: a booth may have had no line for days. So loans and returns are put
// together here, whichever comes first, and the booths that a thing concerns are told
// where it is: the one it belongs to, the one that lent it and the one where it lay.
// What does not fit is kept with its doubt. Nobody's name is needed for any of it.

// loansEvery is how often the hub looks for records of loans.
const loansEvery = 2 * time.Second

// loanFacts is what the records of loans say.
type loanFacts struct {
	Service string         `json:"service"`
	Number  string         `json:"number"`
	Asset   string         `json:"asset"`
	Thing   string         `json:"thing"`
	Due     string         `json:"due"`
	Doubt   kiosk.Doubt    `json:"doubt"`
	Choices loanFactsInner `json:"choices"`
}

type loanFactsInner struct {
	Asset string      `json:"asset"`
	Thing string      `json:"thing"`
	Due   string      `json:"due"`
	Doubt kiosk.Doubt `json:"doubt"`
}

// keepLoans puts loans together until ctx ends: one hub for all.
func (h *Hub) keepLoans(ctx context.Context) {
	every(ctx, loansEvery, func() {
		_, err := h.db.Lead(ctx, sqldb.JobLoans, func(ctx context.Context) error {
			_, err := h.SettleLoans(ctx)
			return err
		})
		if err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "loans not put together", "error", err)
		}
	})
}

// SettleLoans looks at the records of loans that came since it was last called, and
// returns how many. Run does so.
func (h *Hub) SettleLoans(ctx context.Context) (looked int, err error) {
	last, err := h.lastPos(ctx)
	if err != nil {
		return 0, err
	}
	// What a booth renewed or took back it lent before, so up to one position the loans
	// come first.
	for _, kind := range []kiosk.Kind{kiosk.KindLoanLent, kiosk.KindLoanRenewed, kiosk.KindLoanReturned} {
		for more := true; more; {
			var n int
			if n, more, err = h.settleSome(ctx, kind, last); err != nil {
				return looked, err
			}
			looked += n
		}
	}
	if looked > 0 {
		h.wake(ctx)
	}
	return looked, nil
}

// settleSome takes the next records of a kind up to a position, behind a cursor that
// the store keeps.
func (h *Hub) settleSome(ctx context.Context, kind kiosk.Kind, last int64) (n int, more bool, err error) {
	const limit = 100 // the store has one writer
	cursor := "loans." + string(kind)
	err = h.db.Update(ctx, func(tx *sqldb.Tx) error {
		n, more = 0, false
		at, err := tx.Meta(ctx, cursor)
		if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
			return err
		}
		after, _ := strconv.ParseInt(at, 10, 64) // none yet: from the beginning
		rows, err := tx.Log(ctx, kiosk.LogQuery{Kind: kind, After: after, Limit: limit})
		if err != nil || len(rows) == 0 {
			return err
		}
		touched := touched{}
		for _, row := range rows {
			if row.Pos > last {
				break
			}
			s, err := read(row)
			if err != nil {
				return err
			}
			if err := settleLoan(ctx, tx, &s, touched); err != nil {
				return err
			}
			after = row.Pos
			n++
		}
		if n == 0 {
			return nil
		}
		more = n == limit
		if err := h.tellLoans(ctx, tx, touched); err != nil {
			return err
		}
		return tx.SetMeta(ctx, cursor, strconv.FormatInt(after, 10))
	})
	return n, more, err
}

// touched are the things and loans that news are due of: by tag, or by number where
// there is no tag, with the booths that it concerns beside its own and the lender.
type touched map[string]map[string]bool

func (t touched) add(tag, number string, booths ...string) {
	id := tag
	if id == "" {
		id = number
	}
	if t[id] == nil {
		t[id] = map[string]bool{}
	}
	for _, b := range booths {
		if b != "" {
			t[id][b] = true
		}
	}
}

// settleLoan takes one record in. One without facts that make sense is passed over.
func settleLoan(ctx context.Context, tx *sqldb.Tx, s *stored, t touched) error {
	var f loanFacts
	if json.Unmarshal(s.Facts, &f) != nil {
		return nil
	}
	at := s.header.WallMS
	if !s.header.ClockState.Trusted() {
		at = sqldb.Millis(s.Received)
	}
	switch s.Kind {
	case kiosk.KindLoanLent:
		l := sqldb.Loan{Number: f.Number, Booth: s.Booth, Service: f.Service, Thing: f.Choices.Thing, Tag: f.Choices.Asset, Due: f.Choices.Due,
			Lent: at, State: kiosk.LoanOut, Doubt: f.Choices.Doubt, Pos: s.Pos}
		if !strings.EqualFold(boothOf(l.Number), s.Booth) || l.Thing == "" || !isTag(l.Tag) {
			return nil
		}
		return lent(ctx, tx, l, t)
	case kiosk.KindLoanRenewed:
		l, err := tx.Loan(ctx, f.Number)
		if errors.Is(err, sqldb.ErrNoRow) || err == nil && (l.Booth != s.Booth || f.Due == "") {
			return nil
		}
		if err != nil {
			return err
		}
		l.Due = f.Due
		t.add(l.Tag, l.Number, l.Booth)
		return tx.SaveLoan(ctx, l)
	}
	if !isTag(f.Asset) || f.Asset == "" && f.Number == "" {
		return nil
	}
	return cameBack(ctx, tx, sqldb.LoanBack{Pos: s.Pos, Booth: s.Booth, Number: f.Number, Tag: f.Asset, At: at}, f.Thing, t)
}

// boothOf returns the booth that gave a receipt's number.
func boothOf(number string) string { return number[:max(0, strings.LastIndexByte(number, '-'))] }

// isTag reports whether a tag is one, or is missing.
func isTag(s string) bool {
	if s == "" {
		return true
	}
	tag, err := kiosk.ParseAssetTag(s)
	return err == nil && string(tag) == s
}

// lent takes in a loan, and the return that may have been heard of before it.
func lent(ctx context.Context, tx *sqldb.Tx, l sqldb.Loan, t touched) error {
	if _, err := tx.Loan(ctx, l.Number); !errors.Is(err, sqldb.ErrNoRow) {
		return err // it is there: looked at once more
	}
	t.add(l.Tag, l.Number, l.Booth)
	if l.Tag != "" {
		if err := seen(ctx, tx, sqldb.Asset{Tag: l.Tag, Thing: l.Thing, State: kiosk.LoanOut, Booth: l.Booth, Seen: l.Lent}, t); err != nil {
			return err
		}
	}
	back, err := tx.TakeLoanBack(ctx, l.Number, l.Tag, l.Lent)
	switch {
	case err == nil:
		l.State, l.At = kiosk.LoanBack, back.Booth
	case !errors.Is(err, sqldb.ErrNoRow):
		return err
	}
	if err := tx.SaveLoan(ctx, l); err != nil || l.Tag == "" {
		return err
	}
	return doubtOthers(ctx, tx, l, t)
}

// doubtOthers doubts the loans of the same thing that nobody saw come back before this
// one; where a later one is known already, it is this one that is doubted.
func doubtOthers(ctx context.Context, tx *sqldb.Tx, l sqldb.Loan, t touched) error {
	all, err := tx.LoansOf(ctx, l.Tag)
	if err != nil {
		return err
	}
	for i := range all {
		if i == len(all)-1 || all[i].State != kiosk.LoanOut || all[i].Doubt == kiosk.DoubtLentAgain {
			continue
		}
		all[i].Doubt = kiosk.DoubtLentAgain
		t.add(all[i].Tag, all[i].Number, all[i].Booth)
		if err := tx.SaveLoan(ctx, all[i]); err != nil {
			return err
		}
	}
	return nil
}

// seen notes where a thing is, and that the booth where it was before is concerned.
func seen(ctx context.Context, tx *sqldb.Tx, a sqldb.Asset, t touched) error {
	before, err := tx.Asset(ctx, a.Tag)
	if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
		return err
	}
	t.add(a.Tag, "", a.Booth, before.Booth)
	return tx.SaveAsset(ctx, a)
}

// cameBack takes in a return.
func cameBack(ctx context.Context, tx *sqldb.Tx, b sqldb.LoanBack, thing string, t touched) error {
	l, err := loanEnded(ctx, tx, b)
	if err != nil && !errors.Is(err, sqldb.ErrNoRow) {
		return err
	}
	if b.Tag == "" && err == nil {
		b.Tag = l.Tag
	}
	if b.Tag != "" {
		if err := seen(ctx, tx, sqldb.Asset{Tag: b.Tag, Thing: thing, State: kiosk.LoanBack, Booth: b.Booth, Seen: b.At}, t); err != nil {
			return err
		}
	}
	if err != nil {
		return tx.AddLoanBack(ctx, b)
	}
	t.add(l.Tag, l.Number, l.Booth, b.Booth)
	if l.State == kiosk.LoanBack && b.Number == "" {
		// It may belong to a later loan that is still on its way.
		if err := tx.AddLoanBack(ctx, b); err != nil {
			return err
		}
	}
	if l.State == kiosk.LoanBack && l.At != b.Booth && b.Booth != l.Booth {
		return nil // it was carried on to a third booth: where it lies is with the thing
	}
	l.State, l.At = kiosk.LoanBack, b.Booth
	if err := tx.SaveLoan(ctx, l); err != nil || b.Tag == "" {
		return err
	}
	return endOthers(ctx, tx, b, t)
}

// endOthers ends every other loan of the thing from before: it cannot be out twice.
func endOthers(ctx context.Context, tx *sqldb.Tx, b sqldb.LoanBack, t touched) error {
	all, err := tx.LoansOf(ctx, b.Tag)
	if err != nil {
		return err
	}
	for _, l := range all {
		if l.State != kiosk.LoanOut || l.Lent > b.At {
			continue
		}
		l.State, l.At = kiosk.LoanBack, b.Booth
		t.add(l.Tag, l.Number, l.Booth)
		if err := tx.SaveLoan(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// loanEnded finds the loan that a return ends, or ErrNoRow.
func loanEnded(ctx context.Context, tx *sqldb.Tx, b sqldb.LoanBack) (sqldb.Loan, error) {
	if b.Number != "" {
		return tx.Loan(ctx, b.Number)
	}
	return tx.LoanBefore(ctx, b.Tag, b.At)
}

// maxEnded is how many loans that are over the news of a thing tell of.
const maxEnded = 5

// tellLoans publishes the news of what was touched.
func (h *Hub) tellLoans(ctx context.Context, tx *sqldb.Tx, t touched) error {
	stations, err := tx.Stations(ctx)
	if err != nil {
		return err
	}
	var items []Published
	for id, booths := range t {
		n, loans, err := newsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, s := range stations {
			if s.Revoked || !booths[s.ID] && !n.Asset.BelongsTo(s.ID) {
				continue
			}
			body, err := json.Marshal(forBooth(n, loans, s.ID))
			if err != nil {
				return err
			}
			items = append(items, Published{Item: kiosk.Item{Feed: kiosk.BoothFeed(s.ID), Type: kiosk.ItemAsset, ID: id, Op: kiosk.ItemPut,
				MinVersion: kiosk.FeedFormat, Body: body}})
		}
	}
	return h.PublishIn(ctx, tx, items...)
}

// newsOf gathers what is known of a thing, or of a loan without a tag.
func newsOf(ctx context.Context, tx *sqldb.Tx, id string) (n kiosk.AssetNews, loans []sqldb.Loan, err error) {
	tag, err := kiosk.ParseAssetTag(id)
	if err != nil || string(tag) != id {
		l, err := tx.Loan(ctx, id)
		if err != nil {
			return n, nil, err
		}
		n = kiosk.AssetNews{Thing: l.Thing, State: l.State, Booth: l.At, Number: l.Number, Due: l.Due}
		if l.State == kiosk.LoanOut {
			n.Booth = l.Booth
		}
		return n, []sqldb.Loan{l}, nil
	}
	a, err := tx.Asset(ctx, id)
	if err != nil {
		return n, nil, err
	}
	n = kiosk.AssetNews{Asset: tag, Thing: a.Thing, State: a.State, Booth: a.Booth}
	if loans, err = tx.LoansOf(ctx, id); err != nil {
		return n, nil, err
	}
	if a.State == kiosk.LoanOut && len(loans) > 0 {
		n.Number, n.Due = loans[len(loans)-1].Number, loans[len(loans)-1].Due
	}
	return n, loans, nil
}

// forBooth adds the loans of the reading booth that are over.
func forBooth(n kiosk.AssetNews, loans []sqldb.Loan, booth string) kiosk.AssetNews {
	n.Ended = nil
	for _, l := range loans {
		if l.Booth == booth && (l.State == kiosk.LoanBack && l.At != booth || l.State == kiosk.LoanOut && l.Doubt == kiosk.DoubtLentAgain) {
			n.Ended = append(n.Ended, kiosk.LoanEnd{Number: l.Number, At: l.At, Doubt: l.Doubt})
		}
	}
	n.Ended = n.Ended[max(0, len(n.Ended)-maxEnded):]
	return n
}

// LoansOut lists what is out in the city behind a due day and a number, the earliest
// first.
func (h *Hub) LoansOut(ctx context.Context, due, number string, limit int) (out []kiosk.LoanLine, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		rows, err := tx.LoansOut(ctx, due, number, limit)
		for _, l := range rows {
			out = append(out, kiosk.LoanLine{Number: l.Number, Booth: l.Booth, Service: l.Service, Thing: l.Thing, Tag: kiosk.AssetTag(l.Tag),
				Due: l.Due, Doubt: l.Doubt, Pos: l.Pos})
		}
		return err
	})
	return out, err
}
