package kiosk_test

import (
	"testing"
	"time"

	"redstation/kiosk"
)

func TestALeaseEndsByWhicheverCountWentFurther(t *testing.T) {
	const day = 24 * time.Hour
	began := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		begun, now kiosk.Tally
		want       time.Duration
	}{
		"at once":                               {kiosk.Tally{Uptime: 5 * day, Floor: began}, kiosk.Tally{Uptime: 5 * day, Floor: began}, 30 * day},
		"the machine ran and the clock stood":   {kiosk.Tally{Uptime: 5 * day, Floor: began}, kiosk.Tally{Uptime: 15 * day, Floor: began}, 20 * day},
		"the machine was off for three weeks":   {kiosk.Tally{Uptime: 5 * day, Floor: began}, kiosk.Tally{Uptime: 6 * day, Floor: began.Add(22 * day)}, 8 * day},
		"a clock that was set back gives none":  {kiosk.Tally{Uptime: 5 * day, Floor: began}, kiosk.Tally{Uptime: 7 * day, Floor: began.AddDate(-50, 0, 0)}, 28 * day},
		"nobody ever said the time":             {kiosk.Tally{Uptime: 5 * day}, kiosk.Tally{Uptime: 34 * day}, day},
		"the time was said only later":          {kiosk.Tally{Uptime: 5 * day}, kiosk.Tally{Uptime: 6 * day, Floor: began}, 29 * day},
		"over":                                  {kiosk.Tally{Uptime: 5 * day, Floor: began}, kiosk.Tally{Uptime: 6 * day, Floor: began.Add(31 * day)}, 0},
		"another book's count does not go back": {kiosk.Tally{Uptime: 5 * day, Floor: began}, kiosk.Tally{Uptime: day, Floor: began}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := kiosk.Lease{Begun: tt.begun, Term: 30 * day}
			if got := l.Left(tt.now); got != tt.want || l.Over(tt.now) != (tt.want == 0) {
				t.Errorf("got %s, over %v; want %s", got, l.Over(tt.now), tt.want)
			}
		})
	}
}
