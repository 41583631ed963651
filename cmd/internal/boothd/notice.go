package boothd

import (
	"context"
	"log/slog"

	"redstation/kiosk"
	"redstation/kiosk/sqlite"
)

// showNotices shows what the city has to say. A notice that makes no sense here is
// passed over: the others must be seen.
func (b *Booth) showNotices(ctx context.Context, store *sqlite.FeedDB) {
	items, err := store.Items(ctx, kiosk.FeedCity, kiosk.ItemNotice)
	if err != nil {
		b.log.ErrorContext(ctx, "notices of the city not read", slog.Any("err", err))
		return
	}
	var all []kiosk.CityNotice
	for _, i := range items {
		n, err := kiosk.ParseNotice(i)
		if err != nil {
			b.log.ErrorContext(ctx, "notice of the city refused", slog.String("notice", i.ID), slog.Any("err", err))
			continue
		}
		all = append(all, n)
	}
	b.kiosk.TellNotices(all, store.Lease)
}

// countNotices writes down what time it surely is, once a notice has ended: it must
// stay down over a restart without a clock.
func (b *Booth) countNotices(ctx context.Context) {
	store := b.intake.live.Load()
	if store == nil {
		return
	}
	if _, err := store.Count(ctx, b.book.Boot().ID, b.clock.Read()); err != nil && ctx.Err() == nil {
		b.log.WarnContext(ctx, "end of a notice not written down", slog.Any("err", err))
	}
}
