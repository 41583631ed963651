package door_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/conn/v3/gpio/gpiotest"

	"redstation/hardware/door"
	"redstation/kiosk"
)

// quirky is a pin with the faults of real drivers, on a clock of its own: a wait
// takes its time from the script and may report edges that mean nothing.
type quirky struct {
	gpiotest.Pin
	now  time.Time
	play func(p *quirky, timeout time.Duration) bool
	in   func() error
}

func (p *quirky) Read() gpio.Level { return p.L }

func (p *quirky) WaitForEdge(timeout time.Duration) bool {
	if timeout <= 0 {
		panic("a wait of zero is for ever in some drivers, a negative one none at all in others")
	}
	return p.play(p, timeout)
}

func (p *quirky) In(gpio.Pull, gpio.Edge) error {
	if p.in == nil {
		return nil
	}
	return p.in()
}

// run opens the pin and runs the door on the pin's clock until the script stops it.
func run(t *testing.T, p *quirky, script func(p *quirky, timeout time.Duration, stop func()) bool) ([]kiosk.DoorEvent, error) {
	t.Helper()
	p.N, p.Num, p.now = "QUIRKY", -1, start
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	p.play = func(p *quirky, timeout time.Duration) bool { return script(p, timeout, stop) }
	if err := gpioreg.Register(p); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gpioreg.Unregister(p.N); err != nil {
			t.Error(err)
		}
	})
	d, err := door.Open("gpio:QUIRKY", door.Opts{Now: func() time.Time { return p.now }})
	if err != nil {
		t.Fatal(err)
	}
	var got []kiosk.DoorEvent
	err = d.Run(ctx, func(e kiosk.DoorEvent) { got = append(got, e) })
	return got, err
}

func TestStaleEdgesTellNothing(t *testing.T) {
	n := 0
	got, err := run(t, &quirky{}, func(p *quirky, timeout time.Duration, stop func()) bool {
		p.now = p.now.Add(20 * time.Millisecond)
		if n++; n > 40 {
			stop()
		}
		return true // an edge each time, and the level never moves
	})
	if err != nil || len(got) != 0 {
		t.Errorf("got %v and %v, want nothing", got, err)
	}
}

func TestLostEdgesAreMadeUpFor(t *testing.T) {
	n := 0
	got, err := run(t, &quirky{}, func(p *quirky, timeout time.Duration, stop func()) bool {
		p.now = p.now.Add(timeout)
		switch n++; n {
		case 5:
			p.L = gpio.High // and no edge is ever reported
		case 10:
			p.L = gpio.Low
		case 15:
			stop()
		}
		return false
	})
	if err != nil || len(got) != 2 || got[0] != kiosk.DoorOpened || got[1] != kiosk.DoorClosed {
		t.Errorf("got %v and %v, want opened and closed", got, err)
	}
}

func TestAPinThatGoesAwayEndsTheRun(t *testing.T) {
	calls := 0
	p := &quirky{in: func() error {
		if calls++; calls > 1 {
			return errors.New("no such device")
		}
		return nil
	}}
	_, err := run(t, p, func(p *quirky, timeout time.Duration, stop func()) bool {
		p.now = p.now.Add(timeout)
		return false
	})
	if kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("got %v, want code unavailable", err)
	}
}

func TestADriverThatDoesNotWaitIsNotAskedWithoutEnd(t *testing.T) {
	waits := 0
	ctx, stop := context.WithTimeout(t.Context(), 600*time.Millisecond)
	defer stop()
	p := &quirky{play: func(*quirky, time.Duration) bool { waits++; return false }}
	p.N, p.Num = "HASTY", -1
	if err := gpioreg.Register(p); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gpioreg.Unregister(p.N); err != nil {
			t.Error(err)
		}
	})
	d, err := door.Open("gpio:HASTY", door.Opts{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Run(ctx, func(kiosk.DoorEvent) {}); err != nil {
		t.Fatal(err)
	}
	if waits > 50 {
		t.Errorf("the driver was asked %d times in 600 ms", waits)
	}
}
