package power_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/conn/v3/gpio/gpiotest"

	"redstation/hardware/power"
	"redstation/kiosk"
)

func TestMainsThatStayAwayHaveFailed(t *testing.T) {
	const lost, back, failed = kiosk.PowerLost, kiosk.PowerBack, kiosk.PowerFailed
	for _, tt := range []struct {
		name string
		play []time.Duration // with the mains, without, with ...
		want []kiosk.PowerEvent
	}{
		{"mains", []time.Duration{time.Hour}, nil},
		{"a flicker", []time.Duration{time.Minute, 20 * time.Millisecond, time.Minute}, nil},
		{"29 seconds", []time.Duration{time.Minute, 29 * time.Second, time.Minute}, []kiosk.PowerEvent{lost, back}},
		{"29 seconds twice", []time.Duration{time.Minute, 29 * time.Second, time.Second, 29 * time.Second, time.Minute}, []kiosk.PowerEvent{lost, back, lost, back}},
		{"31 seconds", []time.Duration{time.Minute, 31 * time.Second}, []kiosk.PowerEvent{lost, failed}},
		{"away from the start", []time.Duration{0, 31 * time.Second}, []kiosk.PowerEvent{lost, failed}},
		{"away and late back", []time.Duration{time.Minute, time.Minute, time.Minute}, []kiosk.PowerEvent{lost, failed, back}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := power.Open("sim:", power.Opts{})
				if err != nil {
					t.Fatal(err)
				}
				s.Sim().SetFailed(tt.play[0] == 0)
				ctx, stop := context.WithCancel(t.Context())
				var got []kiosk.PowerEvent
				done := make(chan error)
				go func() { done <- s.Run(ctx, func(e kiosk.PowerEvent) { got = append(got, e) }) }()
				for i, d := range tt.play {
					s.Sim().SetFailed(i%2 == 1)
					time.Sleep(d)
				}
				stop()
				if err := <-done; err != nil {
					t.Errorf("run: %v", err)
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestALooseWireStopsNoBooth(t *testing.T) {
	for _, tt := range []struct {
		query string
		pull  gpio.Pull
	}{
		{"", gpio.PullUp}, {"?active=low", gpio.PullUp}, {"?active=high", gpio.PullDown}, {"?active=high&pull=none", gpio.Float},
	} {
		p := &gpiotest.Pin{N: "TESTPOWER", Num: -1, EdgesChan: make(chan gpio.Level, 1)}
		if err := gpioreg.Register(p); err != nil {
			t.Fatal(err)
		}
		_, err := power.Open("gpio:TESTPOWER"+tt.query, power.Opts{})
		if err != nil || p.P != tt.pull {
			t.Errorf("%q: got pull %v and %v, want %v", tt.query, p.P, err, tt.pull)
		}
		if err := gpioreg.Unregister("TESTPOWER"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAWrongNameSaysWhatIsAccepted(t *testing.T) {
	for _, dsn := range []string{"", "sim:x", "gpio:", "gpio:X?active=on", "gpio:X?pull=sideways", "gpio:X?closed=low", "serial:/dev/ttyS0"} {
		_, err := power.Open(dsn, power.Opts{})
		if kiosk.CodeOf(err) != kiosk.CodeInvalid || !strings.Contains(err.Error(), "use gpio:NAME") {
			t.Errorf("%q: got %v, want code invalid and what is accepted", dsn, err)
		}
	}
	if _, err := power.Open("gpio:NOSUCHPIN", power.Opts{}); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("got %v, want code unavailable", err)
	}
}

func TestNoSupplyTellsNothingAndStops(t *testing.T) {
	s, err := power.Open("none:", power.Opts{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Run(ctx, func(e kiosk.PowerEvent) { t.Errorf("it tells %s", e) }); err != nil {
		t.Error(err)
	}
}
