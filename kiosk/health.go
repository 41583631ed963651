package kiosk

import (
	"context"
	"maps"
)

// Grade is how good a reading of the machine is: a closed sum.
type Grade string

// The grades.
const (
	GradeOK   Grade = "ok"
	GradeWarn Grade = "warn" // it serves; somebody should come one of these days
	GradeBad  Grade = "bad"  // it may stop serving, or lose what it writes, any day
)

// Worse reports whether g is worse than other.
func (g Grade) Worse(other Grade) bool { return g.rank() > other.rank() }

func (g Grade) rank() int {
	switch g {
	case GradeBad:
		return 2
	case GradeWarn:
		return 1
	}
	return 0
}

// Vital is what is graded.
type Vital string

// The vitals.
const (
	VitalCPU      Vital = "cpu"
	VitalVoltage  Vital = "voltage"
	VitalSpeed    Vital = "speed" // the processor is held back, by heat or by a weak supply
	VitalMemory   Vital = "memory"
	VitalLoad     Vital = "load"
	VitalDisk     Vital = "disk"
	VitalCard     Vital = "card"
	VitalAir      Vital = "air"
	VitalHumidity Vital = "humidity"
)

// Health is how the machine is. What the machine does not tell is nil or empty.
type Health struct {
	State  Grade           `json:"state"`
	Grades map[Vital]Grade `json:"grades,omitempty"` // of what is not ok

	CPUCelsius       *float64 `json:"cpu_celsius,omitempty"`
	UnderVoltage     *bool    `json:"under_voltage,omitempty"`      // now
	UnderVoltageSeen *bool    `json:"under_voltage_seen,omitempty"` // since the machine started
	Throttled        *bool    `json:"throttled,omitempty"`
	TempLimited      *bool    `json:"temp_limited,omitempty"` // the soft limit of the temperature holds the processor back
	MemoryFreeMiB    *int64   `json:"memory_free_mib,omitempty"`
	MemoryMiB        *int64   `json:"memory_mib,omitempty"`
	Load1            *float64 `json:"load_1min,omitempty"`
	Cores            int      `json:"cores,omitempty"`
	DiskFreeMiB      *int64   `json:"disk_free_mib,omitempty"` // of the data folder
	DiskMiB          *int64   `json:"disk_mib,omitempty"`
	// CardWornPercent is the upper end of the tenth of its life that the card or
	// eMMC says it is in; 110 = beyond what it was made for.
	CardWornPercent    *int     `json:"card_worn_percent,omitempty"`
	CardReserve        Reserve  `json:"card_reserve,omitempty"`
	AirCelsius         *float64 `json:"air_celsius,omitempty"` // inside the booth
	AirHumidityPercent *float64 `json:"air_humidity_percent,omitempty"`
	UptimeSeconds      *int64   `json:"uptime_s,omitempty"` // of the machine
}

// Reserve says how many spare blocks a card has left.
type Reserve string

// The reserves (JEDEC eMMC 5.0, PRE_EOL_INFO).
const (
	ReserveNormal Reserve = "normal"
	ReserveLow    Reserve = "low"    // 80 % of the spare blocks are used
	ReserveUrgent Reserve = "urgent" // 90 %
)

// SameGrades reports whether nothing got better or worse from h to other.
func (h Health) SameGrades(other Health) bool {
	return h.State == other.State && maps.Equal(h.Grades, other.Grades)
}

// NoteHealth writes how the machine is into the book, and logs it when something got
// better or worse.
func (b *Booth) NoteHealth(ctx context.Context, h Health) error {
	b.mu.Lock()
	before := b.health
	b.health = h
	b.mu.Unlock()
	if h.State != GradeOK && !h.SameGrades(before) {
		b.log.WarnContext(ctx, "machine not well", "state", h.State, "grades", h.Grades)
	} else if h.State == GradeOK && before.State.Worse(GradeOK) {
		b.log.InfoContext(ctx, "machine well again")
	}
	if b.Room() != nil && h.SameGrades(before) {
		return nil // a reading is no reason to use the disk's last room
	}
	return b.note(ctx, KindBoardHealth, h)
}

// Health returns how the machine was when it was last noted; its state is "" before
// the first time. The caller must not change its map.
func (b *Booth) Health() Health {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.health
}
