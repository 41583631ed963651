// Package printertest is a receipt printer to test with: a program that stands at
// the other end of a TCP connection or of a pseudo-terminal and behaves like one.
//
// It has a buffer, a roll and a cover; it answers DLE EOT at once (also inside
// another command, as real ones do) and GS r when its turn comes; it reports by
// itself where GS a asked for that. A test takes its paper away after a number of
// rows, opens its cover, pulls its cable, lets it stall, be silent or send garbage,
// and then looks at the slips. It reads commands by a table of its own, and turns
// what it printed into text with escpos.Interpret.
package printertest

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"redstation/hardware/escpos"
)

// Opts are the parts of a printer that have working zero values.
type Opts struct {
	Profile escpos.Profile // how it prints; the zero value is escpos.Paper80()
	Options string         // what the DSN says beside address and paper, such as "stall=1s"
	Buffer  int            // bytes that it takes before it prints them; 0 is 4096, over TCP 65536
	Mute    bool           // it never answers anything
	XonXoff bool           // a pseudo-terminal's DSN says flow=xonxoff, and XOFF is sent at three quarters of the buffer and at a stall
}

// Slip is one piece of paper.
type Slip struct {
	Text     string // the lines of type; what was printed as an image is not in it
	Complete bool   // it has its beginning, and its end was cut or fed out
	Rows     int    // length, dots
	Unknown  int    // bytes that made no sense
}

// Printer is the stand-in. Its controls may be called at any time, from any goroutine.
type Printer struct {
	opts   Opts
	port   port
	serial bool // the cable cannot hold bytes back: what does not fit is lost

	mu                             sync.Mutex
	turn                           *sync.Cond // something changed: mu
	link                           *link      // what is connected, or nil
	off, stalled, silent, held     bool       // held: XOFF was sent
	empty, low, open, failed, auto bool
	left                           int // rows until the paper ends; -1: no end in sight
	hooks                          []hook
	hooked                         bool // one is being done
	head                           head
	buf                            []byte // received, not printed
	last                           []byte // the last two bytes received
	slip                           []byte // printed, not torn off
	line                           int    // bytes at the end of slip that wait in the line buffer
	slips                          []Slip
}

// hook is something to do when the paper has moved so far.
type hook struct {
	rows int
	do   func()
}

// port is the side of the printer that the cable goes into.
type port interface {
	dsn() string // ends where options may follow
	plug() error // also again, after unplug
	unplug()
}

// TCP makes a printer that listens on a loopback port, until the test ends.
func TCP(t testing.TB, o Opts) *Printer {
	t.Helper()
	if o.Buffer == 0 {
		o.Buffer = 64 << 10
	}
	return start(t, o, func(p *Printer) port { return &socket{p: p} })
}

// PTY makes a printer at a pseudo-terminal, until the test ends.
func PTY(t testing.TB, o Opts) *Printer {
	t.Helper()
	return start(t, o, func(p *Printer) port {
		p.serial = true
		return &terminal{p: p, dir: t.TempDir()}
	})
}

func start(t testing.TB, o Opts, make func(*Printer) port) *Printer {
	t.Helper()
	if o.Profile.Dots == 0 {
		o.Profile = escpos.Paper80()
	}
	if o.Buffer == 0 {
		o.Buffer = 4096
	}
	p := &Printer{opts: o, left: -1}
	p.turn = sync.NewCond(&p.mu)
	p.head.reset()
	p.port = make(p)
	if err := p.port.plug(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.port.unplug)
	return p
}

// DSN returns what the booth calls this printer.
func (p *Printer) DSN() string {
	dsn := p.port.dsn() + "paper=" + strconv.Itoa(p.opts.Profile.Paper)
	if p.opts.Options != "" {
		dsn += "&" + p.opts.Options
	}
	return dsn
}

