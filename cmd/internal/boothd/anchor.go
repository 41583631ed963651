package boothd

import (
	"context"
	"log/slog"
	"time"

	"redstation/kiosk"
)

// clockLook is how often the clock is looked at, to learn that a time server has set it.
const clockLook = 10 * time.Second

// runClock offers the book what the clock says until ctx ends. A battery clock is
// heard at the first look.
func (b *Booth) runClock(ctx context.Context) error {
	t := time.NewTicker(clockLook)
	defer t.Stop()
	for {
		if err := b.kiosk.NoteClock(ctx); err != nil && ctx.Err() == nil {
			b.log.ErrorContext(ctx, "time not noted", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// hearHub takes the hub's signed time from an answer to a request that began trip
// ago: the hub said it at some moment in between.
func (b *Booth) hearHub(hub time.Time, trip time.Duration) {
	if hub.Before(b.clock.built) {
		return // the hub's own clock is wrong
	}
	ctx, since, half := context.Background(), b.clock.Read().Since, trip/2
	b.clock.Anchor(hub.Add(half), since)
	if err := b.kiosk.NoteTime(ctx, kiosk.AnchorHub, since, hub.Add(half), half+time.Millisecond); err != nil {
		b.log.ErrorContext(ctx, "time not noted", slog.Any("err", err))
	}
}

// recallHub lets the hub's word of this boot outlive a restart of the program.
func (b *Booth) recallHub(ctx context.Context) error {
	k, err := b.book.Timekeeping(ctx)
	if err == nil && k.Anchor.Source == kiosk.AnchorHub {
		b.clock.Anchor(k.Anchor.True, k.Anchor.Since)
	}
	return err
}

// certificateTime is the time that certificates are checked at: the clock's, but
// never earlier than it is at least.
func (b *Booth) certificateTime() time.Time {
	now, floor := b.clock.AtLeastBuilt(), b.kiosk.Floor()
	if floor.After(now) {
		return floor
	}
	return now
}
