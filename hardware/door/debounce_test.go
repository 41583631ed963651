package door_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"redstation/hardware/door"
	"redstation/kiosk"
)

var start = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)

// reading is the contact's level at a time after the start.
type reading struct {
	at   time.Duration
	open bool
}

func TestDebounce(t *testing.T) {
	const ms = time.Millisecond
	const o, c, l = kiosk.DoorOpened, kiosk.DoorClosed, kiosk.DoorLeftOpen
	for _, tt := range []struct {
		name     string
		readings []reading
		want     []kiosk.DoorEvent
	}{
		{"closed at the start is no event", []reading{{0, false}, {60 * ms, false}}, nil},
		{"open at the start is opened", []reading{{0, true}, {50 * ms, true}}, []kiosk.DoorEvent{o}},
		{"open and close", []reading{{0, false}, {60 * ms, false}, {100 * ms, true}, {150 * ms, true}, {200 * ms, false}, {250 * ms, false}}, []kiosk.DoorEvent{o, c}},
		{"49 ms are not enough", []reading{{0, false}, {60 * ms, false}, {100 * ms, true}, {149 * ms, true}, {150 * ms, false}, {250 * ms, false}}, nil},
		{"bounces begin the time anew", []reading{{0, false}, {60 * ms, false}, {100 * ms, true}, {130 * ms, false}, {140 * ms, true}, {160 * ms, true}, {190 * ms, true}}, []kiosk.DoorEvent{o}},
		{"left open is told once", []reading{{0, true}, {time.Second, true}, {2 * time.Minute, true}, {9 * time.Minute, true}}, []kiosk.DoorEvent{o, l}},
		{"and again at the next opening", []reading{{0, true}, {time.Second, true}, {2 * time.Minute, true}, {3 * time.Minute, false}, {4 * time.Minute, false}, {5 * time.Minute, true}, {6 * time.Minute, true}, {8 * time.Minute, true}}, []kiosk.DoorEvent{o, l, c, o, l}},
		{"the limit counts from the opening", []reading{{0, true}, {time.Second, true}, {2*time.Minute - ms, true}}, []kiosk.DoorEvent{o}},
		{"a door that is closing is not left open", []reading{{0, true}, {time.Second, true}, {2*time.Minute + ms, false}, {3 * time.Minute, false}}, []kiosk.DoorEvent{o, c}},
		{"a clock that runs backwards stands still", []reading{{time.Hour, false}, {time.Hour + 60*ms, false}, {0, true}, {30 * time.Minute, true}, {time.Hour + 110*ms, true}}, []kiosk.DoorEvent{o}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var d door.Debouncer
			var got []kiosk.DoorEvent
			for _, r := range tt.readings {
				if e := d.Feed(r.open, start.Add(r.at)); e != "" {
					got = append(got, e)
				}
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got %v, want %v", got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Fatalf("got %v, want %v", got, tt.want)
				}
			}
		})
	}
}

func TestNextSaysWhenToReadAgain(t *testing.T) {
	var d door.Debouncer
	at := start
	feed := func(open bool, after, want time.Duration) {
		t.Helper()
		at = at.Add(after)
		d.Feed(open, at)
		if got := d.Next(at); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	feed(false, 0, 50*time.Millisecond)
	feed(false, 30*time.Millisecond, 20*time.Millisecond)
	feed(false, 20*time.Millisecond, time.Hour)
	feed(true, time.Minute, 50*time.Millisecond)
	feed(true, 50*time.Millisecond, 2*time.Minute-50*time.Millisecond)
	feed(true, 2*time.Minute, time.Hour)
}

// TestDebounceAlways feeds any readings and checks what must hold for all of them.
func TestDebounceAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := door.Debouncer{Stable: 50 * time.Millisecond, LeftOpen: time.Second}
		var last kiosk.DoorEvent
		now, since, level, opened := start, start, false, start
		for i := range rapid.IntRange(1, 300).Draw(t, "readings") {
			now = now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "ms")) * time.Millisecond)
			open := rapid.Bool().Draw(t, "open")
			if i == 0 || open != level {
				level, since = open, now
			}
			e := d.Feed(open, now)
			steady := now.Sub(since) >= 50*time.Millisecond
			switch e {
			case kiosk.DoorOpened:
				if !open || !steady || last == kiosk.DoorOpened || last == kiosk.DoorLeftOpen {
					t.Fatalf("opened after %q, open %v, steady %v", last, open, steady)
				}
				opened = since
			case kiosk.DoorClosed:
				if open || !steady || last == "" || last == kiosk.DoorClosed {
					t.Fatalf("closed after %q, open %v, steady %v", last, open, steady)
				}
			case kiosk.DoorLeftOpen:
				if last != kiosk.DoorOpened || !open || now.Sub(opened) < time.Second {
					t.Fatalf("left open after %q, open %v, %v after the opening", last, open, now.Sub(opened))
				}
			}
			if e != "" {
				last = e
			}
			isOpen := last == kiosk.DoorOpened || last == kiosk.DoorLeftOpen
			if steady && isOpen != open {
				t.Fatalf("the contact was %v for %v and the last event is %q", open, now.Sub(since), last)
			}
			if n := d.Next(now); n < 0 || n > time.Hour {
				t.Fatalf("next reading in %v", n)
			}
		}
	})
}
