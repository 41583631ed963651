package sqldb

import (
	"context"
	"fmt"

	"redstation/kiosk"
)

// Loan is a loan as the records of all booths tell.
type Loan struct {
	Number  string
	Booth   string
	Service string
	Thing   string
	Tag     string
	Due     string // YYYY-MM-DD
	Lent    int64  // ms
	State   kiosk.LoanState
	At      string // the booth that it came back to
	Doubt   kiosk.Doubt
	Pos     int64 // of the record
}

// Asset is where a thing with a tag was seen last.
type Asset struct {
	Tag   string
	Thing string
	State kiosk.LoanState
	Booth string
	Seen  int64 // ms
}

// LoanBack is a return that no loan is known for.
type LoanBack struct {
	Pos    int64
	Booth  string
	Number string
	Tag    string
	At     int64 // ms
}

const loanColumns = `number, booth, service, thing, tag, due, lent, state, at, doubt, pos`

func scanLoan(row interface{ Scan(...any) error }) (Loan, error) {
	var l Loan
	err := row.Scan(&l.Number, &l.Booth, &l.Service, &l.Thing, &l.Tag, &l.Due, &l.Lent, &l.State, &l.At, &l.Doubt, &l.Pos)
	return l, found(err)
}

// Loan returns the loan of a receipt's number, or ErrNoRow.
func (tx *Tx) Loan(ctx context.Context, number string) (Loan, error) {
	return scanLoan(tx.tx.QueryRowContext(ctx, `SELECT `+loanColumns+` FROM loan WHERE number = $1`, number))
}

// LoanBefore returns the newest loan of a tag that was lent by then, or ErrNoRow.
func (tx *Tx) LoanBefore(ctx context.Context, tag string, by int64) (Loan, error) {
	return scanLoan(tx.tx.QueryRowContext(ctx,
		`SELECT `+loanColumns+` FROM loan WHERE tag = $1 AND lent <= $2 ORDER BY lent DESC, pos DESC LIMIT 1`, tag, by))
}

// LoansOf lists the loans of a tag, the oldest first.
func (tx *Tx) LoansOf(ctx context.Context, tag string) ([]Loan, error) {
	return tx.loans(ctx, `WHERE tag = $1 ORDER BY lent, pos`, tag)
}

// LoansOut lists what is out, behind a day and a number, the earliest due day first.
func (tx *Tx) LoansOut(ctx context.Context, due, number string, limit int) ([]Loan, error) {
	return tx.loans(ctx, `WHERE state = 'out' AND (due > $1 OR due = $1 AND number > $2) ORDER BY due, number LIMIT $3`, due, number, limit)
}

func (tx *Tx) loans(ctx context.Context, where string, args ...any) ([]Loan, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT `+loanColumns+` FROM loan `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list loans: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err says it
	var all []Loan
	for rows.Next() {
		l, err := scanLoan(rows)
		if err != nil {
			return nil, fmt.Errorf("list loans: %w", err)
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

// SaveLoan stores a loan as it is now.
func (tx *Tx) SaveLoan(ctx context.Context, l Loan) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO loan (`+loanColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (number) DO UPDATE SET due = excluded.due, state = excluded.state, at = excluded.at, doubt = excluded.doubt`,
		l.Number, l.Booth, l.Service, l.Thing, l.Tag, l.Due, l.Lent, string(l.State), l.At, string(l.Doubt), l.Pos)
	if err != nil {
		return fmt.Errorf("save loan %s: %w", l.Number, err)
	}
	return nil
}

// Asset returns where a thing was seen last, or ErrNoRow.
func (tx *Tx) Asset(ctx context.Context, tag string) (Asset, error) {
	a := Asset{Tag: tag}
	err := tx.tx.QueryRowContext(ctx, `SELECT thing, state, booth, seen FROM asset WHERE tag = $1`, tag).Scan(&a.Thing, &a.State, &a.Booth, &a.Seen)
	return a, found(err)
}

// SaveAsset stores where a thing was seen, unless it was seen elsewhere later.
func (tx *Tx) SaveAsset(ctx context.Context, a Asset) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO asset (tag, thing, state, booth, seen) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tag) DO UPDATE SET state = excluded.state, booth = excluded.booth, seen = excluded.seen WHERE excluded.seen >= asset.seen`,
		a.Tag, a.Thing, string(a.State), a.Booth, a.Seen)
	if err != nil {
		return fmt.Errorf("save asset %s: %w", a.Tag, err)
	}
	return nil
}

// AddLoanBack keeps a return that no loan is known for.
func (tx *Tx) AddLoanBack(ctx context.Context, b LoanBack) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO loan_back (pos, booth, number, tag, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		b.Pos, b.Booth, b.Number, b.Tag, b.At)
	if err != nil {
		return fmt.Errorf("add return at %d: %w", b.Pos, err)
	}
	return nil
}

// TakeLoanBack takes out the first return that can end a loan: one with its number, or
// one with its tag that is not older. ErrNoRow where there is none.
func (tx *Tx) TakeLoanBack(ctx context.Context, number, tag string, since int64) (LoanBack, error) {
	var b LoanBack
	err := tx.tx.QueryRowContext(ctx, `SELECT pos, booth, number, tag, at FROM loan_back
WHERE number = $1 OR (number = '' AND tag <> '' AND tag = $2 AND at >= $3) ORDER BY at, pos LIMIT 1`, number, tag, since).
		Scan(&b.Pos, &b.Booth, &b.Number, &b.Tag, &b.At)
	if err := found(err); err != nil {
		return b, err
	}
	if _, err := tx.tx.ExecContext(ctx, `DELETE FROM loan_back WHERE pos = $1`, b.Pos); err != nil {
		return b, fmt.Errorf("take return at %d: %w", b.Pos, err)
	}
	return b, nil
}
