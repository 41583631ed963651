package printer

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// name is what a DSN says.
type name struct {
	kind    string // uart, usblp, tcp, file, sim or none
	rest    string // after the colon: port, path, HOST:PORT or folder
	profile escpos.Profile
	line    line
}

// line is how the bytes go to a printer that is a device.
type line struct {
	baud  int           // of a serial port
	flow  string        // of a serial port: rtscts, xonxoff or none
	speed int           // of the paper where nothing holds us back, mm/s
	stall time.Duration // how long the printer may accept nothing before a job is given up
}

const (
	kinds   = "use uart:PORT, usblp:/dev/usb/lp0, tcp:HOST:9100, file:DIR, sim: or none:"
	options = "paper=, text=, qr=, cut=, type=, heat=, density= and beep="
)

// example is how each kind is written where it needs something after the colon, and
// what that is.
var example = map[string][2]string{
	"uart":  {"uart:serial0?baud=9600&flow=rtscts", "no serial port is named"},
	"usblp": {"usblp:/dev/usb/lp0, or usblp:/dev/usb/lp* for the first that is there", "no path is named"},
	"tcp":   {"tcp:192.168.1.60:9100", "no host is named"},
	"file":  {"file:prints/", "no folder is named"},
}

// own are the options that each kind takes beside the profile's.
var own = map[string][]string{
	"uart":  {"baud", "flow", "speed", "stall"},
	"usblp": {"stall"},
	"tcp":   {"stall"},
}

// parse takes a DSN apart. The error has CodeInvalid and is one line that says what
// is accepted.
func parse(dsn string) (name, error) {
	bad := func(format string, args ...any) (name, error) {
		return name{}, kiosk.Errorf(kiosk.CodeInvalid, "error.printer", "printer %q: "+format, append([]any{dsn}, args...)...)
	}
	kind, rest, ok := strings.Cut(dsn, ":")
	if !ok {
		return bad("no kind of printer is named; %s", kinds)
	}
	rest, query, _ := strings.Cut(rest, "?")
	n := name{kind: kind, rest: rest}
	needs, named := example[kind]
	switch {
	case kind == "sim" || kind == "none":
		if rest != "" {
			return bad("%q takes nothing after the colon but ?options; %s", kind, kinds)
		}
	case !named:
		return bad("unknown kind %q; %s", kind, kinds)
	case rest == "":
		return bad("%s; use %s", needs[1], needs[0])
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return bad("options %q: %w; write them as ?paper=58&cut=no", query, err)
	}
	if n.profile, err = escpos.ParseProfile(values); err != nil {
		return bad("%w", err)
	}
	if err := n.options(values); err != nil {
		return bad("%w", err)
	}
	if kind == "tcp" {
		if n.rest, err = hostPort(rest); err != nil {
			return bad("%w; use %s", err, needs[0])
		}
	}
	return n, nil
}

// options reads what is left of the options after the profile has taken its own.
func (n *name) options(values url.Values) error {
	n.line = line{baud: 9600, flow: "none", stall: 10 * time.Second, speed: 60}
	if n.profile.Paper == 80 {
		n.line.speed = 100
	}
	for key, v := range values {
		if !slices.Contains(own[n.kind], key) {
			takes := options
			if len(own[n.kind]) > 0 {
				takes = strings.Join(own[n.kind], "=, ") + "=, " + options
			}
			return kiosk.Errorf(kiosk.CodeInvalid, "error.printer", "unknown option %q; %s: takes %s", key, n.kind, takes)
		}
		if why := n.line.set(key, v[len(v)-1]); why != "" {
			return kiosk.Errorf(kiosk.CodeInvalid, "error.printer", "%s=%q; use %s", key, v[len(v)-1], why)
		}
	}
	return nil
}

// set takes one option. It returns what is accepted where the value is not.
func (l *line) set(key, v string) (accepted string) {
	number := func(least, most int) (int, bool) {
		n, err := strconv.Atoi(v)
		return n, err == nil && n >= least && n <= most
	}
	ok := true
	switch key {
	case "baud":
		accepted = "baud=9600, baud=19200, baud=115200 or what the printer's self-test page says"
		l.baud, ok = number(1200, 4_000_000)
	case "flow":
		accepted = "flow=rtscts, flow=xonxoff or flow=none"
		l.flow, ok = v, v == "rtscts" || v == "xonxoff" || v == "none"
	case "speed":
		accepted = "speed=MM, 5 to 500 mm of paper a second"
		l.speed, ok = number(5, 500)
	case "stall":
		accepted = "stall=TIME from 1s to 5m, such as stall=10s"
		var err error
		l.stall, err = time.ParseDuration(v)
		ok = err == nil && l.stall >= time.Second && l.stall <= 5*time.Minute
	}
	if ok {
		return ""
	}
	return accepted
}

// hostPort adds the port that network printers listen on where none is named.
func hostPort(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil { // no port, or an address that cannot be read at all
		host, port, err = net.SplitHostPort(net.JoinHostPort(strings.Trim(s, "[]"), "9100"))
	}
	if err != nil {
		return "", err
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || host == "" {
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.printer", "%q is no HOST:PORT", s)
	}
	return net.JoinHostPort(host, port), nil
}
