package kiosk_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"redstation/kiosk"
)

func TestServiceDays(t *testing.T) {
	monday := kiosk.ServiceDay{Date: "2026-11-23", Peak: "2026-11-23"}
	for _, row := range []struct {
		name    string
		from    kiosk.ServiceDay
		date    string
		trusted bool
		want    kiosk.ServiceDay
	}{
		{"the first day", kiosk.ServiceDay{}, "2026-11-23", false, monday},
		{"the same day", monday, "2026-11-23", true, monday},
		{"the next day begins at the first series", monday.NewSeries(), "2026-11-24", true, kiosk.ServiceDay{Date: "2026-11-24", Peak: "2026-11-24"}},
		{"an untrusted clock behind changes nothing", monday, "1970-01-01", false, monday},
		{"a trusted clock one day behind changes nothing", monday, "2026-11-22", true, monday},
		{"a trusted clock far behind corrects the day", kiosk.ServiceDay{Date: "2036-01-01", Peak: "2036-01-01"}, "2026-11-23", true,
			kiosk.ServiceDay{Date: "2026-11-23", Peak: "2036-01-01", Series: 1}},
		{"after a correction the series goes on", kiosk.ServiceDay{Date: "2026-11-23", Peak: "2036-01-01", Series: 1}, "2026-11-24", true,
			kiosk.ServiceDay{Date: "2026-11-24", Peak: "2036-01-01", Series: 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := row.from.Advance(row.date, row.trusted); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

// Whatever the clock does, and however often the program starts, no label is
// given twice by a book that is not restored.
func TestNoClockMakesALabelTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := map[string]bool{}
		numbers := map[string]int{}
		var day kiosk.ServiceDay
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			date := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(-40, 40).Draw(t, "day")).Format(time.DateOnly)
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				day = day.NewSeries()
			}
			day = day.Advance(date, rapid.Bool().Draw(t, "trusted"))
			queue := fmt.Sprint(day.Date, day.Series)
			numbers[queue]++
			label := day.Date + kiosk.TicketLabel("L", day, numbers[queue])
			if seen[label] {
				t.Fatalf("label %s twice", label)
			}
			seen[label] = true
		}
	})
}

func TestSeriesLabels(t *testing.T) {
	for series, want := range map[int]string{0: "", 1: "A", 8: "H", 9: "J", 24: "Z", 25: "AA", 48: "AZ", 49: "BA"} {
		if got := (kiosk.ServiceDay{Date: "x", Series: series}).SeriesLabel(); got != want {
			t.Errorf("series %d: %q, want %q", series, got, want)
		}
	}
}
