package kiosk

import (
	"cmp"
	"context"
	"strings"
)

// ActionReturn, ActionRenewal and ActionTags are slips that stand in no catalogue: the
// proof that a thing came back, that it may be kept for longer, and the stickers that
// staff print. They bear no code; their bodies live in memory only, so that another
// paper can be had for as long as one can be thought to have been lost in the printer.
const (
	ActionReturn  Action = "return"
	ActionRenewal Action = "renewal"
	ActionTags    Action = "tags"
)

// Return is a thing that came back, by its tag or by the number of the receipt.
type Return struct {
	Number string // of the loan's receipt; "" = not known
	Tag    AssetTag
	Thing  string
	Doubt  Doubt
	// Lender is the booth that lent it, "" where that is not known.
	Lender string
	// Foreign says that the thing, or the loan, is another booth's by what is printed on
	// it: that this book knows nothing of it is then no wonder.
	Foreign bool
}

// returnFacts is what the city learns of a return.
type returnFacts struct {
	Number string   `json:"number,omitempty"`
	Asset  AssetTag `json:"asset,omitempty"`
	Thing  string   `json:"thing,omitempty"`
	Doubt  Doubt    `json:"doubt,omitempty"`
}

// BringBack takes something back, whichever booth lent it, with the line up or down. r
// has a tag or a number; where only the number of another booth's receipt is known,
// Thing says what it is. The same key again returns the same slip. It refuses nothing
// that somebody holds in their hand: what does not fit is recorded with its doubt. The
// error has CodeInvalid where there is neither tag nor number.
func (b *Booth) BringBack(ctx context.Context, key ID, r Return, lang Lang) (Slip, error) {
	if r.Tag == "" && r.Number == "" {
		return Slip{}, Errorf(CodeInvalid, "error.asset", "a return has a tag or a receipt")
	}
	now := b.clock.Read()
	var s *Service
	if t, of, ok := b.Catalogue().Thing(r.Tag.Code()); ok {
		r.Thing, s = t.ID, of
	}
	if l, err := b.book.LoanNumbered(ctx, r.Number); err == nil {
		s, _, _ = b.Catalogue().Service(l.Service)
	}
	if n, ok := b.assetNews(r.Tag); ok && n.State == LoanOut && r.Number == "" {
		r.Number, r.Lender = n.Number, n.Booth
	}
	r.Foreign = r.Tag != "" && !r.Tag.BelongsTo(b.ID()) || r.Tag == "" && !b.ownNumber(r.Number) || r.Lender != "" && r.Lender != b.ID()
	want := b.newSlip(key, ActionReturn, cmp.Or(s, &Service{}), lang, now)
	want.Number = cmp.Or(string(r.Tag), r.Number)
	var done Return
	slip, err := b.book.TakeBack(ctx, want, r, func(is Return) (Draft, error) {
		done = is
		return b.draft(KindLoanReturned, now, returnFacts{is.Number, is.Tag, is.Thing, is.Doubt})
	})
	if err != nil {
		return Slip{}, err
	}
	if slip.ID == want.ID && done != (Return{}) { // not one that was there before
		b.enqueue(slip, b.returnReceipt(slip, done))
	}
	return slip, nil
}

// ownNumber reports whether a receipt's number was given by this booth.
func (b *Booth) ownNumber(number string) bool {
	at := strings.LastIndexByte(number, '-')
	return at > 0 && strings.EqualFold(number[:at], b.ID())
}

// thingName returns what a kind of thing is called, wherever in the pack it stands.
func (b *Booth) thingName(id string, tag AssetTag, lang Lang) string {
	if t, _, ok := b.Catalogue().Thing(tag.Code()); ok {
		return t.Name.In(lang)
	}
	for _, s := range b.Catalogue().Lending() {
		if t, ok := s.Form.Things().Thing(id); ok {
			return t.Name.In(lang)
		}
	}
	return id
}

func (b *Booth) returnReceipt(slip Slip, r Return) Receipt {
	w := func(key string) string { return slipWords[key].In(slip.Lang) }
	lines := append(b.plainHead(slip), Line{Text: w("returned"), Size: Large, Bold: true, Align: Center}, b.slipTime(slip), Line{Rule: true})
	if name := b.thingName(r.Thing, r.Tag, slip.Lang); name != "" {
		lines = append(lines, Line{Pair: &Pair{w("thing"), name}})
	}
	if r.Tag != "" {
		lines = append(lines, Line{Pair: &Pair{w("asset"), string(r.Tag)}})
	}
	if r.Number != "" {
		lines = append(lines, Line{Pair: &Pair{w("loan"), r.Number}})
	}
	if r.Doubt != DoubtNone {
		lines = append(lines, Line{Text: w("doubt_back")})
	}
	return Receipt{Lines: append(lines, Line{Rule: true}, Line{Text: w("proof"), Align: Center})}
}

func (b *Booth) renewalReceipt(slip Slip, s *Service, l Loan) Receipt {
	w := func(key string) string { return slipWords[key].In(slip.Lang) }
	lines := append(b.slipHead(s, slip), Line{Text: w("kept_longer"), Size: Large, Bold: true, Align: Center}, b.slipTime(slip), Line{Rule: true},
		Line{Pair: &Pair{w("loan"), l.Number}})
	return Receipt{Lines: append(append(lines, b.loanLines(s, l, slip.Lang)...), Line{Rule: true}, Line{Text: w("with_receipt"), Align: Center})}
}

// plainHead is the top of a slip that belongs to no service.
func (b *Booth) plainHead(slip Slip) []Line {
	station := slipWords["station"].In(slip.Lang)
	if name := b.Name(); name != "" {
		station += " · " + name
	}
	return []Line{{Text: station, Bold: true, Align: Center}, {Feed: 1}}
}
