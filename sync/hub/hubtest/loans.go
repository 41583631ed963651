package hubtest

import (
	"context"
	"errors"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
)

// loans holds the rows of what is lent.
func loans(t *testing.T, db *sqldb.DB) {
	l := sqldb.Loan{Number: "07-001", Booth: "07", Service: "12.1", Thing: "umbrella", Tag: "07-10-0012", Due: "2026-12-01", Lent: 50, State: kiosk.LoanOut, Pos: 3}
	back := l
	back.State, back.At, back.Doubt = kiosk.LoanBack, "12", kiosk.DoubtLentAgain
	kept(t, db, "loan", l, back, (*sqldb.Tx).SaveLoan, func(ctx context.Context, tx *sqldb.Tx) (sqldb.Loan, error) { return tx.Loan(ctx, "07-001") })
	a := sqldb.Asset{Tag: "07-10-0012", Thing: "umbrella", State: kiosk.LoanOut, Booth: "07", Seen: 50}
	later := a
	later.State, later.Booth, later.Seen = kiosk.LoanBack, "12", 70
	kept(t, db, "asset", a, later, (*sqldb.Tx).SaveAsset, func(ctx context.Context, tx *sqldb.Tx) (sqldb.Asset, error) { return tx.Asset(ctx, a.Tag) })
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		second := l
		second.Number, second.Lent, second.Due, second.Pos = "07-002", 80, "2026-11-30", 4
		third := second
		third.Number, third.Tag, third.Pos = "07-003", "", 5
		return errors.Join(tx.SaveAsset(ctx, a), tx.SaveLoan(ctx, second), tx.SaveLoan(ctx, third),
			tx.AddLoanBack(ctx, sqldb.LoanBack{Pos: 9, Booth: "12", Tag: l.Tag, At: 60}), tx.AddLoanBack(ctx, sqldb.LoanBack{Pos: 9, Booth: "12", Tag: l.Tag, At: 60}),
			tx.AddLoanBack(ctx, sqldb.LoanBack{Pos: 10, Booth: "31", Number: "07-003", At: 10}))
	})
	update(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
		if got, err := tx.Asset(ctx, a.Tag); err != nil || got != later {
			t.Errorf("after an older sight: got %+v and %v, want %+v", got, err, later)
		}
		if got, err := tx.LoanBefore(ctx, l.Tag, 79); err != nil || got.Number != "07-001" {
			t.Errorf("the loan before 79: got %+v and %v", got, err)
		}
		out, err := tx.LoansOut(ctx, "", "", 9)
		if err != nil || len(out) != 2 || out[0].Number != "07-002" {
			t.Errorf("out: got %+v and %v", out, err)
		}
		if rest, err := tx.LoansOut(ctx, "2026-11-30", "07-002", 9); err != nil || len(rest) != 1 || rest[0].Number != "07-003" {
			t.Errorf("behind the first: got %+v and %v", rest, err)
		}
		if got, err := tx.TakeLoanBack(ctx, "07-009", l.Tag, 61); !errors.Is(err, sqldb.ErrNoRow) {
			t.Errorf("a return from before the loan ended it: %+v and %v", got, err)
		}
		if got, err := tx.TakeLoanBack(ctx, "07-003", "", 50); err != nil || got.Booth != "31" {
			t.Errorf("by number: got %+v and %v", got, err)
		}
		if got, err := tx.TakeLoanBack(ctx, "07-009", l.Tag, 60); err != nil || got.Pos != 9 {
			t.Errorf("by tag: got %+v and %v", got, err)
		}
		_, err = tx.TakeLoanBack(ctx, "07-009", l.Tag, 60)
		if !errors.Is(err, sqldb.ErrNoRow) {
			t.Errorf("a return ended two loans: %v", err)
		}
		return nil
	})
}
