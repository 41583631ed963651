// Package door watches the contact at the booth's door and tells when the door was
// opened, was closed, and was left open.
//
// The level of the contact is the truth; an edge only wakes the loop. So lost,
// stale and extra edges do no harm, and a wait is always finite. A contact is named
// by a DSN: "gpio:GPIO17" is a pin of this machine, "sim:" a simulated door, and
// "none:" a booth without a contact.
package door

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"periph.io/x/conn/v3/gpio"

	"redstation/kiosk"
)

const (
	longest = 250 * time.Millisecond // wait for an edge, and so the time to stop
	rest    = 2 * time.Millisecond   // after an edge, so that a noisy line cannot eat the processor
	recheck = time.Minute            // the pin is set up anew, to notice that it is gone
)

// Opts are the parts of a door that have working zero values.
type Opts struct {
	LeftOpen time.Duration    // open for longer than this is told as left open; 0 is 2 minutes
	Log      *slog.Logger     // discarded if nil
	Now      func() time.Time // time.Now if nil; it must not run backwards
}

// Door is an opened door contact.
type Door struct {
	pin    gpio.PinIn // nil: no contact
	pull   gpio.Pull
	closed gpio.Level // the level of the closed door
	opts   Opts
	sim    *Sim
}

// accepted is the end of every complaint about a DSN.
const accepted = "use gpio:NAME?pull=up|down|none&closed=low|high (up and low are usual), sim: or none:"

// Open opens the contact that dsn names. It returns an Error with CodeInvalid, whose
// text says what is accepted, for a dsn that names none, and one with
// CodeUnavailable, whose text says what to do, for a pin that cannot be had now.
func Open(dsn string, o Opts) (*Door, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Door{opts: o}
	name, err := d.parse(dsn)
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.door", "door %q: %w; "+accepted, dsn, err)
	}
	switch {
	case name != "":
		d.pin, err = findPin(name, o.Log)
	case d.sim != nil:
		d.pin = d.sim.pin
	default:
		return d, nil
	}
	if err != nil {
		return nil, err
	}
	if err := d.pin.In(d.pull, gpio.BothEdges); err != nil {
		return nil, kiosk.Errorf(kiosk.CodeUnavailable, "error.door",
			"door %q: set the pin up as an input: %w; is another program using it?", dsn, err)
	}
	return d, nil
}

// parse reads a DSN into d and returns the name of a pin, if one is named.
func (d *Door) parse(dsn string) (string, error) {
	scheme, rest, ok := strings.Cut(dsn, ":")
	if !ok {
		return "", complaint("no kind of contact is named")
	}
	name, query, _ := strings.Cut(rest, "?")
	d.pull, d.closed = gpio.PullUp, gpio.Low
	switch scheme {
	case "gpio":
		if name == "" {
			return "", complaint("no pin is named")
		}
		return name, d.options(query)
	case "sim":
		d.sim = newSim()
	case "none":
	default:
		return "", complaint("unknown kind of contact")
	}
	if rest != "" {
		return "", complaint("nothing may follow the colon")
	}
	return "", nil
}

// options reads the options of a pin.
func (d *Door) options(query string) error {
	q, err := url.ParseQuery(query)
	if err != nil {
		return complaint("unreadable options")
	}
	for key, values := range q {
		ok := true
		switch key + "=" + strings.Join(values, ",") {
		case "pull=up":
			d.pull = gpio.PullUp
		case "pull=down":
			d.pull = gpio.PullDown
		case "pull=none":
			d.pull = gpio.Float
		case "closed=low":
			d.closed = gpio.Low
		case "closed=high":
			d.closed = gpio.High
		default:
			ok = false
		}
		if !ok {
			return complaint("unknown option " + key + "=" + strings.Join(values, ","))
		}
	}
	return nil
}

// complaint is a reason why a DSN is refused.
type complaint string

func (c complaint) Error() string { return string(c) }

// Sim returns the controls of a simulated door, nil for any other.
func (d *Door) Sim() *Sim { return d.sim }

// Run calls say for each door event, one after the other, until ctx ends; then it
// returns nil. It returns an Error with CodeUnavailable when the pin went away; the
// door may be opened anew then. A door that stands open at the start counts as
// opened, one that is closed tells nothing.
func (d *Door) Run(ctx context.Context, say func(kiosk.DoorEvent)) error {
	if d.pin == nil {
		<-ctx.Done()
		return nil
	}
	defer d.halt()
	deb := Debouncer{LeftOpen: d.opts.LeftOpen}
	checked := d.opts.Now()
	for ctx.Err() == nil {
		now := d.opts.Now()
		if now.Sub(checked) >= recheck {
			checked = now
			if err := d.pin.In(d.pull, gpio.BothEdges); err != nil {
				return kiosk.Errorf(kiosk.CodeUnavailable, "error.door", "door pin went away: %w", err)
			}
		}
		if e := deb.Feed(d.pin.Read() != d.closed, now); e != "" {
			say(e)
		}
		d.wait(ctx, deb.Next(now))
	}
	return nil
}

// wait returns at an edge, after limit, or when ctx ends and a little later. A
// driver that returns early without an edge, as on errors, is not asked again at once.
func (d *Door) wait(ctx context.Context, limit time.Duration) {
	limit = min(max(limit, time.Millisecond), longest)
	began := d.opts.Now()
	if d.pin.WaitForEdge(limit) {
		pause(ctx, rest)
		return
	}
	if left := limit - d.opts.Now().Sub(began); left > limit/2 {
		pause(ctx, left)
	}
}

// pause sleeps unless ctx ends.
func pause(ctx context.Context, t time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(t):
	}
}

func (d *Door) halt() {
	if err := d.pin.Halt(); err != nil {
		d.opts.Log.Warn("door pin not halted", slog.Any("error", err))
	}
}
