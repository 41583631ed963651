package door_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/conn/v3/gpio/gpiotest"

	"redstation/hardware/door"
	"redstation/kiosk"
)

// watch runs the door and returns its events and what ends it.
func watch(t *testing.T, d *door.Door) (<-chan kiosk.DoorEvent, func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	events := make(chan kiosk.DoorEvent, 16)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := d.Run(ctx, func(e kiosk.DoorEvent) { events <- e }); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return events, func() { stop(); wg.Wait() }
}

func want(t *testing.T, events <-chan kiosk.DoorEvent, want kiosk.DoorEvent) {
	t.Helper()
	select {
	case got := <-events:
		if got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("no event, want %s", want)
	}
}

func TestTheSimulatedDoorTellsItsEvents(t *testing.T) {
	d, err := door.Open("sim:", door.Opts{LeftOpen: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	events, stop := watch(t, d)
	defer stop()
	s := d.Sim()
	for range 2 {
		s.SetOpen(true)
		want(t, events, kiosk.DoorOpened)
		if !s.IsOpen() {
			t.Error("it is not open")
		}
		want(t, events, kiosk.DoorLeftOpen)
		s.SetOpen(false)
		want(t, events, kiosk.DoorClosed)
	}
}

// register puts a test pin where "gpio:" finds it.
func register(t *testing.T, name string) *gpiotest.Pin {
	t.Helper()
	p := &gpiotest.Pin{N: name, Num: -1, EdgesChan: make(chan gpio.Level, 1)}
	if err := gpioreg.Register(p); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gpioreg.Unregister(name); err != nil {
			t.Error(err)
		}
	})
	return p
}

func move(p *gpiotest.Pin, l gpio.Level) {
	p.Lock()
	p.L = l
	p.Unlock()
	p.EdgesChan <- l
}

func TestAPinOfTheMachine(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		pull        gpio.Pull
		closed      gpio.Level
	}{
		{"pulled up and low when closed", "", gpio.PullUp, gpio.Low},
		{"the same in words", "?pull=up&closed=low", gpio.PullUp, gpio.Low},
		{"a contact that opens with the door closed", "?pull=down&closed=high", gpio.PullDown, gpio.High},
		{"a pull outside", "?pull=none&closed=high", gpio.Float, gpio.High},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := register(t, "TESTDOOR")
			d, err := door.Open("gpio:TESTDOOR"+tt.query, door.Opts{})
			if err != nil {
				t.Fatal(err)
			}
			if p.P != tt.pull {
				t.Errorf("pull got %v, want %v", p.P, tt.pull)
			}
			p.L = tt.closed // the test pin took the level of its pull
			events, stop := watch(t, d)
			defer stop()
			time.Sleep(150 * time.Millisecond) // the start settles
			move(p, !tt.closed)
			want(t, events, kiosk.DoorOpened)
			move(p, tt.closed)
			want(t, events, kiosk.DoorClosed)
		})
	}
}

func TestACutCableIsNotAnOpening(t *testing.T) {
	contact, guard := register(t, "TESTDOOR"), register(t, "TESTGUARD")
	d, err := door.Open("gpio:TESTDOOR?tamper=TESTGUARD", door.Opts{})
	if err != nil {
		t.Fatal(err)
	}
	if guard.P != gpio.PullUp {
		t.Errorf("the guard's pull is %v, want up", guard.P)
	}
	level := func(p *gpiotest.Pin, l gpio.Level) {
		p.Lock()
		defer p.Unlock()
		p.L = l
	}
	level(contact, gpio.Low)
	level(guard, gpio.Low)
	events, stop := watch(t, d)
	defer stop()
	level(guard, gpio.High) // the guard's reading decides, whichever wire parts first
	level(contact, gpio.High)
	want(t, events, kiosk.DoorCut)
	level(contact, gpio.Low)
	level(guard, gpio.Low)
	want(t, events, kiosk.DoorBack)
	move(contact, gpio.High)
	want(t, events, kiosk.DoorOpened)
}

func TestAMissingGuardIsAMissingPin(t *testing.T) {
	register(t, "TESTDOOR")
	_, err := door.Open("gpio:TESTDOOR?tamper=NOSUCHPIN", door.Opts{})
	if kiosk.CodeOf(err) != kiosk.CodeUnavailable || !strings.Contains(err.Error(), "NOSUCHPIN") {
		t.Errorf("got %v, want code unavailable and the pin's name", err)
	}
}

func TestNoContactTellsNothingAndStops(t *testing.T) {
	d, err := door.Open("none:", door.Opts{})
	if err != nil {
		t.Fatal(err)
	}
	events, stop := watch(t, d)
	stop()
	if len(events) != 0 || d.Sim() != nil {
		t.Errorf("got %d events and controls %v, want nothing", len(events), d.Sim())
	}
}

func TestAWrongNameSaysWhatIsAccepted(t *testing.T) {
	for _, dsn := range []string{"", "sim", "sim:x", "none:?a=b", "gpio:", "gpio:?pull=up", "gpio:X?pull=sideways", "gpio:X?closed=low&closed=high", "gpio:X?bias=up",
		"gpio:X?tamper=", "gpio:X?tamper=X", "usb:1"} {
		t.Run(dsn, func(t *testing.T) {
			_, err := door.Open(dsn, door.Opts{})
			if kiosk.CodeOf(err) != kiosk.CodeInvalid {
				t.Fatalf("got %v, want code invalid", err)
			}
			if !strings.Contains(err.Error(), "use gpio:NAME") || strings.Contains(err.Error(), "\n") {
				t.Errorf("not one line that says what is accepted: %v", err)
			}
		})
	}
}

func TestAMissingPinSaysWhatToDo(t *testing.T) {
	for _, other := range []bool{false, true} {
		if other {
			register(t, "TESTOTHER")
		}
		_, err := door.Open("gpio:NOSUCHPIN", door.Opts{})
		if kiosk.CodeOf(err) != kiosk.CodeUnavailable {
			t.Fatalf("got %v, want code unavailable", err)
		}
		if s := err.Error(); !strings.Contains(s, "NOSUCHPIN") || !strings.Contains(s, "group gpio") || strings.Contains(s, "\n") {
			t.Errorf("not one line with the remedy: %v", err)
		}
		if other && !strings.Contains(err.Error(), "TESTOTHER") {
			t.Errorf("it does not name the pins that are there: %v", err)
		}
	}
}
