package kiosk

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
)

// StockBook keeps how many things are here, and which tags were made.
type StockBook interface {
	// Stock returns by kind of thing how many came back here or were found, less those
	// that were lent: to be added to what the booth has by the pack.
	Stock(ctx context.Context) (map[string]int, error)
	// CountStock stores what somebody counted: here are so many, of those that belong here.
	CountStock(ctx context.Context, thing string, owned, here int, record Draft) error
	// MakeTags gives the next n tags of a kind, and stores them with the slip that they
	// are printed on. The error has CodeUnavailable where there are no more numbers. A
	// slip that is already there is returned, with no tags.
	MakeTags(ctx context.Context, s Slip, t Thing, n int, record func([]AssetTag) (Draft, error)) (Slip, []AssetTag, error)
}

// Supply is how many of a kind of thing are where.
type Supply struct {
	Service *Service
	Thing   *Thing
	Here    int
	Out     int // lent at this booth and not back
	Late    int // of these
	Away    int // belong here and lie at another booth, as far as the city has told
}

// Supplies tells what this booth lends and how many of each are here now.
func (b *Booth) Supplies(ctx context.Context) ([]Supply, error) {
	moved, err := b.book.Stock(ctx)
	if err != nil {
		return nil, err
	}
	out, err := b.book.LoansOut(ctx)
	if err != nil {
		return nil, err
	}
	day := b.today(b.clock.Read()).Date
	var all []Supply
	for _, s := range b.Catalogue().Lending() {
		things := s.Form.Things().Things
		for i := range things {
			t := &things[i]
			sh := Supply{Service: s, Thing: t, Here: max(0, t.Owned(b.ID())+moved[t.ID])}
			for _, l := range out {
				if l.Thing == t.ID && l.Doubt != DoubtLentAgain {
					sh.Out++
					if l.Late(day) {
						sh.Late++
					}
				}
			}
			sh.Away = b.away(t.Code)
			all = append(all, sh)
		}
	}
	return all, nil
}

// Count notes how many things of a kind are here, as staff counted them. The error has
// CodeInvalid or CodeNotFound.
func (b *Booth) Count(ctx context.Context, service, thing string, here int) error {
	t, ok := b.Catalogue().ThingNamed(service, thing)
	if !ok {
		return Errorf(CodeNotFound, "error.not_found", "service %s lends no %s", service, thing)
	}
	if here < 0 || here > MaxAssets {
		return Errorf(CodeInvalid, "error.invalid", "%d things counted", here)
	}
	d, err := b.draft(KindStockCounted, b.clock.Read(), struct {
		Thing string `json:"thing"`
		Here  int    `json:"here"`
	}{thing, here})
	if err != nil {
		return err
	}
	return b.book.CountStock(ctx, thing, t.Owned(b.ID()), here, d)
}

// maxStickers is how many stickers one slip may bear: more would be half a roll.
const maxStickers = 12

// PrintTags makes n new asset tags of a kind and prints them as stickers. The same key
// again returns the same slip. The error has CodeNotFound, CodeInvalid, or
// CodeUnavailable where there are no more numbers or the booth belongs to no city yet.
func (b *Booth) PrintTags(ctx context.Context, key ID, service, thing string, n int, lang Lang) (Slip, error) {
	t, ok := b.Catalogue().ThingNamed(service, thing)
	if !ok {
		return Slip{}, Errorf(CodeNotFound, "error.not_found", "service %s lends no %s", service, thing)
	}
	if n < 1 || n > maxStickers {
		return Slip{}, Errorf(CodeInvalid, "error.invalid", "%d stickers: 1 to %d", n, maxStickers)
	}
	if b.ID() == UnenrolledBooth {
		return Slip{}, Errorf(CodeUnavailable, "error.closed", "a booth without an id makes no tags")
	}
	now := b.clock.Read()
	s, _, _ := b.Catalogue().Service(service)
	slip, tags, err := b.book.MakeTags(ctx, b.newSlip(key, ActionTags, s, lang, now), *t, n, func(tags []AssetTag) (Draft, error) {
		return b.draft(KindAssetTagged, now, struct {
			Thing string     `json:"thing"`
			Tags  []AssetTag `json:"tags"`
		}{thing, tags})
	})
	if err != nil {
		return Slip{}, err
	}
	if len(tags) > 0 {
		b.enqueue(slip, b.tagsReceipt(slip, t, tags))
	}
	return slip, nil
}

