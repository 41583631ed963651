package kiosk

import (
	"cmp"
	"context"
	"strconv"
	"time"
)

// What a booth lends. How many of a kind are here is counted by what goes over the
// counter of this booth alone: what it has by the pack, less each loan, and one more
// for each thing that came back here, whoever lent it. So the count needs no line. What
// the count cannot know (a thing that was lent and comes back elsewhere, a tag that is
// out by the list and in somebody's hand) is never refused: it is done, recorded with
// its doubt, and looked at by people.

// LoanState says where a loan stands. The names are append-only.
type LoanState string

// The states.
const (
	LoanOut  LoanState = "out"
	LoanBack LoanState = "back"
)

// Doubt says what a loan or a return contradicts. The names are append-only.
type Doubt string

// The doubts.
const (
	DoubtNone       Doubt = ""
	DoubtStillLent  Doubt = "still_lent"     // this booth has it as lent, and it was here
	DoubtElsewhere  Doubt = "lent_elsewhere" // the city has it as lent by another booth
	DoubtUnknownTag Doubt = "unknown_tag"    // this booth made no such tag
	DoubtNoneLeft   Doubt = "none_left"      // by the count there was none
	DoubtBackBefore Doubt = "back_before"    // it had come back already
	DoubtNoLoan     Doubt = "no_loan"        // nobody is known to have it
	DoubtLentAgain  Doubt = "lent_again"     // of the loan before: the thing went to somebody else without coming back
)

// Loan is something that was lent at this booth.
type Loan struct {
	Slip    ID
	Number  string // of the receipt
	Service string
	Thing   string
	Tag     AssetTag // "" where staff handed it out
	Lent    string   // YYYY-MM-DD, as Due
	Due     string
	Renewed int
	State   LoanState
	At      string // the booth that it came back to, "" while it is out
	Doubt   Doubt
}

// Late reports whether the loan should be back on that day.
func (l *Loan) Late(day string) bool { return l.State == LoanOut && l.Due < day }

// maxRenewals is how often a loan can be renewed without asking staff.
const maxRenewals = 2

// LoanBook keeps what is lent.
type LoanBook interface {
	// LendThing stores a filed loan. It may set the loan's Doubt, and then calls note
	// inside the transaction before the record is written. owned is how many things of
	// the kind belong to this booth. A slip that is already there is returned as it is,
	// and nothing is written. The error has CodeConflict, with field, where no tag was
	// given and none is left, or ErrEpochChanged.
	LendThing(ctx context.Context, p *Paperwork, l Loan, owned int, field string) (Slip, error)
	// TakeBack stores that a thing came back. What the book knows of it is filled in,
	// and record is called with that inside the transaction. A slip that is already
	// there is returned as it is.
	TakeBack(ctx context.Context, s Slip, r Return, record func(Return) (Draft, error)) (Slip, error)
	// RenewLoan moves the day on which a loan is due. The error has CodeNotFound, or
	// CodeConflict where it is back or was renewed so often already.
	RenewLoan(ctx context.Context, s Slip, number, due string, most int, record Draft) (Slip, error)
	// SettleLoan stores what the city knows of a loan that is out here. One that is not
	// out, or is not there, is left as it is, and nothing is written.
	SettleLoan(ctx context.Context, l Loan, record Draft) error
	// Loan returns a loan by its slip, LoanNumbered by its number; LoanWith the one that
	// is out with a tag. Their error has CodeNotFound.
	Loan(ctx context.Context, slip ID) (Loan, error)
	LoanNumbered(ctx context.Context, number string) (Loan, error)
	LoanWith(ctx context.Context, tag AssetTag) (Loan, error)
	// LoansOut lists what is out, the earliest due day first.
	LoansOut(ctx context.Context) ([]Loan, error)
	StockBook
}

// Lend stores a loan. The same key again returns the same slip. The error is File's.
func (b *Booth) Lend(ctx context.Context, key ID, service string, answers Answers, lang Lang) (Slip, error) {
	f := formOf(ActionLoan, KindLoanLent, key, service, answers, lang)
	return b.fill(ctx, f, func(ctx context.Context, p *Paperwork) (Slip, error) {
		s, _, _ := b.CatalogueFor(ctx).Service(service)
		if s == nil || s.Form == nil || s.Form.Things() == nil {
			return Slip{}, Errorf(CodeUnavailable, "error.closed", "service %s lends nothing now", service)
		}
		field := s.Form.Things()
		a := p.Kept[field.ID]
		t, ok := field.Thing(a.Value)
		if !ok {
			return Slip{}, field.wrong("error.item")
		}
		day := b.clock.Read().Wall.In(b.zone)
		l := Loan{Slip: p.Slip.ID, Number: p.Slip.Number, Service: service, Thing: t.ID, Tag: AssetTag(a.Detail),
			Lent: day.Format(time.DateOnly), Due: day.AddDate(0, 0, t.Days).Format(time.DateOnly), State: LoanOut}
		if n, ok := b.assetNews(l.Tag); ok && n.State == LoanOut && n.Booth != b.ID() {
			l.Doubt = DoubtElsewhere
		}
		return b.book.LendThing(ctx, p, l, t.Owned(b.ID()), field.ID)
	})
}

