// Package beacon calls attention with a help light or an active buzzer on a GPIO
// pin: three short for a call for help, two long for a tag that was found.
//
// A beacon is named by a DSN: "gpio:GPIO27" is a pin of this machine, with
// "?active=low" where it is on when the pin is low; "sim:" is a simulated beacon,
// "none:" a booth without one. A buzzer must be an active one, which sounds by itself
// when it has current: the kernel's GPIO lines have no tone.
//
// A pin that is an output is never read: periph's driver makes it an input for that,
// also where only its function is asked for, and the light would go out.
package beacon

import (
	"context"
	"log/slog"
	"time"

	"periph.io/x/conn/v3/gpio"

	"redstation/hardware/pins"
	"redstation/kiosk"
)

// waiting is how many calls may wait for their turn: more would still sound long
// after everybody came.
const waiting = 3

const (
	short = 200 * time.Millisecond
	long  = time.Second
	gap   = 600 * time.Millisecond // after a call, so that the next is one of its own
)

// patterns are how long a beacon is on, off, on ... for each call.
var patterns = map[kiosk.Attention][]time.Duration{
	kiosk.AttentionHelp:  {short, short, short, short, short, gap},
	kiosk.AttentionFound: {long, short, long, gap},
	kiosk.AttentionTry:   {short, gap},
}

// Beacon is an opened light or buzzer.
type Beacon struct {
	device string
	pin    gpio.PinOut // nil: no beacon
	on     gpio.Level
	log    *slog.Logger
	calls  chan kiosk.Attention
	sim    *Sim
}

var _ kiosk.Beacon = (*Beacon)(nil)

// accepted is the end of every complaint about a DSN.
const accepted = "use gpio:NAME?active=high|low (high is usual), sim: or none:"

// Open opens the beacon that dsn names, and puts it out. Device is "light" or
// "buzzer", for errors. They are an Error with CodeInvalid, whose text says what is
// accepted, for a dsn that names none, and one with CodeUnavailable, whose text says
// what to do, for a pin that cannot be had now. log may be nil.
func Open(device, dsn string, log *slog.Logger) (*Beacon, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	b := &Beacon{device: device, log: log, calls: make(chan kiosk.Attention, waiting)}
	name, err := pins.Parse(dsn, "active")
	if err == nil {
		b.on, err = name.Level("active", gpio.High)
	}
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.beacon", "%s %q: %w; "+accepted, device, dsn, err)
	}
	switch name.Kind {
	case pins.GPIO:
		b.pin, err = pins.FindOutput(device, name.Pin, !b.on, log)
		if err != nil {
			return nil, err
		}
	case pins.Simulated:
		b.sim = &Sim{pins.NewSim("SIMBEACON")}
		b.pin = b.sim.pin
	case pins.None:
	}
	return b, nil
}

// Sim shows a simulated beacon.
type Sim struct{ pin *pins.Sim }

// IsOn tells whether it is on.
func (s *Sim) IsOn() bool { return bool(s.pin.Read()) }

// Sim returns what shows a simulated beacon, nil for any other.
func (b *Beacon) Sim() *Sim { return b.sim }

// Call implements kiosk.Beacon.
func (b *Beacon) Call(a kiosk.Attention) error {
	if _, ok := patterns[a]; !ok {
		return kiosk.Errorf(kiosk.CodeInvalid, "error.beacon", "call %q is none of ours", a)
	}
	if b.pin == nil {
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.beacon", "no %s is attached", b.device)
	}
	select {
	case b.calls <- a:
		return nil
	default:
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.unavailable", "%s has %d calls waiting", b.device, waiting)
	}
}

// Run shows the calls, one after the other, until ctx ends; then it returns nil. It
// returns an Error with CodeUnavailable when the pin went away. The beacon is off
// when it returns.
func (b *Beacon) Run(ctx context.Context) (err error) {
	if b.pin == nil {
		<-ctx.Done()
		return nil
	}
	defer func() {
		if off := b.pin.Out(!b.on); off != nil {
			b.log.Warn("beacon not put out", slog.String("device", b.device), slog.Any("err", off))
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case a := <-b.calls:
			if err := b.play(ctx, patterns[a]); err != nil {
				return kiosk.Errorf(kiosk.CodeUnavailable, "error.beacon", "%s: %w", b.device, err)
			}
		}
	}
}

// play shows one pattern. It ends early when ctx does.
func (b *Beacon) play(ctx context.Context, pattern []time.Duration) error {
	level := b.on
	for _, d := range pattern {
		if err := b.pin.Out(level); err != nil {
			return err
		}
		level = !level
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(d):
		}
	}
	return nil
}
