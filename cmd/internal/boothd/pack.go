package boothd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"redstation/kiosk"
	"redstation/kiosk/catalog"
)

// goodPack is the file of the last content pack of the city that could be offered:
// it stays in force where a later one has faults, over a restart, too.
const goodPack = "pack.zip"

// offerPack offers the city's content pack, if there is one. One that has faults is
// refused, and what was offered before stays.
func (b *Booth) offerPack(ctx context.Context) {
	if b.intake.fixed {
		return
	}
	packs, err := b.intake.store.Items(ctx, kiosk.FeedCity, kiosk.ItemPack)
	if err != nil {
		b.log.ErrorContext(ctx, "content pack of the city not read", slog.Any("err", err))
		return
	}
	if len(packs) == 0 {
		b.withoutPack(ctx)
		return
	}
	body := packs[len(packs)-1].Body
	c, err := catalog.Read(body)
	if err != nil {
		b.log.ErrorContext(ctx, "content pack of the city refused", slog.Any("err", err))
		b.offerKept(ctx)
		b.kiosk.NoteIntake(func(in *kiosk.Intake) { in.Refused = true })
		return
	}
	b.offerCity(ctx, c)
	if err := b.keepPack(body); err != nil {
		b.log.WarnContext(ctx, "content pack not kept", slog.Any("err", err))
	}
}

func (b *Booth) offerCity(ctx context.Context, c *kiosk.Catalogue) {
	if c.Version != b.kiosk.Catalogue().Version {
		b.log.InfoContext(ctx, "content pack of the city offered", slog.String("version", c.Version))
	}
	b.kiosk.Offer(c)
	b.kiosk.NoteIntake(func(in *kiosk.Intake) { in.Pack, in.Refused = c.Version, false })
}

// withoutPack offers what the booth has of its own where the city has taken its pack
// back. Where it has not been heard yet, the last good one holds.
func (b *Booth) withoutPack(ctx context.Context) {
	at, err := b.intake.store.Cursors(ctx)
	if err != nil || at[kiosk.FeedCity] == 0 {
		b.offerKept(ctx)
		return
	}
	b.kiosk.Offer(b.intake.own)
	b.kiosk.NoteIntake(func(in *kiosk.Intake) { in.Pack, in.Refused = "", false })
	if err := os.Remove(filepath.Join(b.dir, goodPack)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.log.WarnContext(ctx, "content pack not removed", slog.Any("err", err))
	}
}

// offerKept offers the last good pack, unless one of the city is offered already.
func (b *Booth) offerKept(ctx context.Context) {
	if b.kiosk.Status().Intake.Pack != "" {
		return
	}
	body, err := os.ReadFile(filepath.Join(b.dir, goodPack))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var c *kiosk.Catalogue
	if err == nil {
		c, err = catalog.Read(body)
	}
	if err != nil {
		b.log.WarnContext(ctx, "last good content pack not read", slog.Any("err", err))
		return
	}
	b.offerCity(ctx, c)
}

// keepPack stores a pack that was good.
func (b *Booth) keepPack(body []byte) error {
	path := filepath.Join(b.dir, goodPack)
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, body) {
		return nil
	}
	if err := os.WriteFile(path+".new", body, 0o600); err != nil {
		return fmt.Errorf("keep content pack: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("keep content pack: %w", err)
	}
	return nil
}
