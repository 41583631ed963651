// Package scanner reads the booth's QR scanner and tells each code as a scan.
//
// A scanner that shows itself as a serial port cannot type into a page, so that is
// the first choice. Many cheap ones can only be a keyboard; those are grabbed, so
// that what they type reaches this program and nothing else. Both may send anything
// at any time: a code is taken only if it came whole and is printable, and all else
// changes nothing but a counter.
//
// A scanner is named by a DSN:
//
//	serial:/dev/ttyACM0?baud=115200   a serial port, by path or by its name for hardware/tty
//	evdev:/dev/input/by-id/...        a keyboard, by path
//	evdev:0C2E:0B61                   a keyboard, by USB vendor and product in hex
//	wedge:                            a keyboard that is not grabbed: the page listens, for a demo
//	sim:                              a scanner that a program works
//	none:                             a booth without one
//
// While a grabbed keyboard is closed, at a restart say, it types into whatever has the
// focus. A udev rule with ENV{LIBINPUT_IGNORE_DEVICE}="1" for it prevents that.
package scanner

import (
	"cmp"
	"context"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"redstation/kiosk"
)

// Opts are the parts of a scanner that have working zero values.
type Opts struct {
	// Idle is how long the bytes of one code on a serial line may be apart; 0 is 1 s.
	Idle time.Duration
	// KeyGap is how long two keys of one code may be apart, where the DSN does not say
	// it (gap=250ms); 0 is 100 ms. People type more slowly, so a keyboard in the
	// scanner's place tells nothing.
	KeyGap time.Duration
}

// Scanner is an opened scanner.
type Scanner struct {
	device device // nil: nothing to read
	parser parser
	sim    *Sim
	wedge  bool

	say            func(kiosk.Scan) // while Run runs
	scans, garbage atomic.Uint64
	closing        sync.Once
	closed         error
}

// device is a stream of a scanner's bytes.
type device interface {
	io.ReadCloser
	SetReadDeadline(time.Time) error
}

// parser turns a device's bytes into codes. It is told when they came, counted from
// any fixed moment.
type parser interface {
	feed(b []byte, at time.Duration)
}

// accepted is the end of every complaint about a DSN.
const accepted = "use serial:/dev/ttyACM0?baud=115200, evdev:/dev/input/by-id/NAME, evdev:VENDOR:PRODUCT (hex, as lsusb shows them; with ?gap=250ms for one that types slowly), wedge:, sim: or none:"

// Open opens the scanner that dsn names. It returns an Error with CodeInvalid, whose
// text says what is accepted, for a dsn that names none, and one with
// CodeUnavailable, whose text says what to do, for a device that cannot be had now.
func Open(dsn string, o Opts) (*Scanner, error) {
	if o.Idle == 0 {
		o.Idle = time.Second
	}
	if o.KeyGap == 0 {
		o.KeyGap = 100 * time.Millisecond
	}
	name, err := parse(dsn)
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.scanner", "scanner %q: %w; "+accepted, dsn, err)
	}
	s := &Scanner{wedge: name.scheme == "wedge"}
	out := sink{text: s.take, garbage: func() { s.garbage.Add(1) }}
	switch name.scheme {
	case "serial":
		s.parser = &serialLines{line{limit: o.Idle, sink: out}}
		s.device, err = openSerial(name.device, name.baud)
	case "evdev":
		s.parser = &keyLines{line: line{limit: cmp.Or(name.gap, o.KeyGap), sink: out}, word: strconv.IntSize / 8}
		s.device, err = here.openKeyboard(name.device)
	case "sim":
		s.sim = &Sim{texts: make(chan string, 16)}
	}
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeUnavailable, "error.scanner", "scanner %q: %w", dsn, err)
	}
	return s, nil
}

// name is a DSN taken apart.
type name struct {
	scheme string
	device string
	baud   int64
	gap    time.Duration // 0: not said
}

var product = regexp.MustCompile(`^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$`)

// parse reads a DSN.
func parse(dsn string) (name, error) {
	scheme, rest, ok := strings.Cut(dsn, ":")
	if !ok {
		return name{}, complaint("no kind of scanner is named")
	}
	n := name{scheme: scheme, baud: 115200}
	switch scheme {
	case "serial":
		return n, n.serial(rest)
	case "evdev":
		return n, n.keyboard(rest)
	case "wedge", "sim", "none":
		if rest != "" {
			return n, complaint("nothing may follow the colon")
		}
		return n, nil
	}
	return n, complaint("unknown kind of scanner")
}

