package boothd

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"redstation/kiosk"
)

// A disk of 1 GiB whose room a test sets.
func TestTheDiskIsWatchedAndTheBallastComesAndGoes(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		const size = 1 << 30
		var used atomic.Int64 // percent
		full := make(chan struct{}, 1)
		var told []kiosk.Storage
		dropped := 0
		s := &storage{dir: dir, log: slog.New(slog.DiscardHandler), full: full,
			disk: func() (uint64, uint64, bool) { return uint64(size * (100 - used.Load()) / 100), size, true },
			note: func(state kiosk.Storage, _ float64) {
				if len(told) == 0 || told[len(told)-1] != state {
					told = append(told, state)
				}
			},
			drop: []func(context.Context) error{func(context.Context) error { dropped++; return nil }}}
		ballast := func() bool {
			info, err := os.Stat(filepath.Join(dir, ballastName))
			return err == nil && info.Size() == ballastSize
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.run(ctx) }()
		at := func(percent int64, want bool) {
			t.Helper()
			used.Store(percent)
			time.Sleep(storageEvery + time.Second)
			if synctest.Wait(); ballast() != want {
				t.Errorf("at %v %%: ballast %v, want %v", percent, ballast(), want)
			}
		}
		at(50, true)
		at(81, true)
		at(91, true)
		at(96, false)
		at(94, false) // still full: it is not yet far enough below
		at(91, false)
		at(86, false) // room again, but not enough for the ballast
		at(60, true)
		full <- struct{}{} // a write found no room, whatever the numbers say
		at(60, false)
		time.Sleep(2 * time.Minute)
		at(60, true)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		want := []kiosk.Storage{"room", "warn", "tight", "full", "tight", "warn", "room", "full", "room"}
		if !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		if dropped != 3 {
			t.Errorf("caches were dropped %d times, want at the way into tight and at each into full: 3", dropped)
		}
	})
}

// What can be made again goes before a resident is refused, even where the disk fills
// from one look to the next.
func TestRoomIsMadeBeforeAnythingIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name        string
		percent     uint64 // the disk fills up to
		made        uint64 // and so much of it is given back
		want        kiosk.Storage
		wantBallast bool
	}{
		{"enough is given back", 97, 12, kiosk.StorageWarn, true},
		{"it is tight then", 96, 4, kiosk.StorageTight, true},
		{"nothing is given back", 96, 0, kiosk.StorageFull, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const size = 1 << 30
			used, told := uint64(50), []kiosk.Storage{}
			s := &storage{dir: t.TempDir(), log: slog.New(slog.DiscardHandler),
				disk: func() (uint64, uint64, bool) { return size * (100 - used) / 100, size, true },
				note: func(state kiosk.Storage, _ float64) { told = append(told, state) },
				drop: []func(context.Context) error{func(context.Context) error { used -= tt.made; return nil }}}
			s.look(t.Context())
			s.look(t.Context()) // the ballast is taken
			used = tt.percent
			s.look(t.Context())
			if !slices.Equal(told, []kiosk.Storage{"room", "room", tt.want}) {
				t.Errorf("told %v, want %s in the end and nothing worse before", told, tt.want)
			}
			if _, err := os.Stat(filepath.Join(s.dir, ballastName)); (err == nil) != tt.wantBallast {
				t.Errorf("ballast: %v, want it there: %v", err, tt.wantBallast)
			}
		})
	}
}