// NoteLoan adds to the facts of a loan's record what was lent, and the doubt.
func (p *Paperwork) NoteLoan(l Loan) error {
	for _, n := range []Pair{{"thing", l.Thing}, {"asset", string(l.Tag)}, {"due", l.Due}, {"doubt", string(l.Doubt)}} {
		if n.Value == "" {
			continue
		}
		if err := p.Note(n.Name, n.Value); err != nil {
			return err
		}
	}
	return nil
}

// LoanOf returns the loan that a slip stands for. The error has CodeNotFound.
func (b *Booth) LoanOf(ctx context.Context, slip ID) (Loan, error) { return b.book.Loan(ctx, slip) }

// LoanNumbered returns the loan of a receipt's number. The error has CodeNotFound.
func (b *Booth) LoanNumbered(ctx context.Context, number string) (Loan, error) {
	return b.book.LoanNumbered(ctx, number)
}

// LoanWith returns the loan that is out with a tag. The error has CodeNotFound.
func (b *Booth) LoanWith(ctx context.Context, tag AssetTag) (Loan, error) {
	return b.book.LoanWith(ctx, tag)
}

// LoansOut lists what is out, the earliest due day first.
func (b *Booth) LoansOut(ctx context.Context) ([]Loan, error) { return b.book.LoansOut(ctx) }

// Renew moves the day on which a loan of this booth is due, by as many days as it was
// lent for, from the day it was due or from today, whichever is later. The same key
// again changes nothing more. The error has CodeNotFound, or CodeConflict where the
// thing is back or was renewed often enough.
func (b *Booth) Renew(ctx context.Context, key ID, number string, lang Lang) (Slip, error) {
	l, err := b.book.LoanNumbered(ctx, number)
	if err != nil {
		return Slip{}, err
	}
	t, ok := b.Catalogue().ThingNamed(l.Service, l.Thing)
	if !ok {
		return Slip{}, Errorf(CodeUnavailable, "error.closed", "%s of service %s is lent no more", l.Thing, l.Service)
	}
	now := b.clock.Read()
	from := now.Wall.In(b.zone)
	if due, err := time.ParseInLocation(time.DateOnly, l.Due, b.zone); err == nil && due.After(from) {
		from = due
	}
	l.Due = from.AddDate(0, 0, t.Days).Format(time.DateOnly)
	d, err := b.draft(KindLoanRenewed, now, struct {
		Number string `json:"number"`
		Thing  string `json:"thing"`
		Due    string `json:"due"`
	}{number, l.Thing, l.Due})
	if err != nil {
		return Slip{}, err
	}
	s, _, _ := b.Catalogue().Service(l.Service)
	want := b.newSlip(key, ActionRenewal, s, lang, now)
	want.Number = number
	slip, err := b.book.RenewLoan(ctx, want, number, l.Due, maxRenewals, d)
	if err != nil {
		return Slip{}, err
	}
	if l, err = b.book.LoanNumbered(ctx, number); err != nil {
		return Slip{}, err
	}
	b.enqueue(slip, b.renewalReceipt(slip, s, l))
	return slip, nil
}

// lines of a loan's slip.
func (b *Booth) loanDetails(ctx context.Context, s *Service, slip Slip) ([]Line, error) {
	l, err := b.book.Loan(ctx, slip.ID)
	if err != nil {
		return nil, err
	}
	return b.loanLines(s, l, slip.Lang), nil
}

func (b *Booth) loanLines(s *Service, l Loan, lang Lang) []Line {
	w := func(key string) string { return slipWords[key].In(lang) }
	name := l.Thing
	if t, ok := b.Catalogue().ThingNamed(s.ID, l.Thing); ok {
		name = cmp.Or(t.Name.In(lang), l.Thing)
	}
	lines := []Line{{Pair: &Pair{w("thing"), name}}}
	if l.Tag != "" {
		lines = append(lines, Line{Pair: &Pair{w("asset"), string(l.Tag)}})
	}
	lines = append(lines, Line{Pair: &Pair{w("due"), l.Due}, Bold: true}, Line{Text: w("give_back")})
	if l.Renewed > 0 {
		lines = append(lines, Line{Pair: &Pair{w("renewed"), strconv.Itoa(l.Renewed)}})
	}
	if l.Doubt != DoubtNone {
		lines = append(lines, Line{Text: w("doubt")})
	}
	return lines
}
