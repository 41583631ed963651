package pins_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"redstation/hardware/pins"
)

var start = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)

// reading is what is read at a time after the start.
type reading struct {
	at time.Duration
	on bool
}

func TestDebounce(t *testing.T) {
	const ms = time.Millisecond
	const b, e, l = pins.Began, pins.Ended, pins.Lasts
	for _, tt := range []struct {
		name     string
		readings []reading
		want     []pins.Change
	}{
		{"nothing at the start is no change", []reading{{0, false}, {60 * ms, false}}, nil},
		{"a signal from the start began", []reading{{0, true}, {50 * ms, true}}, []pins.Change{b}},
		{"on and off", []reading{{0, false}, {60 * ms, false}, {100 * ms, true}, {150 * ms, true}, {200 * ms, false}, {250 * ms, false}}, []pins.Change{b, e}},
		{"49 ms are not enough", []reading{{0, false}, {60 * ms, false}, {100 * ms, true}, {149 * ms, true}, {150 * ms, false}, {250 * ms, false}}, nil},
		{"bounces begin the time anew", []reading{{0, false}, {60 * ms, false}, {100 * ms, true}, {130 * ms, false}, {140 * ms, true}, {160 * ms, true}, {190 * ms, true}}, []pins.Change{b}},
		{"that it lasts is told once", []reading{{0, true}, {time.Second, true}, {2 * time.Minute, true}, {9 * time.Minute, true}}, []pins.Change{b, l}},
		{"and again the next time", []reading{{0, true}, {time.Second, true}, {2 * time.Minute, true}, {3 * time.Minute, false}, {4 * time.Minute, false}, {5 * time.Minute, true}, {6 * time.Minute, true}, {8 * time.Minute, true}}, []pins.Change{b, l, e, b, l}},
		{"the long time counts from the beginning", []reading{{0, true}, {time.Second, true}, {2*time.Minute - ms, true}}, []pins.Change{b}},
		{"a signal that is ending does not last", []reading{{0, true}, {time.Second, true}, {2*time.Minute + ms, false}, {3 * time.Minute, false}}, []pins.Change{b, e}},
		{"a clock that runs backwards stands still", []reading{{time.Hour, false}, {time.Hour + 60*ms, false}, {0, true}, {30 * time.Minute, true}, {time.Hour + 110*ms, true}}, []pins.Change{b}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := pins.Debouncer{Long: 2 * time.Minute}
			var got []pins.Change
			for _, r := range tt.readings {
				if e := d.Feed(r.on, start.Add(r.at)); e != pins.Nothing {
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
	d := pins.Debouncer{Long: 2 * time.Minute}
	at := start
	feed := func(on bool, after, want time.Duration) {
		t.Helper()
		at = at.Add(after)
		d.Feed(on, at)
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
		d := pins.Debouncer{Stable: 50 * time.Millisecond, Long: time.Second}
		var last pins.Change
		now, since, level, began := start, start, false, start
		for i := range rapid.IntRange(1, 300).Draw(t, "readings") {
			now = now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "ms")) * time.Millisecond)
			on := rapid.Bool().Draw(t, "on")
			if i == 0 || on != level {
				level, since = on, now
			}
			e := d.Feed(on, now)
			steady := now.Sub(since) >= 50*time.Millisecond
			switch e {
			case pins.Began:
				if !on || !steady || last == pins.Began || last == pins.Lasts {
					t.Fatalf("began after %v, on %v, steady %v", last, on, steady)
				}
				began = since
			case pins.Ended:
				if on || !steady || last == pins.Nothing || last == pins.Ended {
					t.Fatalf("ended after %v, on %v, steady %v", last, on, steady)
				}
			case pins.Lasts:
				if last != pins.Began || !on || now.Sub(began) < time.Second {
					t.Fatalf("lasts after %v, on %v, %v after the beginning", last, on, now.Sub(began))
				}
			}
			if e != pins.Nothing {
				last = e
			}
			isOn := last == pins.Began || last == pins.Lasts
			if steady && isOn != on {
				t.Fatalf("the signal was %v for %v and the last change is %v", on, now.Sub(since), last)
			}
			if n := d.Next(now); n < 0 || n > time.Hour {
				t.Fatalf("next reading in %v", n)
			}
		}
	})
}
