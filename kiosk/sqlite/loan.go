package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"redstation/kiosk"
)

const loanColumns = `slip, number, service, thing, tag, lent, due, renewed, state, at, doubt`

func scanLoan(row interface{ Scan(...any) error }) (kiosk.Loan, error) {
	var l kiosk.Loan
	var slip []byte
	err := row.Scan(&slip, &l.Number, &l.Service, &l.Thing, &l.Tag, &l.Lent, &l.Due, &l.Renewed, &l.State, &l.At, &l.Doubt)
	if errors.Is(err, sql.ErrNoRows) {
		return l, kiosk.Errorf(kiosk.CodeNotFound, "error.loan", "no such loan")
	}
	if err != nil {
		return l, fmt.Errorf("read loan: %w", err)
	}
	l.Slip = kiosk.ID(slip)
	return l, nil
}

// loan reads a loan as the running transaction sees it.
func (w *writer) loan(ctx context.Context, where string, args ...any) (kiosk.Loan, error) {
	row, err := w.row(ctx, `SELECT `+loanColumns+` FROM loan WHERE `+where, args...)
	if err != nil {
		return kiosk.Loan{}, err
	}
	return scanLoan(row)
}

func (w *writer) putLoan(ctx context.Context, l *kiosk.Loan) error {
	err := w.exec(ctx, `INSERT INTO loan (`+loanColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (slip) DO UPDATE SET due = excluded.due, renewed = excluded.renewed, state = excluded.state, at = excluded.at, doubt = excluded.doubt`,
		l.Slip[:], l.Number, l.Service, l.Thing, string(l.Tag), l.Lent, l.Due, l.Renewed, string(l.State), l.At, string(l.Doubt))
	if err != nil {
		return fmt.Errorf("store loan: %w", err)
	}
	return nil
}

// LendThing stores a loan with its slip, capsule and record.
func (d *DB) LendThing(ctx context.Context, p *kiosk.Paperwork, l kiosk.Loan, owned int, field string) (kiosk.Slip, error) {
	return d.once(ctx, p.Slip, func(ctx context.Context, w *writer) error {
		out := l
		if err := w.handOut(ctx, &out, owned, field); err != nil {
			return err
		}
		if err := p.NoteLoan(out); err != nil {
			return err
		}
		if err := w.putRequest(ctx, p); err != nil {
			return err
		}
		if err := w.putLoan(ctx, &out); err != nil {
			return err
		}
		return w.append(ctx, p.Record)
	})
}

// handOut moves a thing from here to whoever borrows it, and finds what that
// contradicts.
func (w *writer) handOut(ctx context.Context, l *kiosk.Loan, owned int, field string) error {
	moved, err := w.moved(ctx, l.Thing)
	if err != nil {
		return err
	}
	none := owned+moved <= 0
	if l.Tag == "" {
		if none {
			return &kiosk.Error{Code: kiosk.CodeConflict, Key: "error.item_gone", Field: field}
		}
		return w.move(ctx, l.Thing, -1)
	}
	before, err := w.loan(ctx, `tag = $1 AND state = 'out' ORDER BY doubt = 'lent_again', due DESC, number DESC LIMIT 1`, string(l.Tag))
	if err != nil && kiosk.CodeOf(err) != kiosk.CodeNotFound {
		return err
	}
	known, here, thingErr := w.asset(ctx, l.Tag)
	switch {
	case thingErr != nil:
		return thingErr
	case err == nil: // it was never brought back, and is here
		before.Doubt = kiosk.DoubtLentAgain
		l.Doubt = kiosk.DoubtStillLent
		if err := w.putLoan(ctx, &before); err != nil {
			return err
		}
	case l.Doubt != kiosk.DoubtNone: // the city said something
	case !known && l.Tag.BelongsTo(w.db.Booth()):
		l.Doubt = kiosk.DoubtUnknownTag
	case here && none:
		l.Doubt = kiosk.DoubtNoneLeft
	}
	if here && !none {
		if err := w.move(ctx, l.Thing, -1); err != nil {
			return err
		}
	}
	return w.putAsset(ctx, l.Tag, l.Thing, false)
}

// TakeBack stores that a thing came back.
func (d *DB) TakeBack(ctx context.Context, s kiosk.Slip, r kiosk.Return, record func(kiosk.Return) (kiosk.Draft, error)) (kiosk.Slip, error) {
	return d.once(ctx, s, func(ctx context.Context, w *writer) error {
		is := r
		if err := w.takeIn(ctx, &is); err != nil {
			return err
		}
		draft, err := record(is)
		if err != nil {
			return err
		}
		return w.append(ctx, draft)
	})
}

// takeIn ends the loan of a thing that came back, and counts it.
func (w *writer) takeIn(ctx context.Context, r *kiosk.Return) error {
	l, err := w.loanOf(ctx, r)
	switch {
	case err == nil && l.State == kiosk.LoanOut:
		r.Number, r.Thing, r.Lender = l.Number, l.Thing, w.db.Booth()
		if r.Tag == "" {
			r.Tag = l.Tag
		}
		l.State, l.At = kiosk.LoanBack, w.db.Booth()
		if err := w.putLoan(ctx, &l); err != nil {
			return err
		}
	case err == nil: // by the number of a receipt
		r.Thing, r.Lender = l.Thing, w.db.Booth()
		if l.At == w.db.Booth() {
			r.Doubt = kiosk.DoubtBackBefore
			return nil
		}
	case kiosk.CodeOf(err) != kiosk.CodeNotFound:
		return err
	}
	if r.Tag == "" {
		if r.Thing == "" {
			return nil
		}
		return w.move(ctx, r.Thing, 1)
	}
	return w.putBack(ctx, r, err == nil)
}

// loanOf finds the loan that a return ends: the one with that number, or the one that
// is out with that tag.
func (w *writer) loanOf(ctx context.Context, r *kiosk.Return) (kiosk.Loan, error) {
	if r.Number != "" {
		l, err := w.loan(ctx, `number = $1`, r.Number)
		if kiosk.CodeOf(err) != kiosk.CodeNotFound || r.Tag == "" {
			return l, err
		}
	}
	return w.loan(ctx, `tag = $1 AND state = 'out' ORDER BY doubt = 'lent_again', due DESC, number DESC LIMIT 1`, string(r.Tag))
}

// putBack lays a thing with a tag back on the shelf.
func (w *writer) putBack(ctx context.Context, r *kiosk.Return, lent bool) error {
	known, here, err := w.asset(ctx, r.Tag)
	if err != nil {
		return err
	}
	if here {
		r.Doubt = kiosk.DoubtBackBefore
		return nil
	}
	if !lent && !r.Foreign {
		carried, err := w.loan(ctx, `tag = $1 AND state = 'back' AND at <> $2 ORDER BY due DESC LIMIT 1`, string(r.Tag), w.db.Booth())
		switch {
		case err == nil: // it came back elsewhere, and somebody carried it home
			r.Number = carried.Number
			carried.At = w.db.Booth()
			if err := w.putLoan(ctx, &carried); err != nil {
				return err
			}
		case kiosk.CodeOf(err) != kiosk.CodeNotFound:
			return err
		case known:
			r.Doubt = kiosk.DoubtNoLoan
		default:
			r.Doubt = kiosk.DoubtUnknownTag
		}
	}
	if r.Thing != "" {
		if err := w.move(ctx, r.Thing, 1); err != nil {
			return err
		}
	}
	return w.putAsset(ctx, r.Tag, r.Thing, true)
}

// RenewLoan moves the day on which a loan is due.
func (d *DB) RenewLoan(ctx context.Context, s kiosk.Slip, number, due string, most int, record kiosk.Draft) (kiosk.Slip, error) {
	return d.once(ctx, s, func(ctx context.Context, w *writer) error {
		l, err := w.loan(ctx, `number = $1`, number)
		switch {
		case kiosk.CodeOf(err) == kiosk.CodeNotFound:
			return err
		case err != nil:
			return err
		case l.State != kiosk.LoanOut:
			return kiosk.Errorf(kiosk.CodeConflict, "error.loan_back", "loan %s is back", number)
		case l.Renewed >= most:
			return kiosk.Errorf(kiosk.CodeConflict, "error.loan_renewed", "loan %s was renewed %d times", number, l.Renewed)
		}
		l.Due, l.Renewed = due, l.Renewed+1
		if err := w.putLoan(ctx, &l); err != nil {
			return err
		}
		return w.append(ctx, record)
	})
}

// SettleLoan stores what the city knows of a loan that is out here.
func (d *DB) SettleLoan(ctx context.Context, l kiosk.Loan, record kiosk.Draft) error {
	if have, err := d.LoanNumbered(ctx, l.Number); kiosk.CodeOf(err) == kiosk.CodeNotFound || err == nil && settled(&have, &l) {
		return nil // no transaction for what is known
	}
	return d.do(ctx, func(w *writer) error {
		ctx := context.Background()
		have, err := w.loan(ctx, `number = $1`, l.Number)
		if kiosk.CodeOf(err) == kiosk.CodeNotFound || err == nil && settled(&have, &l) {
			return nil
		}
		if err != nil {
			return err
		}
		have.State, have.At, have.Doubt = l.State, l.At, l.Doubt
		if err := w.putLoan(ctx, &have); err != nil {
			return err
		}
		return w.append(ctx, record)
	})
}

func settled(have, l *kiosk.Loan) bool {
	return have.State != kiosk.LoanOut || have.State == l.State && have.Doubt == l.Doubt
}

// Loan returns a loan by its slip.
func (d *DB) Loan(ctx context.Context, slip kiosk.ID) (kiosk.Loan, error) {
	return scanLoan(d.read.QueryRowContext(ctx, `SELECT `+loanColumns+` FROM loan WHERE slip = $1`, slip[:]))
}

// LoanNumbered returns a loan by its number.
func (d *DB) LoanNumbered(ctx context.Context, number string) (kiosk.Loan, error) {
	return scanLoan(d.read.QueryRowContext(ctx, `SELECT `+loanColumns+` FROM loan WHERE number = $1`, number))
}

// LoanWith returns the loan that is out with a tag.
func (d *DB) LoanWith(ctx context.Context, tag kiosk.AssetTag) (kiosk.Loan, error) {
	return scanLoan(d.read.QueryRowContext(ctx,
		`SELECT `+loanColumns+` FROM loan WHERE tag = $1 AND state = 'out' ORDER BY doubt = 'lent_again', due DESC, number DESC LIMIT 1`, string(tag)))
}

// LoansOut lists what is out, the earliest due day first.
func (d *DB) LoansOut(ctx context.Context) ([]kiosk.Loan, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT `+loanColumns+` FROM loan WHERE state = 'out' ORDER BY due, number`)
	if err != nil {
		return nil, fmt.Errorf("read loans: %w", err)
	}
	defer rows.Close()
	var all []kiosk.Loan
	for rows.Next() {
		l, err := scanLoan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, rows.Err()
}
