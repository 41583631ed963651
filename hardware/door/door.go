// Package door watches the contact at the booth's door and tells when the door was
// opened, was closed, and was left open, and when the contact's line is dead: a
// flapping contact, or a cut cable where a second line guards it.
//
// A contact is named by a DSN: "gpio:GPIO17" is a pin of this machine, "sim:" a
// simulated door, and "none:" a booth without a contact.
//
// A contact that closes with the door and pulls its line down makes a cut cable look
// like an open door: safe, but not told apart. With "tamper=GPIO27" a second line
// does that: it runs to ground at the far end of the same cable, so it is low while
// the cable is whole and is pulled up when it is cut.
package door

import (
	"context"
	"log/slog"
	"time"

	"periph.io/x/conn/v3/gpio"

	"redstation/hardware/pins"
	"redstation/kiosk"
)

// leftOpen is the usual limit.
const leftOpen = 2 * time.Minute

// Opts are the parts of a door that have working zero values.
type Opts struct {
	LeftOpen time.Duration    // open for longer than this is told as left open; 0 is 2 minutes
	Log      *slog.Logger     // discarded if nil
	Now      func() time.Time // time.Now if nil; it must not run backwards
}

// Door is an opened door contact.
type Door struct {
	in     *pins.Input // nil: no contact
	closed gpio.Level  // the level of the closed door
	tamper gpio.PinIn  // high where the cable is cut; nil: no such line
	opts   Opts
	sim    *Sim
}

// accepted is the end of every complaint about a DSN.
const accepted = "use gpio:NAME?pull=up|down|none&closed=low|high&tamper=NAME (up, low and no tamper line are usual), sim: or none:"

// Open opens the contact that dsn names. It returns an Error with CodeInvalid, whose
// text says what is accepted, for a dsn that names none, and one with
// CodeUnavailable, whose text says what to do, for a pin that cannot be had now.
func Open(dsn string, o Opts) (*Door, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.LeftOpen <= 0 {
		o.LeftOpen = leftOpen
	}
	d := &Door{opts: o}
	name, err := d.parse(dsn)
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.door", "door %q: %w; "+accepted, dsn, err)
	}
	switch name.Kind {
	case pins.GPIO:
		err = d.find(name)
	case pins.Simulated:
		d.sim = &Sim{pins.NewSim("SIMDOOR")}
		d.in.Pin = d.sim.pin
		err = d.in.SetUp("door")
	case pins.None:
		d.in = nil
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// parse reads a DSN into d.
func (d *Door) parse(dsn string) (pins.DSN, error) {
	name, err := pins.Parse(dsn, "pull", "closed", "tamper")
	if err != nil {
		return name, err
	}
	d.in = &pins.Input{Log: d.opts.Log, Now: d.opts.Now}
	if d.in.Pull, err = name.Pull(gpio.PullUp); err != nil {
		return name, err
	}
	if name.Option("tamper") == name.Pin && name.Kind == pins.GPIO {
		return name, pins.Complaint("the tamper line must be a line of its own")
	}
	d.closed, err = name.Level("closed", gpio.Low)
	return name, err
}

// find finds the pins and sets them up.
func (d *Door) find(name pins.DSN) error {
	pin, err := pins.Find("door", name.Pin, d.opts.Log)
	if err != nil {
		return err
	}
	d.in.Pin = pin
	if err := d.in.SetUp("door"); err != nil {
		return err
	}
	if name.Option("tamper") == "" {
		return nil
	}
	guard, err := pins.Find("door", name.Option("tamper"), d.opts.Log)
	if err != nil {
		return err
	}
	d.tamper = guard
	return (&pins.Input{Pin: guard, Pull: gpio.PullUp}).SetUp("door")
}

// Sim returns the controls of a simulated door, nil for any other.
func (d *Door) Sim() *Sim { return d.sim }

// Run calls say for each door event, one after the other, until ctx ends; then it
// returns nil. It returns an Error with CodeUnavailable when the pin went away; the
// door may be opened anew then. A door that stands open at the start counts as
// opened, one that is closed tells nothing. While the cable is cut, what the contact
// says counts for nothing.
func (d *Door) Run(ctx context.Context, say func(kiosk.DoorEvent)) error {
	if d.in == nil {
		<-ctx.Done()
		return nil
	}
	deb := pins.Debouncer{Long: d.opts.LeftOpen}
	var line Line
	err := d.in.Watch(ctx, func(l gpio.Level, now time.Time) time.Duration {
		open := l != d.closed
		cut := d.tamper != nil && d.tamper.Read() == gpio.High
		if e := line.Feed(open, cut, now); e != "" {
			say(e)
		}
		if cut {
			return line.Next(now)
		}
		if e := events[deb.Feed(open, now)]; e != "" {
			say(e)
		}
		return deb.Next(now)
	})
	if err != nil {
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.door", "door: %w", err)
	}
	return nil
}

// events are what the changes of an open contact mean at a door.
var events = [...]kiosk.DoorEvent{pins.Nothing: "", pins.Began: kiosk.DoorOpened, pins.Lasts: kiosk.DoorLeftOpen, pins.Ended: kiosk.DoorClosed}
