package kiosk_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"redstation/kiosk"
)

func TestPresenceEndsAfterAWhile(t *testing.T) {
	var p kiosk.Presence
	for _, tt := range []struct{ see, now, left time.Duration }{
		{0, 0, 10 * time.Minute},
		{time.Minute, time.Minute, 10 * time.Minute},
		{time.Minute, 6 * time.Minute, 5 * time.Minute},
		{0, 6 * time.Minute, 5 * time.Minute}, // an older sign takes nothing back
		{0, 11 * time.Minute, 0},
		{0, time.Hour, 0},
		{2 * time.Hour, 2 * time.Hour, 10 * time.Minute},
	} {
		p.See(tt.see)
		if got := p.Left(tt.now); got != tt.left {
			t.Errorf("at %v, seen at %v: got %v, want %v", tt.now, tt.see, got, tt.left)
		}
	}
}

// bubble is a clock on the test's own time.
type bubble struct{ begun time.Time }

func (c bubble) Read() kiosk.Reading {
	return kiosk.Reading{Wall: time.Now(), Since: time.Since(c.begun), State: kiosk.ClockNTP}
}

// diary is a book that takes records and keeps none.
type diary struct{ kiosk.Book }

func (diary) Boot() kiosk.Boot                          { return kiosk.Boot{} }
func (diary) Append(context.Context, kiosk.Draft) error { return nil }

// panel remembers when it was switched.
type panel struct {
	begun  time.Time
	got    []switched
	mended time.Duration // until then it cannot be put out
}

type switched struct {
	at time.Duration
	on bool
}

func (p *panel) Switch(_ context.Context, on bool) error {
	at := time.Since(p.begun)
	p.got = append(p.got, switched{at, on})
	if !on && at < p.mended {
		return errors.New("no display")
	}
	return nil
}

func TestTheScreenGoesDarkWhenNobodyIsThereAndLightsUpAtOnce(t *testing.T) {
	const minute = time.Minute
	for _, tt := range []struct {
		name   string
		mended time.Duration
		play   func(b *kiosk.Booth)
		want   []switched
	}{
		{"nobody", 0, func(*kiosk.Booth) { time.Sleep(time.Hour) },
			[]switched{{0, true}, {10 * minute, false}, {60 * minute, true}}},
		{"somebody in time", 0, func(b *kiosk.Booth) { time.Sleep(9 * minute); b.NotePresence(); time.Sleep(9 * minute) },
			[]switched{{0, true}}},
		{"the door opens", 0, func(b *kiosk.Booth) {
			time.Sleep(30 * minute)
			_ = b.NoteDoor(context.Background(), kiosk.DoorOpened)
			time.Sleep(5 * minute)
		}, []switched{{0, true}, {10 * minute, false}, {30 * minute, true}}},
		{"a scan", 0, func(b *kiosk.Booth) {
			time.Sleep(30 * minute)
			b.NoteScan(kiosk.Scan{Text: "SB1:7K3QF9TZ2M"})
			time.Sleep(5 * minute)
		}, []switched{{0, true}, {10 * minute, false}, {30 * minute, true}}},
		{"the door closes", 0, func(b *kiosk.Booth) {
			time.Sleep(30 * minute)
			_ = b.NoteDoor(context.Background(), kiosk.DoorClosed)
			time.Sleep(5 * minute)
		}, []switched{{0, true}, {10 * minute, false}, {35 * minute, true}}},
		{"a command that fails is tried again, not without end", 12*minute + 30*time.Second, func(*kiosk.Booth) { time.Sleep(23 * minute) },
			[]switched{{0, true}, {10 * minute, false}, {11 * minute, false}, {12 * minute, false}, {13 * minute, false}, {23 * minute, true}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, err := kiosk.New(kiosk.Deps{Book: diary{}, Clock: bubble{time.Now()}})
				if err != nil {
					t.Fatal(err)
				}
				p := &panel{begun: time.Now(), mended: tt.mended}
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error)
				go func() { done <- b.RunScreen(ctx, p, 0) }()
				tt.play(b)
				stop()
				if err := <-done; err != nil {
					t.Errorf("run: %v", err)
				}
				if !slices.Equal(p.got, tt.want) {
					t.Errorf("got %v, want %v", p.got, tt.want)
				}
			})
		})
	}
}
