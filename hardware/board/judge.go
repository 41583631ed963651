package board

import (
	"time"

	"redstation/kiosk"
)

// settleFor is how long a reading must have been better before its grade is: a
// supply that sags every few seconds is one trouble, not hundreds.
const settleFor = 2 * time.Minute

// Judge grades readings. It remembers, so that a reading on the border does not go
// to and fro: a grade gets worse at once, and better only when the reading is better
// by some slack for two minutes without a break. A reading that is not told any more
// counts as a good one. The zero value is ready; it knows only readings and times.
type Judge struct {
	rows []verdict
}

// verdict is the grade of one row of limits.
type verdict struct {
	grade  kiosk.Grade
	better time.Duration // since when the reading has been better; -1 = it is not
}

// limits is one row of the rules. A vital may have more than one.
type limits struct {
	vital kiosk.Vital
	read  func(*kiosk.Health) (float64, bool)
	warn  float64
	bad   float64
	slack float64
	low   bool // what lies below the limits is bad, not what lies above
}

// never is a limit that no reading reaches.
const never = 1e18

// rules are the limits and where they come from.
func rules() []limits {
	return []limits{
		// A Pi slows down at 80 °C and more so at 85 (raspberrypi.com, frequency management).
		{kiosk.VitalCPU, number(func(h *kiosk.Health) *float64 { return h.CPUCelsius }), 75, 82, 3, false},
		{kiosk.VitalVoltage, flag(func(h *kiosk.Health) *bool { return h.UnderVoltage }), never, 1, 0, false},
		{kiosk.VitalSpeed, flag(func(h *kiosk.Health) *bool { return h.Throttled }), 1, never, 0, false},
		{kiosk.VitalSpeed, flag(func(h *kiosk.Health) *bool { return h.TempLimited }), 1, never, 0, false},
		{kiosk.VitalMemory, share(func(h *kiosk.Health) (free, of *int64) { return h.MemoryFreeMiB, h.MemoryMiB }), 10, 5, 2, true},
		{kiosk.VitalLoad, loadPerCore, 2, never, 0.5, false},
		{kiosk.VitalDisk, share(func(h *kiosk.Health) (free, of *int64) { return h.DiskFreeMiB, h.DiskMiB }), 20, 10, 2, true},
		{kiosk.VitalCard, worn, 80, 100, 0, false},
		{kiosk.VitalCard, spare, 1, 2, 0, false},
		// Panels and thermal paper are made for 0 to 40 °C or so, and little for frost.
		{kiosk.VitalAir, number(func(h *kiosk.Health) *float64 { return h.AirCelsius }), 40, 50, 2, false},
		{kiosk.VitalAir, number(func(h *kiosk.Health) *float64 { return h.AirCelsius }), 0, -10, 2, true},
		{kiosk.VitalHumidity, number(func(h *kiosk.Health) *float64 { return h.AirHumidityPercent }), 80, 90, 3, false},
	}
}

// Judge returns the reading with its grades; now is any time that only moves forward.
func (j *Judge) Judge(h kiosk.Health, now time.Duration) kiosk.Health {
	h.State, h.Grades = kiosk.GradeOK, map[kiosk.Vital]kiosk.Grade{}
	for i, r := range rules() {
		if i == len(j.rows) {
			j.rows = append(j.rows, verdict{kiosk.GradeOK, -1})
		}
		g := j.rows[i].take(r.grade(&h, j.rows[i].grade), now)
		if g.Worse(h.Grades[r.vital]) {
			h.Grades[r.vital] = g
		}
		if g.Worse(h.State) {
			h.State = g
		}
	}
	return h
}

// grade grades one reading; one that was bad is bad up to the limit less the slack.
func (r limits) grade(h *kiosk.Health, was kiosk.Grade) kiosk.Grade {
	v, told := r.read(h)
	if !told {
		return kiosk.GradeOK
	}
	over := func(limit float64, grade kiosk.Grade) bool {
		slack := 0.0
		if !grade.Worse(was) {
			slack = r.slack
		}
		if r.low {
			return v < limit+slack
		}
		return v >= limit-slack
	}
	switch {
	case over(r.bad, kiosk.GradeBad):
		return kiosk.GradeBad
	case over(r.warn, kiosk.GradeWarn):
		return kiosk.GradeWarn
	}
	return kiosk.GradeOK
}

// take lets a new grade in: a worse one at once, a better one when it has lasted.
func (v *verdict) take(g kiosk.Grade, now time.Duration) kiosk.Grade {
	switch {
	case !v.grade.Worse(g):
		v.grade, v.better = g, -1
	case v.better < 0:
		v.better = now
	case now-v.better >= settleFor:
		v.grade, v.better = g, -1
	}
	return v.grade
}

func number(of func(*kiosk.Health) *float64) func(*kiosk.Health) (float64, bool) {
	return func(h *kiosk.Health) (float64, bool) {
		if v := of(h); v != nil {
			return *v, true
		}
		return 0, false
	}
}

func flag(of func(*kiosk.Health) *bool) func(*kiosk.Health) (float64, bool) {
	return func(h *kiosk.Health) (float64, bool) {
		if v := of(h); v == nil || !*v {
			return 0, v != nil
		}
		return 1, true
	}
}

// share is what is free, in percent.
func share(of func(*kiosk.Health) (free, of *int64)) func(*kiosk.Health) (float64, bool) {
	return func(h *kiosk.Health) (float64, bool) {
		free, all := of(h)
		if free == nil || all == nil || *all <= 0 {
			return 0, false
		}
		return 100 * float64(*free) / float64(*all), true
	}
}

func loadPerCore(h *kiosk.Health) (float64, bool) {
	if h.Load1 == nil || h.Cores == 0 {
		return 0, false
	}
	return *h.Load1 / float64(h.Cores), true
}

func worn(h *kiosk.Health) (float64, bool) {
	if h.CardWornPercent == nil {
		return 0, false
	}
	return float64(*h.CardWornPercent), true
}

func spare(h *kiosk.Health) (float64, bool) {
	switch h.CardReserve {
	case kiosk.ReserveUrgent:
		return 2, true
	case kiosk.ReserveLow:
		return 1, true
	}
	return 0, h.CardReserve != ""
}
