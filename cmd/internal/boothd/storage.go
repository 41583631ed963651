package boothd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"redstation/hardware/board"
	"redstation/kiosk"
)

// The disk that the book lies on is looked at every ten seconds, and at once when a
// write found it full. At 80 % that is told; at 90 % what can be made again is
// dropped, and once more before anything is refused: what counts is how full the disk is
// then. At 95 % nothing new is promised, and the ballast goes: a file of no use but
// that its room is there when the last records need it.
const (
	ballastName  = "ballast"
	ballastSize  = 32 << 20
	storageEvery = 10 * time.Second
	fullFor      = time.Minute // after a write that found no room
	// ballastBelow is how full the disk may be with the ballast in it, in percent.
	ballastBelow = 85
)

// storage keeps an eye on the disk.
type storage struct {
	dir  string
	disk func() (free, size uint64, ok bool)
	full <-chan struct{}               // a write found the disk full
	note func(kiosk.Storage, float64)  // tells the booth
	drop []func(context.Context) error // what can be dropped at 90 %
	log  *slog.Logger

	state kiosk.Storage
	until time.Time // it counts as full until then, whatever the numbers say
}

func (b *Booth) newStorage() *storage {
	return &storage{dir: b.dir, log: b.log, full: b.book.Full(),
		disk: func() (uint64, uint64, bool) { return board.Disk(b.dir) },
		note: func(s kiosk.Storage, used float64) {
			if err := b.kiosk.NoteStorage(context.Background(), s, used); err != nil {
				b.log.Warn("state of the disk not noted", slog.Any("err", err))
			}
		},
		drop: []func(context.Context) error{b.shrinkFeeds, b.book.Shrink}}
}

// run looks until ctx ends.
func (s *storage) run(ctx context.Context) error {
	t := time.NewTicker(storageEvery)
	defer t.Stop()
	for {
		s.look(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-s.full:
			s.until = time.Now().Add(fullFor)
		case <-t.C:
		}
	}
}

// look looks once.
func (s *storage) look(ctx context.Context) {
	filled, used, now, ok := s.measure()
	if !ok {
		return
	}
	was := s.state
	if now != was && (now == kiosk.StorageFull || now == kiosk.StorageTight && was != kiosk.StorageFull) {
		s.makeRoom(ctx)
		filled, used, now, _ = s.measure()
	}
	s.state = now
	switch now {
	case kiosk.StorageFull:
		s.giveUpBallast(ctx)
	case kiosk.StorageTight: // room was made
	case kiosk.StorageRoom, kiosk.StorageWarn:
		// Not at the first look: a booth that starts has better things to do.
		if was != "" && filled < ballastBelow {
			s.takeBallast(ctx)
		}
	}
	s.note(now, used)
}

// measure says how full the disk is, in percent, now and with the ballast in it, and in
// which state that is; ok is false where nobody can tell.
func (s *storage) measure() (withBallast, used float64, now kiosk.Storage, ok bool) {
	free, size, known := s.disk()
	refused := time.Now().Before(s.until)
	if !refused && (!known || size == 0) {
		return 0, 0, "", false
	}
	size = max(size, 1)
	used = 100 * (1 - float64(free)/float64(size))
	withBallast = 100 * (1 - (float64(free)-ballastSize)/float64(size))
	now = kiosk.StorageAt(used, s.state)
	if refused {
		now = kiosk.StorageFull
	}
	return withBallast, used, now, true
}

// makeRoom drops what can be made again.
func (s *storage) makeRoom(ctx context.Context) {
	for _, drop := range s.drop {
		if err := drop(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "room not made", slog.Any("err", err))
		}
	}
}

// giveUpBallast makes room for the last records.
func (s *storage) giveUpBallast(ctx context.Context) {
	switch err := os.Remove(filepath.Join(s.dir, ballastName)); {
	case err == nil:
		s.log.WarnContext(ctx, "ballast given up", "bytes", ballastSize)
	case !errors.Is(err, fs.ErrNotExist):
		s.log.ErrorContext(ctx, "ballast not given up", slog.Any("err", err))
	}
}

// takeBallast makes the ballast where it is missing.
func (s *storage) takeBallast(ctx context.Context) {
	path := filepath.Join(s.dir, ballastName)
	if info, err := os.Stat(path); err == nil && info.Size() == ballastSize {
		return
	}
	if err := writeBallast(path); err != nil {
		s.log.WarnContext(ctx, "ballast not made", slog.Any("err", errors.Join(err, os.Remove(path))))
	}
}

// writeBallast writes zeros, so that the room is taken and not only promised.
func writeBallast(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("make ballast: %w", err)
	}
	block := make([]byte, 1<<20)
	for range ballastSize / len(block) {
		if _, err = f.Write(block); err != nil {
			break
		}
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("make ballast: %w", err)
	}
	return nil
}
