package sqlite_test

import (
	"slices"
	"testing"
	"time"

	"redstation/kiosk"
)

// noted returns the kinds and facts that the booth has written since its start.
func (r *rig) noted() []string {
	r.t.Helper()
	var list []string
	records := r.records()
	for i, h := range r.headers() {
		if h.Kind != kiosk.KindBoothStarted && h.Kind != kiosk.KindBoothEnrolled && h.Kind != kiosk.KindEpochBegun {
			list = append(list, string(h.Kind)+" "+string(records[i].Facts))
		}
	}
	return list
}

func (r *rig) expect(want ...string) {
	r.t.Helper()
	if got := r.noted(); !slices.Equal(got, want) {
		r.t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnOpeningAtNightIsNotedBesideTheOpening(t *testing.T) {
	for _, tt := range []struct {
		name  string
		wall  string // UTC; the city is eight hours ahead
		state kiosk.ClockState
		want  []string
	}{
		{"at night", "2026-11-23T15:30:00Z", kiosk.ClockNTP, []string{"door.opened {}", `door.night {"hours":"22:00-06:00"}`, "door.closed {}"}},
		{"at noon", "2026-11-23T04:00:00Z", kiosk.ClockNTP, []string{"door.opened {}", "door.closed {}"}},
		{"at night by a clock that nobody vouches for", "2026-11-23T15:30:00Z", kiosk.ClockRestored, []string{"door.opened {}", "door.closed {}"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			wall, err := time.Parse(time.RFC3339, tt.wall)
			if err != nil {
				t.Fatal(err)
			}
			r.clock.Set(wall, tt.state)
			for _, e := range []kiosk.DoorEvent{kiosk.DoorOpened, kiosk.DoorClosed} {
				if err := r.NoteDoor(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
			r.expect(tt.want...)
		})
	}
}

func TestADeadDoorLineIsNotedOnceAndOnceWhenItIsBack(t *testing.T) {
	r := newRig(t)
	for _, e := range []kiosk.DoorEvent{kiosk.DoorBack, kiosk.DoorFlapping, kiosk.DoorCut, kiosk.DoorLost, kiosk.DoorBack, kiosk.DoorBack, kiosk.DoorLost} {
		if err := r.NoteDoor(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	r.expect(`door.dead {"why":"flapping"}`, "door.back {}", `door.dead {"why":"lost"}`)
	if s := r.Status(); s.DoorFault != kiosk.DoorLost || s.DoorCount != 0 {
		t.Errorf("got fault %q after %d door events, want lost and none", s.DoorFault, s.DoorCount)
	}
	if err := r.NoteDoor(t.Context(), "ajar"); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("got %v, want code invalid", err)
	}
}

func TestHealthIsNotedWithWhatIsKnown(t *testing.T) {
	r := newRig(t)
	if r.Health().State != "" {
		t.Errorf("got state %q before the first reading, want none", r.Health().State)
	}
	h := kiosk.Health{State: kiosk.GradeWarn, Grades: map[kiosk.Vital]kiosk.Grade{kiosk.VitalCPU: kiosk.GradeWarn}, CPUCelsius: new(76.5)}
	for _, h := range []kiosk.Health{h, {State: kiosk.GradeOK}} {
		if err := r.NoteHealth(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		if !r.Health().SameGrades(h) {
			t.Errorf("got %v, want %v", r.Health(), h)
		}
	}
	r.expect(`board.health {"state":"warn","grades":{"cpu":"warn"},"cpu_celsius":76.5}`, `board.health {"state":"ok"}`)
}
