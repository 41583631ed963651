// Package power watches the line on which an uninterruptible supply (a UPS board
// with a battery) tells that the mains failed, so that a booth stops in order before
// its battery is empty.
//
// The line is named by a DSN: "gpio:GPIO22?active=low" is a pin of this machine that
// is low while the mains are away, as the power-good lines of most boards are; "sim:"
// is a simulated supply, "none:" a booth without one. Unless "pull=" says otherwise,
// the pin is pulled to the level that says all is well, so that a loose wire stops no
// booth.
package power

import (
	"context"
	"log/slog"
	"time"

	"periph.io/x/conn/v3/gpio"

	"redstation/hardware/pins"
	"redstation/kiosk"
)

// grace is how long the mains may usually be away.
const grace = 30 * time.Second

// Opts are the parts of a supply that have working zero values.
type Opts struct {
	Grace time.Duration    // the mains failed when they were away for so long without a break; 0 is 30 s
	Log   *slog.Logger     // discarded if nil
	Now   func() time.Time // time.Now if nil; it must not run backwards
}

// Supply is an opened line of a supply.
type Supply struct {
	in     *pins.Input // nil: no such line
	active gpio.Level  // the level while the mains are away
	grace  time.Duration
	sim    *Sim
}

// accepted is the end of every complaint about a DSN.
const accepted = "use gpio:NAME?active=low|high&pull=up|down|none (low is usual: a power-good line), sim: or none:"

// Open opens the line that dsn names. It returns an Error with CodeInvalid, whose
// text says what is accepted, for a dsn that names none, and one with
// CodeUnavailable, whose text says what to do, for a pin that cannot be had now.
func Open(dsn string, o Opts) (*Supply, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Grace <= 0 {
		o.Grace = grace
	}
	s := &Supply{grace: o.Grace, in: &pins.Input{Log: o.Log, Now: o.Now}}
	name, err := s.parse(dsn)
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.power", "power %q: %w; "+accepted, dsn, err)
	}
	switch name.Kind {
	case pins.GPIO:
		if s.in.Pin, err = pins.Find("power", name.Pin, o.Log); err != nil {
			return nil, err
		}
	case pins.Simulated:
		s.sim = &Sim{pins.NewSim("SIMPOWER")}
		s.in.Pin = s.sim.pin
		s.sim.SetFailed(false)
	case pins.None:
		s.in = nil
		return s, nil
	}
	if err := s.in.SetUp("power"); err != nil {
		return nil, err
	}
	return s, nil
}

// parse reads a DSN into s.
func (s *Supply) parse(dsn string) (pins.DSN, error) {
	name, err := pins.Parse(dsn, "active", "pull")
	if err != nil {
		return name, err
	}
	if s.active, err = name.Level("active", gpio.Low); err != nil {
		return name, err
	}
	well := gpio.PullUp
	if s.active == gpio.High {
		well = gpio.PullDown
	}
	s.in.Pull, err = name.Pull(well)
	return name, err
}

// Sim are the controls of a simulated supply.
type Sim struct{ pin *pins.Sim }

// SetFailed takes the mains away or gives them back.
func (s *Sim) SetFailed(failed bool) { s.pin.Set(gpio.Level(!failed)) }

// Sim returns the controls of a simulated supply, nil for any other.
func (s *Supply) Sim() *Sim { return s.sim }

// Run calls say for each event, one after the other, until ctx ends; then it returns
// nil. It returns an Error with CodeUnavailable when the pin went away. Mains that
// are away at the start count as lost then.
func (s *Supply) Run(ctx context.Context, say func(kiosk.PowerEvent)) error {
	if s.in == nil {
		<-ctx.Done()
		return nil
	}
	deb := pins.Debouncer{Long: s.grace}
	err := s.in.Watch(ctx, func(l gpio.Level, now time.Time) time.Duration {
		switch deb.Feed(l == s.active, now) {
		case pins.Began:
			say(kiosk.PowerLost)
		case pins.Lasts:
			say(kiosk.PowerFailed)
		case pins.Ended:
			say(kiosk.PowerBack)
		}
		return deb.Next(now)
	})
	if err != nil {
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.power", "power: %w", err)
	}
	return nil
}
