package kiosk

import "context"

// PowerEvent is what a supply with a battery tells of the mains.
type PowerEvent string

// The events.
const (
	PowerLost   PowerEvent = "lost"   // the booth runs on its battery
	PowerBack   PowerEvent = "back"   // and no more
	PowerFailed PowerEvent = "failed" // they stayed away: the booth must stop before the battery does
)

// NotePower notes what the supply tells. That the mains failed goes into the book,
// and is on the disk when NotePower returns; mains that come back soon are only
// logged.
func (b *Booth) NotePower(ctx context.Context, e PowerEvent) error {
	b.log.WarnContext(ctx, "power changed", "mains", e)
	if e != PowerFailed {
		return nil
	}
	return b.note(ctx, KindPowerFailed, struct{}{})
}
