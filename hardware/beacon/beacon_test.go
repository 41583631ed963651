package beacon_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/conn/v3/gpio/gpiotest"
	"periph.io/x/conn/v3/pin"

	"redstation/hardware/beacon"
	"redstation/kiosk"
)

// strict is an output that nobody may read, as the kernel's lines are.
type strict struct {
	gpiotest.Pin
	mu     sync.Mutex
	levels []gpio.Level
	times  []time.Time
	broken error
}

func (p *strict) Out(l gpio.Level) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.levels, p.times = append(p.levels, l), append(p.times, time.Now())
	return p.broken
}

func (p *strict) Read() gpio.Level { panic("reading makes it an input") }
func (p *strict) Function() string { panic("asking for its function reads it") }
func (p *strict) Func() pin.Func   { panic("asking for its function reads it") }

func (p *strict) last() gpio.Level {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.levels[len(p.levels)-1]
}

func register(t *testing.T) *strict {
	t.Helper()
	p := &strict{Pin: gpiotest.Pin{N: "TESTLIGHT", Num: -1}}
	if err := gpioreg.Register(p); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gpioreg.Unregister("TESTLIGHT"); err != nil {
			t.Error(err)
		}
	})
	return p
}

func open(t *testing.T, dsn string) *beacon.Beacon {
	t.Helper()
	b, err := beacon.Open("light", dsn, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEachCallHasItsPattern(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name, query string
		on          gpio.Level
		call        kiosk.Attention
		want        []time.Duration // on, off, on ...
	}{
		{"help is three short", "", gpio.High, kiosk.AttentionHelp, []time.Duration{200 * ms, 200 * ms, 200 * ms, 200 * ms, 200 * ms}},
		{"found is two long", "?active=high", gpio.High, kiosk.AttentionFound, []time.Duration{time.Second, 200 * ms, time.Second}},
		{"a trial is one short, where low is on", "?active=low", gpio.Low, kiosk.AttentionTry, []time.Duration{200 * ms}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := register(t)
			synctest.Test(t, func(t *testing.T) {
				b := open(t, "gpio:TESTLIGHT"+tt.query)
				if p.last() == tt.on {
					t.Error("it is on before the first call")
				}
				p.levels, p.times = nil, nil
				if err := b.Call(tt.call); err != nil {
					t.Fatal(err)
				}
				ctx, stop := context.WithTimeout(t.Context(), time.Minute)
				defer stop()
				if err := b.Run(ctx); err != nil {
					t.Fatal(err)
				}
				var got []time.Duration
				level := tt.on
				for i := range tt.want {
					if p.levels[i] != level {
						t.Errorf("step %d is %v, want %v", i, p.levels[i], level)
					}
					level = !level
					got = append(got, p.times[i+1].Sub(p.times[i]))
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			})
			if p.last() == tt.on {
				t.Error("it is on at the end")
			}
		})
	}
}

func TestItIsOffWhenItIsStoppedInMidCall(t *testing.T) {
	p := register(t)
	synctest.Test(t, func(t *testing.T) {
		b := open(t, "gpio:TESTLIGHT")
		if err := b.Call(kiosk.AttentionFound); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), 500*time.Millisecond) // within the first long
		defer stop()
		if err := b.Run(ctx); err != nil {
			t.Fatal(err)
		}
	})
	if p.last() != gpio.Low {
		t.Error("it stayed on")
	}
}

func TestCallsWaitForOneAnotherAndNotWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, "sim:")
		taken := 0
		for range 100 {
			err := b.Call(kiosk.AttentionTry)
			if err == nil {
				taken++
			} else if kiosk.CodeOf(err) != kiosk.CodeUnavailable {
				t.Fatalf("got %v, want code unavailable", err)
			}
		}
		if taken == 0 || taken > 5 {
			t.Errorf("%d of 100 calls wait, want a few", taken)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		done := make(chan error)
		go func() { done <- b.Run(ctx) }()
		time.Sleep(100 * time.Millisecond)
		if !b.Sim().IsOn() {
			t.Error("it is off in the first call")
		}
		if err := <-done; err != nil || b.Sim().IsOn() {
			t.Errorf("got %v and on %v, want nil and off", err, b.Sim().IsOn())
		}
		if err := b.Call(kiosk.AttentionTry); err != nil {
			t.Errorf("no room after the calls were shown: %v", err)
		}
	})
}

func TestAPinThatGoesAwayEndsTheRun(t *testing.T) {
	p := register(t)
	b := open(t, "gpio:TESTLIGHT")
	p.broken = errors.New("no such device")
	if err := b.Call(kiosk.AttentionHelp); err != nil {
		t.Fatal(err)
	}
	if err := b.Run(t.Context()); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("got %v, want code unavailable", err)
	}
}

func TestNoBeaconTakesNoCall(t *testing.T) {
	b := open(t, "none:")
	if err := b.Call(kiosk.AttentionHelp); kiosk.CodeOf(err) != kiosk.CodeUnavailable {
		t.Errorf("got %v, want code unavailable", err)
	}
	if err := b.Call("party"); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("got %v, want code invalid", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := b.Run(ctx); err != nil {
		t.Error(err)
	}
}

func TestAWrongNameSaysWhatIsAccepted(t *testing.T) {
	for _, dsn := range []string{"", "sim:x", "gpio:", "gpio:X?active=on", "gpio:X?pull=up", "usb:1"} {
		_, err := beacon.Open("buzzer", dsn, nil)
		if kiosk.CodeOf(err) != kiosk.CodeInvalid || !strings.Contains(err.Error(), "use gpio:NAME") || !strings.HasPrefix(err.Error(), "buzzer ") {
			t.Errorf("%q: got %v, want code invalid and what is accepted", dsn, err)
		}
	}
}

func TestAPinThatCannotBeHadSaysWhatToDo(t *testing.T) {
	if _, err := beacon.Open("light", "gpio:NOSUCHPIN", nil); kiosk.CodeOf(err) != kiosk.CodeUnavailable || !strings.Contains(err.Error(), "group gpio") {
		t.Errorf("missing: got %v, want code unavailable and the remedy", err)
	}
	register(t).broken = errors.New("device or resource busy")
	if _, err := beacon.Open("light", "gpio:TESTLIGHT", nil); kiosk.CodeOf(err) != kiosk.CodeUnavailable || !strings.Contains(err.Error(), "another program") {
		t.Errorf("busy: got %v, want code unavailable and the remedy", err)
	}
}