// serial reads what follows "serial:".
func (n *name) serial(rest string) error {
	var query string
	n.device, query, _ = strings.Cut(rest, "?")
	if n.device == "" {
		return complaint("no port is named")
	}
	return options(query, func(key, value string) (err error) {
		n.baud, err = strconv.ParseInt(value, 10, 32)
		if key != "baud" || n.baud < 50 {
			return complaint("unknown")
		}
		return err
	})
}

// The bounds of the gap between two keys of one code.
const (
	leastGap = 10 * time.Millisecond
	mostGap  = time.Minute
)

// keyboard reads what follows "evdev:".
func (n *name) keyboard(rest string) error {
	var query string
	n.device, query, _ = strings.Cut(rest, "?")
	if !strings.HasPrefix(n.device, "/") && !product.MatchString(n.device) {
		return complaint("neither a path nor vendor and product")
	}
	return options(query, func(key, value string) (err error) {
		n.gap, err = time.ParseDuration(value)
		if key != "gap" || n.gap < leastGap || n.gap > mostGap {
			return complaint("unknown")
		}
		return err
	})
}

// options hands each option of a query to take, and names the one that it refuses.
func options(query string, take func(key, value string) error) error {
	q, err := url.ParseQuery(query)
	if err != nil {
		return complaint("unreadable options")
	}
	for key, values := range q {
		if len(values) != 1 || take(key, values[0]) != nil {
			return complaint("unknown option " + key + "=" + strings.Join(values, ","))
		}
	}
	return nil
}

// complaint is a reason why a DSN is refused.
type complaint string

func (c complaint) Error() string { return string(c) }

// Sim returns the controls of a simulated scanner, nil for any other.
func (s *Scanner) Sim() *Sim { return s.sim }

// Wedge tells whether the scanner types into the page, which then has to listen.
func (s *Scanner) Wedge() bool { return s.wedge }

// Stats are counters since the scanner was opened.
type Stats struct {
	Scans   uint64 // codes that were told
	Garbage uint64 // what was no code, or came in parts
}

// Stats returns the counters. It may be called at any time.
func (s *Scanner) Stats() Stats { return Stats{s.scans.Load(), s.garbage.Load()} }

// Run calls say for each scan, one after the other, until ctx ends; then it returns
// nil. It returns an Error with CodeUnavailable when the device went away; the
// scanner may be opened anew then. The device is closed at the end. Run is called once.
func (s *Scanner) Run(ctx context.Context, say func(kiosk.Scan)) error {
	s.say = say
	if s.sim != nil {
		return s.runSim(ctx)
	}
	if s.device == nil {
		<-ctx.Done()
		return nil
	}
	defer s.Close()
	stop := context.AfterFunc(ctx, func() { _ = s.device.SetReadDeadline(time.Unix(1, 0)) }) // a closed one needs none
	defer stop()
	began := time.Now()
	for b := make([]byte, 64*24); ; {
		n, err := s.device.Read(b)
		s.parser.feed(b[:n], time.Since(began))
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return kiosk.Errorf(kiosk.CodeUnavailable, "error.scanner", "scanner went away: %w", err)
		}
	}
}

func (s *Scanner) runSim(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case text := <-s.sim.texts:
			s.take(text)
		}
	}
}

// take tells a code, if it is one.
func (s *Scanner) take(text string) {
	scan, err := kiosk.NewScan(text)
	if err != nil {
		s.garbage.Add(1)
		return
	}
	s.scans.Add(1)
	s.say(scan)
}

// Close gives the device up. Run does so at its end; closing again does nothing.
func (s *Scanner) Close() error {
	s.closing.Do(func() {
		if s.device != nil {
			s.closed = s.device.Close()
		}
	})
	return s.closed
}

// Sim are the controls of a simulated scanner.
type Sim struct{ texts chan string }

// Scan holds a code before the scanner. A scanner that nobody reads keeps a few.
func (s *Sim) Scan(text string) {
	select {
	case s.texts <- text:
	default:
	}
}
