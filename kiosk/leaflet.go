package kiosk

import "context"

// TakeLeaflet prints the page of an information service. The same key again
// returns the same slip. The error has CodeNotFound or CodeUnavailable.
func (b *Booth) TakeLeaflet(ctx context.Context, key ID, service string, lang Lang) (Slip, error) {
	s, err := b.service(service, ActionInfo)
	if err != nil {
		return Slip{}, err
	}
	if err := b.roomFor(ctx, key); err != nil {
		return Slip{}, err
	}
	now := b.clock.Read()
	d, err := b.draft(KindLeafletTaken, now, struct {
		Service string `json:"service"`
		Pack    string `json:"pack"`
	}{s.ID, b.Catalogue().Version})
	if err != nil {
		return Slip{}, err
	}
	slip, err := b.book.AddSlip(ctx, b.newSlip(key, ActionInfo, s, lang, now), d)
	if err != nil {
		return Slip{}, err
	}
	b.enqueue(slip, b.leafletReceipt(s, slip))
	return slip, nil
}
