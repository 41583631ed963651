package sqlite_test

import (
	"fmt"
	"testing"

	"redstation/kiosk"
)

// roll says what the booth knows of its roll, as text.
func (r *printing) roll() string {
	roll, left := r.Paper()
	return fmt.Sprintf("%d printed, %d left, near %q, out %v", roll.Printed, left, roll.Near, roll.Out)
}

func (r *printing) wantRoll(want string) {
	r.t.Helper()
	waitFor(r.t, func() bool { return r.roll() == want })
	stored, err := r.book.Roll(r.t.Context())
	roll, _ := r.Paper()
	if err != nil || stored != roll {
		r.t.Errorf("the book has %+v, %v; want %+v", stored, err, roll)
	}
}

// show puts the printer into states one after the other, as it would tell them.
func (r *printing) show(states ...kiosk.PrinterState) {
	r.t.Helper()
	for _, s := range states {
		r.Set(s, nil)
		waitFor(r.t, func() bool { return r.Status().Printer == s })
	}
}

func (r *printing) print(n int) {
	r.t.Helper()
	for range n {
		r.until(r.request().ID, kiosk.SlipDone)
	}
}

// The rig's rolls are 1,000 mm long, its slips 100 mm.
func TestTheRollIsCountedAndItsEndToldAhead(t *testing.T) {
	r := newPrinting(t)
	r.print(8)
	r.wantRoll(`800 printed, 200 left, near "", out false`)
	r.stop()
	r.restart()
	r.run()
	r.wantRoll(`800 printed, 200 left, near "", out false`)
	r.print(1)
	r.wantRoll(`900 printed, 100 left, near "counted", out false`)
	r.print(3)
	r.show(kiosk.PrinterPaperLow)
	r.wantRoll(`1200 printed, 0 left, near "sensed", out false`)
	r.show(kiosk.PrinterNoPaper)
	r.wantRoll(`1200 printed, 0 left, near "sensed", out true`)
	r.show(kiosk.PrinterCover)
	r.stop()
	r.restart() // the roll is changed while the program is off
	r.Set(kiosk.PrinterReady, nil)
	r.run()
	r.wantRoll(`0 printed, 1000 left, near "", out false`)
	var told string
	for _, f := range r.facts(kiosk.KindPrinterPaper) {
		told += fmt.Sprintln(f["event"], f["near"], f["printed_mm"])
	}
	want := "near_end counted 900\nnear_end sensed 1200\nnew_roll <nil> 1200\n"
	if told != want {
		t.Errorf("the city is told\n%swant\n%s", told, want)
	}
}

func TestARollMayBeChangedBeforeItEnds(t *testing.T) {
	r := newPrinting(t)
	r.print(2)
	r.show(kiosk.PrinterCover, kiosk.PrinterReady) // a look inside
	r.wantRoll(`200 printed, 800 left, near "", out false`)
	r.show(kiosk.PrinterPaperLow, kiosk.PrinterReady, kiosk.PrinterPaperLow) // its sensor wavers
	r.wantRoll(`200 printed, 100 left, near "sensed", out false`)
	r.show(kiosk.PrinterCover, kiosk.PrinterReady)
	r.wantRoll(`0 printed, 1000 left, near "", out false`)
	r.show(kiosk.PrinterNoPaper, kiosk.PrinterUnknown)
	r.wantRoll(`0 printed, 0 left, near "", out true`)
	r.show(kiosk.PrinterPaperLow) // a used roll
	r.wantRoll(`0 printed, 100 left, near "sensed", out false`)
	if n := len(r.facts(kiosk.KindPrinterPaper)); n != 4 {
		t.Errorf("%d records, want 4", n)
	}
}

func TestAPieceCountsAsMuchAsAPaper(t *testing.T) {
	r := newPrinting(t)
	r.StopNext(kiosk.PrinterCover)
	s := r.request()
	waitFor(t, func() bool { return r.Status().Printer == kiosk.PrinterCover })
	r.Set(kiosk.PrinterReady, nil)
	r.until(s.ID, kiosk.SlipDone)
	r.wantRoll(`200 printed, 800 left, near "", out false`)
}
