package pins

import (
	"net/url"
	"slices"
	"strings"

	"periph.io/x/conn/v3/gpio"
)

// Kind is the first part of a device's DSN.
type Kind string

// The kinds of devices on pins.
const (
	GPIO      Kind = "gpio" // gpio:NAME?option=value&...: a pin of this machine
	Simulated Kind = "sim"  // sim:
	None      Kind = "none" // none:
)

// DSN names a device on a pin.
type DSN struct {
	Kind    Kind
	Pin     string // of GPIO
	options map[string]string
}

// Complaint is a reason why a DSN is refused. It wants to be followed by what is
// accepted.
type Complaint string

func (c Complaint) Error() string { return string(c) }

// Parse reads a DSN. A pin may have the options named, each once. The error is a
// Complaint.
func Parse(dsn string, options ...string) (DSN, error) {
	scheme, rest, ok := strings.Cut(dsn, ":")
	if !ok {
		return DSN{}, Complaint("no kind of device is named")
	}
	d := DSN{Kind: Kind(scheme), options: map[string]string{}}
	switch d.Kind {
	case GPIO:
		name, query, _ := strings.Cut(rest, "?")
		if name == "" {
			return DSN{}, Complaint("no pin is named")
		}
		d.Pin = name
		return d, d.read(query, options)
	case Simulated, None:
		if rest != "" {
			return DSN{}, Complaint("nothing may follow the colon")
		}
		return d, nil
	}
	return DSN{}, Complaint("unknown kind of device")
}

func (d *DSN) read(query string, known []string) error {
	q, err := url.ParseQuery(query)
	if err != nil {
		return Complaint("unreadable options")
	}
	for key, values := range q {
		if !slices.Contains(known, key) || len(values) != 1 || values[0] == "" {
			return unknown(key, strings.Join(values, ","))
		}
		d.options[key] = values[0]
	}
	return nil
}

func unknown(key, value string) error { return Complaint("unknown option " + key + "=" + value) }

// Option returns an option as it is written, "" where it is not.
func (d DSN) Option(key string) string { return d.options[key] }

// Level returns an option that is low or high, or what stands for it where it is
// not written. The error is a Complaint.
func (d DSN) Level(key string, otherwise gpio.Level) (gpio.Level, error) {
	switch v := d.options[key]; v {
	case "":
		return otherwise, nil
	case "low":
		return gpio.Low, nil
	case "high":
		return gpio.High, nil
	default:
		return gpio.Low, unknown(key, v)
	}
}

// Pull returns the option pull: up, down or none. The error is a Complaint.
func (d DSN) Pull(otherwise gpio.Pull) (gpio.Pull, error) {
	switch v := d.options["pull"]; v {
	case "":
		return otherwise, nil
	case "up":
		return gpio.PullUp, nil
	case "down":
		return gpio.PullDown, nil
	case "none":
		return gpio.Float, nil
	default:
		return gpio.Float, unknown("pull", v)
	}
}
