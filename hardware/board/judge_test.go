package board_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"redstation/hardware/board"
	"redstation/kiosk"
)

func TestEachReadingIsGraded(t *testing.T) {
	h := func(set func(*kiosk.Health)) kiosk.Health {
		h := kiosk.Health{Cores: 4}
		set(&h)
		return h
	}
	cpu := func(v float64) kiosk.Health { return h(func(h *kiosk.Health) { h.CPUCelsius = &v }) }
	air := func(v float64) kiosk.Health { return h(func(h *kiosk.Health) { h.AirCelsius = &v }) }
	damp := func(v float64) kiosk.Health { return h(func(h *kiosk.Health) { h.AirHumidityPercent = &v }) }
	load := func(v float64) kiosk.Health { return h(func(h *kiosk.Health) { h.Load1 = &v }) }
	disk := func(free int64) kiosk.Health {
		return h(func(h *kiosk.Health) { h.DiskFreeMiB, h.DiskMiB = &free, new(int64(1000)) })
	}
	memory := func(free int64) kiosk.Health {
		return h(func(h *kiosk.Health) { h.MemoryFreeMiB, h.MemoryMiB = &free, new(int64(1000)) })
	}
	card := func(v int, r kiosk.Reserve) kiosk.Health {
		return h(func(h *kiosk.Health) { h.CardWornPercent, h.CardReserve = &v, r })
	}
	for _, tt := range []struct {
		name  string
		h     kiosk.Health
		vital kiosk.Vital
		want  kiosk.Grade
	}{
		{"74.9 °C", cpu(74.9), kiosk.VitalCPU, kiosk.GradeOK},
		{"75 °C", cpu(75), kiosk.VitalCPU, kiosk.GradeWarn},
		{"82 °C", cpu(82), kiosk.VitalCPU, kiosk.GradeBad},
		{"a full supply", h(func(h *kiosk.Health) { h.UnderVoltage = new(false) }), kiosk.VitalVoltage, kiosk.GradeOK},
		{"a sagging supply", h(func(h *kiosk.Health) { h.UnderVoltage = new(true) }), kiosk.VitalVoltage, kiosk.GradeBad},
		{"one that sagged once", h(func(h *kiosk.Health) { h.UnderVoltageSeen = new(true) }), kiosk.VitalVoltage, kiosk.GradeOK},
		{"throttled", h(func(h *kiosk.Health) { h.Throttled = new(true) }), kiosk.VitalSpeed, kiosk.GradeWarn},
		{"held back by heat", h(func(h *kiosk.Health) { h.TempLimited = new(true) }), kiosk.VitalSpeed, kiosk.GradeWarn},
		{"10 % of the memory", memory(100), kiosk.VitalMemory, kiosk.GradeOK},
		{"9.9 % of the memory", memory(99), kiosk.VitalMemory, kiosk.GradeWarn},
		{"4.9 % of the memory", memory(49), kiosk.VitalMemory, kiosk.GradeBad},
		{"a load of 7.9 on four cores", load(7.9), kiosk.VitalLoad, kiosk.GradeOK},
		{"a load of 8 on four cores", load(8), kiosk.VitalLoad, kiosk.GradeWarn},
		{"20 % of the disk", disk(200), kiosk.VitalDisk, kiosk.GradeOK},
		{"19.9 % of the disk", disk(199), kiosk.VitalDisk, kiosk.GradeWarn},
		{"9.9 % of the disk", disk(99), kiosk.VitalDisk, kiosk.GradeBad},
		{"a card at 70 %", card(70, kiosk.ReserveNormal), kiosk.VitalCard, kiosk.GradeOK},
		{"a card at 80 %", card(80, kiosk.ReserveNormal), kiosk.VitalCard, kiosk.GradeWarn},
		{"a card beyond its life", card(110, kiosk.ReserveNormal), kiosk.VitalCard, kiosk.GradeBad},
		{"a card with few spare blocks", card(10, kiosk.ReserveLow), kiosk.VitalCard, kiosk.GradeWarn},
		{"a card with none", card(10, kiosk.ReserveUrgent), kiosk.VitalCard, kiosk.GradeBad},
		{"a warm booth", air(39), kiosk.VitalAir, kiosk.GradeOK},
		{"a hot booth", air(40), kiosk.VitalAir, kiosk.GradeWarn},
		{"a cold booth", air(-1), kiosk.VitalAir, kiosk.GradeWarn},
		{"a frozen booth", air(-20), kiosk.VitalAir, kiosk.GradeBad},
		{"a dry booth", damp(60), kiosk.VitalHumidity, kiosk.GradeOK},
		{"a damp booth", damp(80), kiosk.VitalHumidity, kiosk.GradeWarn},
		{"a wet booth", damp(90), kiosk.VitalHumidity, kiosk.GradeBad},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var j board.Judge
			got := j.Judge(tt.h, 0)
			want := map[kiosk.Vital]kiosk.Grade{}
			if tt.want != kiosk.GradeOK {
				want[tt.vital] = tt.want
			}
			if got.State != tt.want || !maps.Equal(got.Grades, want) {
				t.Errorf("got %s and %v, want %s and %v", got.State, got.Grades, tt.want, want)
			}
		})
	}
}

func TestTheWorstReadingIsTheState(t *testing.T) {
	var j board.Judge
	h := j.Judge(kiosk.Health{CPUCelsius: new(76.0), AirCelsius: new(-20.0), UnderVoltage: new(true), Throttled: new(false)}, 0)
	want := map[kiosk.Vital]kiosk.Grade{kiosk.VitalCPU: kiosk.GradeWarn, kiosk.VitalAir: kiosk.GradeBad, kiosk.VitalVoltage: kiosk.GradeBad}
	if h.State != kiosk.GradeBad || !maps.Equal(h.Grades, want) {
		t.Errorf("got %s and %v, want bad and %v", h.State, h.Grades, want)
	}
}

func TestAGradeGetsWorseAtOnceAndBetterWhenItLasts(t *testing.T) {
	const none = -1000
	for _, tt := range []struct {
		name    string
		degrees []float64 // a reading every 30 s
		want    string    // the grades, by their first letters
	}{
		{"a rise and a fall", []float64{50, 76, 83, 50, 50, 50, 50, 50, 50}, "owbbbbboo"},
		{"a fall by less than the slack", []float64{76, 73, 73, 73, 73, 73, 73}, "wwwwwww"},
		{"one that breaks off", []float64{76, 50, 50, 50, 76, 50, 50, 50, 50, 50}, "wwwwwwwwwo"},
		{"from bad to warm", []float64{83, 76, 76, 76, 76, 76}, "bbbbbw"},
		{"a sensor that fails now and then", []float64{76, none, 76, none, none, none, none, none}, "wwwwwwwo"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var j board.Judge
			var got []byte
			for i, v := range tt.degrees {
				var h kiosk.Health
				if v != none {
					h.CPUCelsius = &v
				}
				got = append(got, j.Judge(h, time.Duration(i)*30*time.Second).State[0])
			}
			if !slices.Equal(got, []byte(tt.want)) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