func (b *Booth) tagsReceipt(slip Slip, t *Thing, tags []AssetTag) Receipt {
	var lines []Line
	for _, tag := range tags {
		lines = append(lines, b.plainHead(slip)[0], Line{Text: t.Name.In(slip.Lang), Align: Center}, Line{QR: tag.QR()},
			Line{Text: string(tag), Size: Large, Bold: true, Align: Center},
			Line{Text: slipWords["anywhere"].In(slip.Lang), Align: Center}, Line{Rule: true})
	}
	return Receipt{Lines: lines}
}

// ItemAsset is an item of a booth's own feed: where a thing is that belongs to the
// booth, or that it lent. Its body is an AssetNews.
const ItemAsset = "asset"

// AssetNews is what the city knows of one thing, or of one loan without a tag. It
// names no person.
type AssetNews struct {
	Asset  AssetTag  `json:"asset,omitempty"`
	Thing  string    `json:"thing,omitempty"`
	State  LoanState `json:"state"`
	Booth  string    `json:"booth"`            // where it lies, or which booth lent it
	Number string    `json:"number,omitempty"` // of the receipt of the loan that is out
	Due    string    `json:"due,omitempty"`
	Ended  []LoanEnd `json:"ended,omitempty"` // the last loans of the booth that reads this which are over
}

// LoanEnd is how a loan ended, as far as the city knows.
type LoanEnd struct {
	Number string `json:"number"`
	At     string `json:"at,omitempty"`    // the booth that it came back to; "" = it never did
	Doubt  Doubt  `json:"doubt,omitempty"` // why it is over all the same
}

// LearnAssets takes in what the city knows of this booth's things. Loans that came back
// at another booth are settled in the book.
func (b *Booth) LearnAssets(ctx context.Context, items []Item) error {
	news := make(map[AssetTag]AssetNews, len(items))
	for i := range items {
		var n AssetNews
		if json.Unmarshal(items[i].Body, &n) != nil {
			continue // of a newer hub
		}
		if n.Asset != "" {
			news[n.Asset] = n
		}
		if err := b.learnLoan(ctx, n); err != nil {
			return err
		}
	}
	b.assets.Store(&news)
	b.change(func(s *Status) { s.Assets++ })
	return nil
}

// learnLoan settles the loans of this booth that the news are about.
func (b *Booth) learnLoan(ctx context.Context, n AssetNews) error {
	for _, e := range n.Ended {
		l := Loan{Number: e.Number, State: LoanBack, At: e.At, Doubt: e.Doubt}
		if e.At == "" {
			l.State = LoanOut // nobody saw it come back: people look at that
		}
		if err := b.settleLoan(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

func (b *Booth) settleLoan(ctx context.Context, l Loan) error {
	d, err := b.draft(KindLoanSettled, b.clock.Read(), struct {
		Number string    `json:"number"`
		State  LoanState `json:"state"`
		At     string    `json:"at,omitempty"`
		Doubt  Doubt     `json:"doubt,omitempty"`
	}{l.Number, l.State, l.At, l.Doubt})
	if err != nil {
		return err
	}
	return b.book.SettleLoan(ctx, l, d)
}

// assetNews returns what the city last said of a thing.
func (b *Booth) assetNews(tag AssetTag) (AssetNews, bool) {
	m := b.assets.Load()
	if m == nil || tag == "" {
		return AssetNews{}, false
	}
	n, ok := (*m)[tag]
	return n, ok
}

// Elsewhere lists the things of this booth that lie at other booths, by their tags.
func (b *Booth) Elsewhere() []AssetNews {
	m := b.assets.Load()
	if m == nil {
		return nil
	}
	var all []AssetNews
	for tag, n := range *m {
		if tag.BelongsTo(b.ID()) && n.State == LoanBack && n.Booth != b.ID() {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(x, y AssetNews) int { return cmp.Compare(x.Asset, y.Asset) })
	return all
}

func (b *Booth) away(code int) int {
	n := 0
	for _, a := range b.Elsewhere() {
		if a.Asset.Code() == code {
			n++
		}
	}
	return n
}