// change does something under the lock, tells who waits, and prints what can now be
// printed.
func (p *Printer) change(do func()) {
	p.mu.Lock()
	before := p.packet()
	do()
	if after := p.packet(); after != before {
		p.report(after)
	}
	p.turn.Broadcast()
	p.mu.Unlock()
	p.work()
}

// SetPaper takes the roll out or puts a fresh one in. Taking it out tears off what
// was printed of a slip.
func (p *Printer) SetPaper(in bool) {
	p.change(func() {
		if !in {
			p.tear()
		}
		p.empty, p.left = !in, -1
		if in {
			p.low = false
		}
	})
}

// SetLow makes the roll nearly used up, or fresh again.
func (p *Printer) SetLow(low bool) { p.change(func() { p.low = low }) }

// SetCover opens or closes the cover. The slip in work goes on when it is closed.
func (p *Printer) SetCover(open bool) { p.change(func() { p.open = open }) }

// SetFailed makes an error of the printer's own, or mends it.
func (p *Printer) SetFailed(failed bool) { p.change(func() { p.failed = failed }) }

// PaperOutAfter lets the paper end when it has moved so many dots more: the command
// that would need more is not printed.
func (p *Printer) PaperOutAfter(rows int) { p.change(func() { p.left = rows }) }

// After calls do once, from another goroutine, when the paper has moved so many dots
// more. Nothing is printed before do has returned.
func (p *Printer) After(rows int, do func()) {
	p.change(func() { p.hooks = append(p.hooks, hook{rows, do}) })
}

// Stall makes the printer accept nothing more, or go on. At a pseudo-terminal with
// XonXoff it begins with XOFF and ends with XON.
func (p *Printer) Stall(on bool) {
	p.change(func() {
		p.stalled = on
		p.hold(on)
	})
}

// Silent makes the printer answer nothing, or answer again what it is asked from then on.
func (p *Printer) Silent(on bool) { p.change(func() { p.silent = on }) }

// Garbage makes the printer send n random bytes, the same for each seed.
func (p *Printer) Garbage(n int, seed uint64) {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = r.Read(b) // never fails
	p.change(func() { p.send(b) })
}

// SetPower switches the printer off, which loses what was in its buffer, or on.
func (p *Printer) SetPower(on bool) {
	p.change(func() {
		p.off = !on
		if on {
			return
		}
		p.tear()
		p.buf, p.last, p.auto = nil, nil, false
		p.head.reset()
	})
	if _, ok := p.port.(*terminal); ok {
		return // a serial cable does not tell
	}
	if on {
		p.Replug()
	} else {
		p.Unplug()
	}
}

// Unplug pulls the cable. What is in the buffer is printed still.
func (p *Printer) Unplug() { p.port.unplug() }

// Replug puts the cable in again, at the same address. It panics where that has been
// taken by another in the meantime.
func (p *Printer) Replug() {
	if err := p.port.plug(); err != nil {
		panic(err)
	}
}

// Slips returns the papers, oldest first: those that were cut or torn off, and what
// hangs out of the printer. Blank papers are left out.
func (p *Printer) Slips() []Slip {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := append([]Slip(nil), p.slips...)
	if s, ok := p.read(); ok {
		out = append(out, s)
	}
	return out
}

// read interprets the slip in work.
func (p *Printer) read() (Slip, bool) {
	pr, err := escpos.Interpret(p.slip[:len(p.slip)-p.line], p.opts.Profile)
	if err != nil || pr.Height() == 0 {
		return Slip{}, false
	}
	return Slip{Text: pr.Text, Complete: p.head.begun && p.head.ended, Rows: pr.Height(), Unknown: pr.Unknown}, true
}

// tear ends the slip in work. What comes next has no beginning until ESC @.
func (p *Printer) tear() {
	if s, ok := p.read(); ok {
		p.slips = append(p.slips, s)
	}
	p.slip = append(p.head.settings(), p.slip[len(p.slip)-p.line:]...)
	p.head.begun, p.head.ended = false, false
}
