package boothd

import (
	"context"
	"log/slog"

	"redstation/kiosk"
)

// learnAssets takes in where the city says that this booth's things are. Trouble is
// logged: what the booth knows by itself stays as it is.
func (b *Booth) learnAssets(ctx context.Context) {
	items, err := b.intake.store.Items(ctx, kiosk.BoothFeed(b.book.Booth()), kiosk.ItemAsset)
	if err == nil {
		err = b.kiosk.LearnAssets(ctx, items)
	}
	if err != nil && kiosk.CodeOf(err) != kiosk.CodeUnavailable { // no contact for a month: nothing is known
		b.log.ErrorContext(ctx, "what is where not learned", slog.Any("err", err))
	}
}
