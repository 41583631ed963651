package printer_test

import (
	"testing"

	"redstation/hardware/printer"
	"redstation/kiosk"
)

func TestLengthIsThePaperThatGoes(t *testing.T) {
	for _, tt := range []struct {
		dsn  string
		roll int
	}{{"none:", 80_000}, {"none:?paper=58", 30_000}} {
		p := open(t, tt.dsn, printer.Opts{})
		if got := p.Roll(); got != tt.roll {
			t.Errorf("%s: a roll of %d mm, want %d", tt.dsn, got, tt.roll)
		}
		short, err := p.Length(kiosk.Receipt{Lines: []kiosk.Line{{Text: "一"}}})
		if err != nil {
			t.Fatal(err)
		}
		if short < 15 || short > 40 {
			t.Errorf("%s: one line takes %d mm", tt.dsn, short)
		}
		long, err := p.Length(kiosk.Receipt{Lines: []kiosk.Line{{Text: "一"}, {Feed: 40}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := long - short; got < 70 || got > 90 { // 40 half-lines of 2 mm
			t.Errorf("%s: the feed takes %d mm, want about 80", tt.dsn, got)
		}
	}
}
