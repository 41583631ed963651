package kiosk

import "time"

// ServiceDay is the day that tickets are counted in. It is kept in the book and
// only moves forward, so that no wrong clock, midnight or restored backup makes a
// booth issue a number twice. Where the order of days cannot be kept (a trusted
// clock says that the stored day lies in the future), or where the book may have
// missed numbers that were handed out (a roll-back, a long gap within a day),
// the day goes on in a new series, which shows in the ticket's label.
type ServiceDay struct {
	Date   string // YYYY-MM-DD in the city's zone
	Peak   string // the latest date that was ever a service day
	Series int    // 0 = none; 1 = A, 2 = B ...
}

// LongGap is how long a booth may have been silent within a service day before
// its numbers go on in a new series: a backup restored in place would look like that.
const LongGap = 10 * time.Minute

// Advance returns the day that follows from a look at the clock. date is the
// wall clock's date in the city's zone.
func (d ServiceDay) Advance(date string, trusted bool) ServiceDay {
	switch {
	case d.Date == "" || date > d.Peak:
		return ServiceDay{Date: date, Peak: date}
	case date > d.Date: // between a corrected day and the peak: the series goes on
		d.Date = date
	case date < d.Date && trusted && daysBetween(date, d.Date) > 1:
		d.Date = date // the stored day was wrong; what was issued under it keeps its series
		d.Series++
	}
	return d
}

// Resume returns the day as it goes on after the program starts again: in a new
// series where the clock of the last record and the clock now lie further apart
// than a restart takes.
func (d ServiceDay) Resume(last, now time.Time) ServiceDay {
	if last.IsZero() || now.Sub(last).Abs() <= LongGap {
		return d
	}
	return d.NewSeries()
}

// NewSeries returns the day going on in the next series.
func (d ServiceDay) NewSeries() ServiceDay {
	if d.Date != "" {
		d.Series++
	}
	return d
}

// SeriesLabel returns "" for the first series, then A to Z without I and O, then AA.
func (d ServiceDay) SeriesLabel() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	label := ""
	for n := d.Series; n > 0; n = (n - 1) / len(letters) {
		label = string(letters[(n-1)%len(letters)]) + label
	}
	return label
}

func daysBetween(a, b string) int {
	ta, errA := time.Parse(time.DateOnly, a)
	tb, errB := time.Parse(time.DateOnly, b)
	if errA != nil || errB != nil {
		return 0
	}
	return int(tb.Sub(ta).Hours() / 24)
}
