package rig_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"redstation/hardware/printertest"
	"redstation/hardware/rig"
	"redstation/kiosk"
)

const (
	uartPrinter = "uart:/dev/ttyAMA0?baud=115200&flow=none&paper=80"
	usbPrinter  = "usblp:/dev/usb/lp*?paper=80"
	reprinted   = "补 打"
)

// plays lets a printer stand at the far end of a line into the machine. Its buffer
// is large: while it takes nothing from the UART the whole machine would wait.
func plays(t *testing.T, line func() (net.Conn, error)) *printertest.Printer {
	t.Helper()
	return printertest.Dial(t, printertest.Opts{Buffer: 1 << 16}, func() (io.ReadWriteCloser, error) { return line() })
}

// slip is what a resident was shown.
type slip struct {
	id     string
	number string
}

var numberShown = regexp.MustCompile(`data-number>([^<]+)<`)

// ticket is a resident who draws a number.
func (b *booth) ticket() slip {
	b.t.Helper()
	resp, err := rig.Client().PostForm(b.URL()+"/s/2.3/ticket", url.Values{"key": {kiosk.RandomID().String()}})
	b.must(err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	b.must(err)
	m := numberShown.FindSubmatch(page)
	if resp.StatusCode != http.StatusOK || m == nil {
		b.t.Fatalf("no number was shown: %s %.300s", resp.Status, page)
	}
	return slip{id: resp.Request.URL.Path[len("/slip/"):], number: string(m[1])}
}

// facts returns the facts of the records of a kind.
func (b *booth) facts(kind kiosk.Kind) ([]map[string]any, error) {
	list, err := b.book()
	var all []map[string]any
	for _, r := range list {
		if r.kind != kind {
			continue
		}
		var facts map[string]any
		if err := json.Unmarshal(r.facts, &facts); err != nil {
			return nil, err
		}
		all = append(all, facts)
	}
	return all, err
}

// untilPrinter waits until the booth's last word about its printer is this.
func (b *booth) untilPrinter(want kiosk.PrinterState) {
	b.t.Helper()
	b.until(fmt.Sprintf("the booth finds its printer %s", want), func() (bool, error) {
		states, err := b.facts(kiosk.KindPrinterState)
		if err != nil || len(states) == 0 {
			return false, errors.Join(err, errors.New("nothing said"))
		}
		last := states[len(states)-1]["state"]
		return last == string(want), fmt.Errorf("it says %v", last)
	})
}

// untilSettled waits until the book has the outcome of a slip.
func (b *booth) untilSettled(s slip, want kiosk.SlipState) {
	b.t.Helper()
	b.until(fmt.Sprintf("slip %s is %s", s.number, want), func() (bool, error) {
		outcomes, err := b.facts(kiosk.KindSlipPrinted)
		for _, o := range outcomes {
			if o["slip"] == s.id {
				return o["state"] == string(want), fmt.Errorf("it is %v", o["state"])
			}
		}
		return false, errors.Join(err, errors.New("it is not settled"))
	})
}

// judge holds what lies in the printer's tray from slip n on against what was
// promised: the whole slip once, marked as a reprint or not.
func (b *booth) judge(p *printertest.Printer, n int, s slip, marked bool) {
	b.t.Helper()
	whole := 0
	papers := p.Slips()[n:]
	for _, paper := range papers {
		if paper.Unknown > 0 {
			b.t.Errorf("the printer did not understand %d bytes", paper.Unknown)
		}
		if !paper.Complete || !strings.Contains(paper.Text, s.number) {
			continue
		}
		whole++
		if got := strings.Contains(paper.Text, reprinted); got != marked {
			b.t.Errorf("the slip is marked as a reprint: %v, want %v:\n%s", got, marked, paper.Text)
		}
	}
	if whole != 1 {
		b.t.Errorf("slip %s came whole %d times, want once, from %d papers: %+v", s.number, whole, len(papers), papers)
	}
}

// printsOverUART prints a slip on a printer at the Pi's serial port, which is asked
// how it is and answers.
func (b *booth) printsOverUART(p *printertest.Printer) {
	b.untilPrinter(kiosk.PrinterReady)
	began := time.Now()
	s := b.ticket()
	b.untilSettled(s, kiosk.SlipDone)
	b.t.Logf("slip %s printed %s after it was asked for", s.number, short(time.Since(began)))
	b.judge(p, 0, s, false)

	p.SetPaper(false)
	b.untilPrinter(kiosk.PrinterNoPaper)
	s = b.ticket()
	p.SetPaper(true)
	b.untilSettled(s, kiosk.SlipDone)
	b.judge(p, 1, s, false)
}

// printsOverUSB prints a slip on a printer behind /dev/usb/lp0.
func (b *booth) printsOverUSB(p *printertest.Printer) {
	b.untilPrinter(kiosk.PrinterReady)
	n := len(p.Slips())
	began := time.Now()
	s := b.ticket()
	b.untilSettled(s, kiosk.SlipDone)
	b.t.Logf("slip %s printed %s after it was asked for", s.number, short(time.Since(began)))
	b.judge(p, n, s, false)
}

// head is how much of a slip has come when it is disturbed, in dots: the head of
// a ticket, and not its end.
const head = 120

// paperEnds takes the paper out in the middle of a slip and puts in a new roll.
func (b *booth) paperEnds(p *printertest.Printer) {
	b.untilPrinter(kiosk.PrinterReady)
	n := len(p.Slips())
	p.After(head, func() {
		b.check(b.SetUSBStatus(b.t.Context(), rig.USBSelected|rig.USBPaperEmpty))
		p.SetPaper(false)
	})
	s := b.ticket()
	b.untilPrinter(kiosk.PrinterNoPaper)
	p.SetPaper(true)
	b.must(b.SetUSBStatus(b.t.Context(), rig.USBSelected|rig.USBNoError))
	b.untilSettled(s, kiosk.SlipDone)
	b.judge(p, n, s, true)
}

// cablePulled pulls the USB plug in the middle of a slip and puts it in again. The
// printer lives on that plug: what it has in its memory by then is lost with it. (One
// with a supply of its own prints that to the end: cmd/internal/boothd pulls its cable.)
func (b *booth) cablePulled(p *printertest.Printer) {
	b.untilPrinter(kiosk.PrinterReady)
	n := len(p.Slips())
	p.After(head, func() {
		p.SetPower(false)
		b.check(b.PlugUSB(b.t.Context(), false))
	})
	s := b.ticket()
	b.untilPrinter(kiosk.PrinterOffline)
	p.SetPower(true)
	b.must(b.PlugUSB(b.t.Context(), true))
	b.untilSettled(s, kiosk.SlipDone)
	b.judge(p, n, s, true)
}

// check is must for other goroutines than the test's.
func (b *booth) check(err error) {
	if err != nil {
		b.t.Error(err)
	}
}
