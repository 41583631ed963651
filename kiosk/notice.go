package kiosk

import "context"

// ActionNotice marks the slip of a privacy notice. No service offers it by itself: it
// stands beside the consent that a form asks for.
const ActionNotice Action = "notice"

// noticeFacts is what the city learns of a printed notice: which wording somebody
// took home.
type noticeFacts struct {
	Service string `json:"service"`
	Pack    string `json:"pack"`
	Text    string `json:"text"` // fingerprint of the wording, as in the ledger of consents
	Lang    Lang   `json:"lang"`
}

// PrintNotice prints what a service's form asks consent for, in large type. The same
// key again returns the same slip. The error has CodeNotFound or CodeUnavailable.
func (b *Booth) PrintNotice(ctx context.Context, key ID, service string, lang Lang) (Slip, error) {
	s, _, ok := b.CatalogueFor(ctx).Service(service)
	if !ok {
		return Slip{}, Errorf(CodeNotFound, "error.service", "service %q is not in the catalogue", service)
	}
	c := s.Consent()
	if c == nil {
		return Slip{}, Errorf(CodeNotFound, "error.not_found", "service %s asks for no consent", service)
	}
	if err := b.roomFor(ctx, key); err != nil {
		return Slip{}, err
	}
	now := b.clock.Read()
	d, err := b.draft(KindNoticePrinted, now, noticeFacts{s.ID, b.CatalogueFor(ctx).Version, c.Fingerprint(lang), lang})
	if err != nil {
		return Slip{}, err
	}
	slip, err := b.book.AddSlip(ctx, b.newSlip(key, ActionNotice, s, lang, now), d)
	if err != nil {
		return Slip{}, err
	}
	b.enqueue(slip, b.noticeReceipt(s, slip))
	return slip, nil
}

// Consent returns what the service's form asks consent for, nil where it does not.
func (s *Service) Consent() *Consent {
	if s.Form == nil {
		return nil
	}
	for i := range s.Form.Fields {
		if c := s.Form.Fields[i].Consent; c != nil {
			return c
		}
	}
	return nil
}

// noticeReceipt is the notice on paper, in type of 6 mm.
func (b *Booth) noticeReceipt(s *Service, slip Slip) Receipt {
	w := func(key string) string { return twinWords[key].In(slip.Lang) }
	lines := append(b.slipHead(s, slip),
		Line{Text: w("notice"), Size: Large, Bold: true, Align: Center}, Line{Rule: true})
	if c := s.Consent(); c != nil {
		for _, part := range []Pair{{w("what"), c.What.In(slip.Lang)}, {w("why"), c.Why.In(slip.Lang)},
			{w("who"), c.Who.In(slip.Lang)}, {w("how_long"), c.Keep.In(slip.Lang)}} {
			lines = append(lines, Line{Text: part.Name, Bold: true}, Line{Text: part.Value, Size: Large}, Line{Feed: 1})
		}
	}
	return Receipt{Lines: append(lines, Line{Text: w("rights"), Size: Large}, Line{Rule: true}, b.slipTime(slip))}
}
