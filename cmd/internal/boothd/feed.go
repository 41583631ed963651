package boothd

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/sqlite"
	"redstation/sync/agent"
	"redstation/sync/wire"
)

// intake is the booth's end of the city's feeds.
type intake struct {
	store  *sqlite.FeedDB                // nil until the booth is enrolled
	live   atomic.Pointer[sqlite.FeedDB] // the same, for others than the reader of the feeds
	reader atomic.Pointer[agent.Feeds]
	fixed  bool             // the catalogue was chosen at this booth: the city's does not take its place
	own    *kiosk.Catalogue // what is offered while the city sends nothing
}

const (
	leaseEvery  = 10 * time.Minute // between two counts of the time without contact
	intakeAgain = time.Minute      // after the file of the feeds failed
)

// openIntake opens what the booth has of its city's feeds and carries it out once
// more: the content pack is offered before any line is up, and a book that was
// restored from a backup loses again what had been erased.
func (b *Booth) openIntake(ctx context.Context) error {
	e := b.enrolment.Load()
	if e == nil {
		return nil
	}
	fingerprint := wire.Fingerprint(e.HubKey)
	store, err := sqlite.OpenFeeds(ctx, b.dir, e.Booth+" "+hex.EncodeToString(fingerprint[:]), b.log)
	if err != nil {
		return err
	}
	if err := errors.Join(b.eraseAgain(ctx, store, e.Booth), b.dropPapers(ctx, store)); err != nil {
		return errors.Join(err, store.Close())
	}
	b.intake.store = store
	b.intake.live.Store(store)
	b.shelf.store.Store(store)
	b.offerPack(ctx)
	b.showNotices(ctx, store)
	b.learnAssets(ctx)
	return nil
}

// eraseAgain empties those records of the book that the city had erased.
func (b *Booth) eraseAgain(ctx context.Context, store *sqlite.FeedDB, booth string) error {
	ids, err := store.Erased(ctx, kiosk.BoothFeed(booth), kiosk.ItemRecord)
	if err != nil {
		return err
	}
	var erased []kiosk.RecordAt
	for _, id := range ids {
		if at, err := kiosk.ParseRecordAt(id); err == nil {
			erased = append(erased, at)
		}
	}
	return b.book.Erase(ctx, erased...)
}

// runIntake reads the feeds until ctx ends, once the booth is enrolled. What is wrong
// with their file never stops the booth: it is opened again, and thrown away if it
// is damaged.
func (b *Booth) runIntake(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-b.joined:
	}
	for ctx.Err() == nil {
		err := b.readFeeds(ctx)
		if err == nil {
			continue
		}
		b.log.ErrorContext(ctx, "feeds not read", slog.Any("err", err))
		if store := b.intake.store; store != nil {
			b.intake.store = nil
			b.intake.live.Store(nil)
			b.shelf.store.Store(nil)
			if err := store.Close(); err != nil {
				b.log.WarnContext(ctx, "feeds not closed", slog.Any("err", err))
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(intakeAgain):
		}
	}
	return nil
}

// readFeeds reads the feeds until ctx ends or their file fails.
func (b *Booth) readFeeds(ctx context.Context) error {
	if b.intake.store == nil {
		if err := b.openIntake(ctx); err != nil {
			return err
		}
	}
	e := *b.enrolment.Load()
	if b.hub != "" {
		e.Hub = b.hub
	}
	reader, err := agent.NewFeeds(b.intake.store, e, b.key, agent.FeedOpts{
		Log:     b.log,
		Now:     b.certificateTime,
		Line:    b.line,
		Ties:    b.tiesTo(e),
		Erase:   b.book.Erase,
		Changed: b.feedChanged,
		OnContact: func(hub time.Time) {
			b.noteContact(ctx, hub)
		},
		Spread: b.spread(),
	})
	if err != nil {
		return fmt.Errorf("read feeds: %w", err)
	}
	b.intake.reader.Store(reader)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	counted := make(chan error, 1)
	go func() {
		err := b.countLease(ctx)
		if err != nil {
			cancel()
		}
		counted <- err
	}()
	err = reader.Run(ctx)
	cancel()
	return errors.Join(err, <-counted)
}

// shrinkFeeds gives back room that the feeds do not need.
func (b *Booth) shrinkFeeds(ctx context.Context) error {
	if store := b.intake.live.Load(); store != nil {
		return store.Shrink(ctx)
	}
	return nil
}

// toldFeeds is how far the feeds have been carried out.
func (b *Booth) toldFeeds() []wire.FeedAt {
	if r := b.intake.reader.Load(); r != nil {
		return r.Told()
	}
	return nil
}

func (b *Booth) feedChanged(ctx context.Context, feed kiosk.Feed) {
	switch feed {
	case kiosk.FeedCity:
		b.offerPack(ctx)
		b.showNotices(ctx, b.intake.store)
	case kiosk.BoothFeed(b.book.Booth()):
		b.learnAssets(ctx)
	}
	if feed == kiosk.FeedCases && time.Since(b.shelf.tidied) > tidyEvery {
		b.shelf.tidied = time.Now()
		if err := b.dropPapers(ctx, b.intake.store); err != nil && ctx.Err() == nil {
			b.log.WarnContext(ctx, "erased papers not forgotten", slog.Any("err", err))
		}
	}
}

func (b *Booth) noteContact(ctx context.Context, hub time.Time) {
	if err := b.intake.store.Touch(ctx, b.book.Boot().ID, b.clock.Read().Since, hub); err != nil {
		b.log.WarnContext(ctx, "contact with the city not noted", slog.Any("err", err))
	}
	b.kiosk.NoteIntake(func(in *kiosk.Intake) { in.At = hub })
}

// countLease counts how long there has been no contact, so that personal data does
// not outlive its lease.
func (b *Booth) countLease(ctx context.Context) error {
	t := time.NewTicker(leaseEvery)
	defer t.Stop()
	for {
		if _, err := b.intake.store.Count(ctx, b.book.Boot().ID, b.clock.Read()); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}
