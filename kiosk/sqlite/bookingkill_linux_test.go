package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

// A place that was shown to somebody is theirs, whenever the power went; and every
// place that is taken is somebody's, with a record that says so.
func TestNoPlaceIsLostOrTakenForNobodyWhenTheBookIsKilled(t *testing.T) {
	dir, shown := fastDir(t), map[string]bool{}
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 9))
		c := hitCalls[random.IntN(5)] // writes and syncs
		e := runChild(t, dir, []string{envWrites + "=30", envBooked + "=1"}, []string{"-e", "trace=" + c.name, "-o", "/dev/null",
			"-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", c.name, 1+random.IntN(c.most))})
		for _, number := range e.shown {
			if shown[number] {
				t.Fatalf("number %s was shown to two residents", number)
			}
			shown[number] = true
		}
		holdPlaces(t, dir, shown)
	}
	if len(shown) == 0 {
		t.Error("no child came to its first booking")
	}
}

// holdPlaces holds what was shown, the places that are taken and the records against
// each other.
func holdPlaces(t *testing.T, dir string, shown map[string]bool) {
	t.Helper()
	ctx := context.Background()
	book, err := sqlite.Open(ctx, dir, kiosktest.NewClock(), sqlite.Opts{BootID: kiosk.RandomID()})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for number := range shown {
		if k, err := book.NumberedBooking(ctx, number); err != nil || k.State != kiosk.SeatBooked {
			t.Errorf("%s was shown, and is %+v, %v", number, k, err)
		}
	}
	heads, err := book.Heads(ctx)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, h := range heads {
		records, err := book.Records(ctx, h.Stream, 0, 1<<20, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if header, err := kiosk.DecodeHeader(r.Header); err == nil && header.Kind == kiosk.KindRegistrationMade {
				made++
			}
		}
	}
	taken, err := book.Taken(ctx, class)
	if err != nil || taken["choir"].Booked != made {
		t.Errorf("%d places are taken, and %d records say so; %v", taken["choir"].Booked, made, err)
	}
}
