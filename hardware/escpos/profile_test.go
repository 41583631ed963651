package escpos_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

func parseProfile(t *testing.T, query string) (escpos.Profile, url.Values, error) {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	p, err := escpos.ParseProfile(values)
	return p, values, err
}

func TestOptionsMakeAProfile(t *testing.T) {
	with := func(p escpos.Profile, change func(*escpos.Profile)) escpos.Profile {
		change(&p)
		return p
	}
	for query, want := range map[string]escpos.Profile{
		"":                     escpos.Paper80(),
		"paper=80&text=auto":   escpos.Paper80(),
		"paper=58&type=normal": escpos.Paper58(),
		"paper=58&cut=yes":     with(escpos.Paper58(), func(p *escpos.Profile) { p.Cutter = true }),
		"cut=no":               with(escpos.Paper80(), func(p *escpos.Profile) { p.Cutter = false }),
		"text=gbk&qr=native":   with(escpos.Paper80(), func(p *escpos.Profile) { p.Text, p.NativeQR = escpos.TextGBK, true }),
		"text=raster&beep=yes": with(escpos.Paper80(), func(p *escpos.Profile) { p.Text, p.Beep = escpos.TextRaster, true }),
		"heat=64,800,20":       with(escpos.Paper80(), func(p *escpos.Profile) { p.Heat = escpos.Heat{Dots: 64, Time: 800, Interval: 20} }),
		"density=74":           with(escpos.Paper80(), func(p *escpos.Profile) { p.Density = 74 }),
		"type=large":           with(escpos.Paper80(), func(p *escpos.Profile) { p.Large = true }),
	} {
		got, left, err := parseProfile(t, query)
		if err != nil || got != want {
			t.Errorf("%s:\ngot  %+v, %v\nwant %+v", query, got, err, want)
		}
		if len(left) > 0 {
			t.Errorf("%s: %v is left", query, left)
		}
	}
}

func TestOptionsOfOthersAreLeft(t *testing.T) {
	_, left, err := parseProfile(t, "baud=115200&paper=58&flow=rts")
	if err != nil || left.Encode() != "baud=115200&flow=rts" {
		t.Errorf("got %v and %v, want the line's options", left, err)
	}
}

func TestAWrongOptionSaysWhatIsAccepted(t *testing.T) {
	for query, want := range map[string]string{
		"paper=76":           "use paper=80 or paper=58",
		"paper=":             "paper= names nothing",
		"heat=":              "heat= names nothing",
		"paper=58&paper=80":  "name it once",
		"text=utf8":          "use text=auto or text=gbk or text=raster",
		"text=auto%7Cgbk":    "use text=auto",
		"qr=1":               "use qr=raster or qr=native",
		"cut=true":           "use cut=yes or cut=no",
		"type=huge":          "use type=normal or type=large",
		"beep=1":             "use beep=no or beep=yes",
		"density=0":          "from 1 to 255",
		"density=dark":       "from 1 to 255",
		"heat=64,800":        "such as heat=64,800,20",
		"heat=64,800,20,1":   "such as heat=64,800,20",
		"heat=60,800,20":     "in steps of 8",
		"heat=64,805,20":     "in steps of 10",
		"heat=64,20,20":      "30 to 2550",
		"heat=64,800,2560":   "0 to 2550",
		"heat=4096,800,20":   "8 to 2048",
		"heat=a,b,c":         "such as heat=64,800,20",
		"density=1&paper=76": "use paper=80",
	} {
		_, _, err := parseProfile(t, query)
		if kiosk.CodeOf(err) != kiosk.CodeInvalid || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", query, err, want)
		}
	}
}

func TestHeatAndDensityAreSentBeforeAllElse(t *testing.T) {
	p := escpos.Paper58()
	p.Heat, p.Density, p.Beep = escpos.Heat{Dots: 64, Time: 800, Interval: 20}, 74, true
	b, _ := printed(t, slip(), p)
	if want := "\x1b@\x1c.\x1b7\x07\x50\x02\x12#\x4a"; !bytes.HasPrefix(b, []byte(want)) {
		t.Errorf("got % x, want % x first", b[:12], want)
	}
	if want := "\x1bB\x02\x02"; !bytes.HasSuffix(b, []byte(want)) {
		t.Errorf("got % x, want % x at the end", b[len(b)-4:], want)
	}
	if got, want := p.Heat.RowTime(p.Dots), 6*820*time.Microsecond; got != want {
		t.Errorf("a black row takes %v, want %v", got, want)
	}
	if got := (escpos.Heat{}).RowTime(p.Dots); got != 0 {
		t.Errorf("an unknown heat takes %v", got)
	}
}

func TestTextModeGBKSendsNoPicture(t *testing.T) {
	p := escpos.Paper58()
	p.Text, p.NativeQR = escpos.TextGBK, true
	b, pr := printed(t, slip(), p)
	if bytes.Contains(b, []byte("\x1dv0")) {
		t.Error("a picture was sent")
	}
	if !strings.Contains(pr.Text, "□喆□（女士）") || !strings.Contains(pr.Text, strings.Repeat("─", 16)+"\n") {
		t.Errorf("got %q, want □ for what GBK lacks and a line of strokes", pr.Text)
	}
}

func TestLargeTypeIsLargerUnlessTheSlipGrowsTooLong(t *testing.T) {
	p := escpos.Paper80()
	_, normal := printed(t, slip(), p)
	p.Large = true
	b, large := printed(t, slip(), p)
	if large.Height() <= normal.Height() {
		t.Errorf("large type takes %d rows, normal type %d", large.Height(), normal.Height())
	}
	if !bytes.Contains(b, []byte("\x1c!\x0c\x1d!\x11")) || bytes.Contains(b, []byte("\x1d!\x00")) {
		t.Error("some type is not large")
	}
	long := kiosk.Receipt{Lines: []kiosk.Line{{Text: strings.Repeat("长", 2000)}}}
	if _, pr := printed(t, long, p); pr.Height() > 8000 {
		t.Errorf("a long slip in large type is %d rows long, want normal type", pr.Height())
	}
}
