package boothd

import (
	"context"
	"log/slog"
	"time"
)

// At night the book's house is kept: bodies whose time is over are emptied, and once a
// week the whole book is looked at. A booth that is switched off at night empties its
// book half an hour after it was started, too; its pages are looked at in each start.
const (
	firstKeep  = 30 * time.Minute
	nightFrom  = 2 // o'clock in the city
	nightTo    = 5
	auditEvery = 7 * 24 * time.Hour
)

// keepNight keeps house until ctx ends.
func (b *Booth) keepNight(ctx context.Context) error {
	audited := time.Now()
	wait := firstKeep
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		b.purge(ctx)
		if hour := b.kiosk.Now().Wall.In(b.kiosk.Zone()).Hour(); hour >= nightFrom && hour < nightTo && time.Since(audited) >= auditEvery {
			audited = time.Now()
			if err := b.book.Audit(ctx); err != nil && ctx.Err() == nil {
				b.log.ErrorContext(ctx, "book not checked", slog.Any("err", err))
			}
		}
		wait = untilNight(b.kiosk.Now().Wall.In(b.kiosk.Zone()))
	}
}

// untilNight returns how long it is to the middle of the next night's hours.
func untilNight(now time.Time) time.Duration {
	next := time.Date(now.Year(), now.Month(), now.Day(), (nightFrom+nightTo)/2, 0, 0, 0, now.Location())
	if !next.After(now.Add(time.Hour)) {
		next = next.AddDate(0, 0, 1)
	}
	return next.Sub(now)
}

// purge empties what is over, where the clock can be trusted.
func (b *Booth) purge(ctx context.Context) {
	now := b.kiosk.Now()
	if !now.State.Trusted() {
		return
	}
	n, err := b.book.Purge(ctx, now.Wall)
	if err != nil && ctx.Err() == nil {
		b.log.ErrorContext(ctx, "book not purged", slog.Any("err", err))
	} else if n > 0 {
		b.log.InfoContext(ctx, "book purged", slog.Int("bodies", n))
	}
}
