package boothd

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"redstation/hardware/door"
	"redstation/kiosk"
)

func TestADeviceIsOpenedAgainUntilItIsThere(t *testing.T) {
	gone := kiosk.Errorf(kiosk.CodeUnavailable, "error.device", "gone")
	for _, tt := range []struct {
		name  string
		opens []error         // what opening answers, in turn
		uses  []time.Duration // how long the device stays, in turn
		want  []bool
	}{
		{"there from the start", []error{nil}, []time.Duration{time.Hour}, []bool{true}},
		{"never there", []error{gone, gone, gone, gone}, nil, []bool{false}},
		{"there at the third try", []error{gone, gone, nil}, []time.Duration{time.Hour}, []bool{false, true}},
		{"lost and found", []error{nil, gone, nil}, []time.Duration{5 * time.Second, time.Hour}, []bool{true, false, true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				opened, used := 0, 0
				l, err := openLazy("thing", "gpio:GPIO1", reopenAfter, slog.New(slog.DiscardHandler), func() (int, error) {
					opened++
					return opened, tt.opens[min(opened, len(tt.opens))-1]
				})
				if err != nil {
					t.Fatal(err)
				}
				var got []bool
				ctx, stop := context.WithTimeout(t.Context(), 35*time.Second)
				defer stop()
				err = l.run(ctx, func(there bool) { got = append(got, there) }, func(ctx context.Context, n int) error {
					if n != opened {
						t.Errorf("device %d is used, want %d", n, opened)
					}
					used++
					select {
					case <-ctx.Done():
						return nil
					case <-time.After(tt.uses[used-1]):
						return gone
					}
				})
				if err != nil {
					t.Errorf("run: %v", err)
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestAMistypedDeviceIsRefused(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	_, err := openLazy("thing", "gpio:GPIO1", reopenAfter, log, func() (int, error) { return 0, kiosk.Errorf(kiosk.CodeInvalid, "error.device", "no such name") })
	if kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("got %v, want code invalid", err)
	}
	if _, err := openLazy("thing", "gpio:GPIO1", reopenAfter, log, func() (int, error) { return 0, errors.New("not yet") }); err != nil {
		t.Errorf("got %v, want nil for what may be mended", err)
	}
}

func TestADoorThatIsNotThereIsADeadLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := openDoor("gpio:NOSUCHPIN", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		tries := 0
		d.open = func() (*door.Door, error) {
			if tries++; tries < 3 {
				return nil, errors.New("not yet")
			}
			return door.Open("sim:", door.Opts{})
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		var got []kiosk.DoorEvent
		if err := d.watch(ctx, func(e kiosk.DoorEvent) { got = append(got, e) }); err != nil {
			t.Fatal(err)
		}
		if want := []kiosk.DoorEvent{kiosk.DoorLost, kiosk.DoorBack}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestABeaconTakesCallsWhileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := openBeacon("light", "sim:", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		done := make(chan error)
		go func() { done <- b.watch(ctx) }()
		if err := b.Call(kiosk.AttentionTry); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		if !b.first.Sim().IsOn() {
			t.Error("the call lights nothing")
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if err := b.Call(kiosk.AttentionTry); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
			t.Errorf("after the end: got %v, want code unavailable", err)
		}
	})
}
