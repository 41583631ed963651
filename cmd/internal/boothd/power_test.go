package boothd_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/conn/v3/gpio/gpiotest"

	"redstation/cmd/internal/boothd"
	"redstation/cmd/internal/daemon"
	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

// TestABoothWhoseMainsFailStopsInOrder takes the mains away under a booth that
// nobody stops, and looks at what it left.
func TestABoothWhoseMainsFailStopsInOrder(t *testing.T) {
	mains := &gpiotest.Pin{N: "TESTMAINS", Num: -1, EdgesChan: make(chan gpio.Level, 1)}
	if err := gpioreg.Register(mains); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gpioreg.Unregister(mains.N); err != nil {
			t.Error(err)
		}
	})
	var log bytes.Buffer
	c := config(t, &log)
	off := filepath.Join(t.TempDir(), "off")
	c.Power, c.Grace, c.PowerCmd = "gpio:TESTMAINS?active=low", 100*time.Millisecond, "touch '"+off+"'"
	b, err := boothd.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- b.Run(t.Context(), daemon.NoNotifier()) }()
	get(t, b.URL()+"/readyz") // it serves
	mains.EdgesChan <- gpio.Low
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("run: %v, want nil, so that the exit status is 0", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the booth goes on without mains")
	}
	if _, err := os.Stat(off); err == nil {
		t.Error("the machine was switched off before the book was closed")
	}
	if err := b.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if _, err := os.Stat(off); err != nil {
		t.Errorf("the machine was not switched off: %v\n%s", err, &log)
	}
	got := kinds(t, c.Data)
	want := []kiosk.Kind{kiosk.KindPowerFailed, kiosk.KindBoothStopped}
	if len(got) < 2 || !slices.Equal(got[len(got)-2:], want) {
		t.Errorf("the book ends with %v, want %v", got, want)
	}
}

// kinds returns the kinds of the records that a booth left in its folder, but for
// its machine's health.
func kinds(t *testing.T, dir string) []kiosk.Kind {
	t.Helper()
	book, err := sqlite.Open(context.Background(), dir, kiosktest.NewClock(), sqlite.Opts{BootID: kiosk.RandomID()})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	records, err := book.Records(t.Context(), kiosk.Stream{Epoch: book.Epoch()}, 0, 1000, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var list []kiosk.Kind
	for _, r := range records {
		h, err := kiosk.DecodeHeader(r.Header)
		if err != nil {
			t.Fatal(err)
		}
		if h.Kind != kiosk.KindBoardHealth { // which comes when it comes
			list = append(list, h.Kind)
		}
	}
	return list
}
