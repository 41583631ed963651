package kiosk

import "context"

// FileRequest stores a request. The same key again returns the same slip. The error
// has CodeInvalid with the field that is wrong, CodeNotFound, or CodeUnavailable.
func (b *Booth) FileRequest(ctx context.Context, key ID, service string, answers Answers, lang Lang) (Slip, error) {
	f := formOf(ActionRequest, KindRequestFiled, key, service, answers, lang)
	return b.fill(ctx, f, func(ctx context.Context, p *Paperwork) (Slip, error) {
		return b.book.FileRequest(ctx, p.Slip, p.Capsule, p.Record)
	})
}
