package escpos

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"redstation/kiosk"
)

// Profile says what a printer can do. It is a value: Paper80 and Paper58 are the
// usual ones, and a copy of either may be changed.
type Profile struct {
	Name   string
	Paper  int  // width of the roll, mm
	Dots   int  // printable width, dots; a multiple of 24
	Module int  // greatest width of one module of a QR code, dots, at most 16; 0 is 6
	Cutter bool // whether it cuts; without it, paper is fed to the tear bar
	Text   TextMode
	// NativeQR lets the printer draw QR codes. Many printers print rubbish instead.
	NativeQR bool
	Large    bool // type of normal size is set twice as large where the slip stays under a metre
	Heat     Heat // of the head; the zero value leaves the printer's own
	// Density is the argument of DC2 #, 1 to 255: the low five bits are darkness above
	// 50 % in steps of 5 %, the high three a rest of 250 µs each. 0 leaves the printer's own.
	Density int
	Beep    bool // two short tones at the end, on printers with a buzzer
}

// TextMode is how type is sent.
type TextMode int

// The text modes.
const (
	TextAuto   TextMode = iota // as characters, and a line as a picture where GBK lacks one of it
	TextGBK                    // as characters only, with □ for what GBK lacks, and no lines drawn
	TextRaster                 // as pictures only, for a printer without a Chinese font
)

// Heat is how the head of a printer of the CSN-A2 family heats (ESC 7). The zero
// value is the printer's own setting.
type Heat struct {
	Dots     int // heated at a time, 8 to 2048 in steps of 8; more is faster and needs a stronger supply
	Time     int // of heating, 30 to 2550 µs in steps of 10; more is darker and slower
	Interval int // between two heatings, 0 to 2550 µs in steps of 10; more is clearer and slower
}

// RowTime returns the longest that a row of so many dots takes to print, all of it
// black; 0 for the zero value.
func (h Heat) RowTime(dots int) time.Duration {
	if h.Dots <= 0 {
		return 0
	}
	steps := (dots + h.Dots - 1) / h.Dots
	return time.Duration(steps*(h.Time+h.Interval)) * time.Microsecond
}

// Paper80 is a printer for 80 mm rolls with a cutter, the booth's usual one.
func Paper80() Profile {
	return Profile{Name: "80", Paper: 80, Dots: 576, Module: 8, Cutter: true}
}

// Paper58 is a printer for 58 mm rolls without a cutter.
func Paper58() Profile {
	return Profile{Name: "58", Paper: 58, Dots: 384, Module: 6}
}

// ParseProfile makes a profile from the options of a printer's DSN, and takes these
// options out of values, so that what is left is for others:
//
//	paper=80|58  text=auto|gbk|raster  qr=raster|native  cut=yes|no  type=normal|large
//	heat=DOTS,TIME,INTERVAL  density=1..255  beep=no|yes
//
// The first of each is what holds without the option; whether there is a cutter
// goes with the paper. The error has CodeInvalid and says what is accepted.
func ParseProfile(values url.Values) (Profile, error) {
	var err error
	take := func(key, accepted string) string {
		v := values[key]
		delete(values, key)
		switch {
		case len(v) == 0 || err != nil:
			return ""
		case len(v) > 1:
			err = refuse("%s is named twice; name it once", key)
		case v[0] == "":
			err = refuse("%s= names nothing; give it a value or leave it out", key)
		case accepted != "" && !slices.Contains(strings.Split(accepted, "|"), v[0]):
			err = refuse("%s=%q; use %s=%s", key, v[0], key, strings.ReplaceAll(accepted, "|", " or "+key+"="))
		}
		return v[0]
	}
	p := Paper80()
	if take("paper", "80|58") == "58" {
		p = Paper58()
	}
	p.Text = map[string]TextMode{"gbk": TextGBK, "raster": TextRaster}[take("text", "auto|gbk|raster")]
	p.NativeQR = take("qr", "raster|native") == "native"
	if cut := take("cut", "yes|no"); cut != "" {
		p.Cutter = cut == "yes"
	}
	p.Large = take("type", "normal|large") == "large"
	p.Beep = take("beep", "no|yes") == "yes"
	if v := take("heat", ""); v != "" && err == nil {
		p.Heat, err = parseHeat(v)
	}
	if v := take("density", ""); v != "" && err == nil {
		n, bad := strconv.Atoi(v)
		if p.Density = n; bad != nil || n < 1 || n > 255 {
			err = refuse("density=%q; use a number from 1 to 255", v)
		}
	}
	if err != nil {
		return Profile{}, err
	}
	return p, nil
}

func refuse(format string, args ...any) error {
	return kiosk.Errorf(kiosk.CodeInvalid, "error.printer", format, args...)
}

// parseHeat reads DOTS,TIME,INTERVAL.
func parseHeat(s string) (Heat, error) {
	var n [3]int
	parts := strings.Split(s, ",")
	ok := len(parts) == len(n)
	for i := 0; ok && i < len(n); i++ {
		var err error
		n[i], err = strconv.Atoi(parts[i])
		ok = err == nil
	}
	h := Heat{Dots: n[0], Time: n[1], Interval: n[2]}
	if !ok || !h.valid() {
		return Heat{}, refuse("heat=%q; use heat=DOTS,TIME,INTERVAL with 8 to 2048 dots in steps of 8, "+
			"30 to 2550 µs and 0 to 2550 µs in steps of 10, such as heat=64,800,20", s)
	}
	return h, nil
}

func (h Heat) valid() bool {
	return h.Dots >= 8 && h.Dots <= 2048 && h.Dots%8 == 0 &&
		h.Time >= 30 && h.Time <= 2550 && h.Time%10 == 0 &&
		h.Interval >= 0 && h.Interval <= 2550 && h.Interval%10 == 0
}

// check says what is wrong with a profile that a program made up.
func (p Profile) check() error {
	switch {
	case p.Dots < 192 || p.Dots > 1024 || p.Dots%rowDots != 0:
		return fmt.Errorf("profile %q: %d dots; a multiple of 24 from 192 to 1024 is needed", p.Name, p.Dots)
	case p.Heat != Heat{} && !p.Heat.valid():
		return fmt.Errorf("profile %q: heat of %v is out of range", p.Name, p.Heat)
	case p.Density < 0 || p.Density > 255:
		return fmt.Errorf("profile %q: density %d; 1 to 255, or 0 for the printer's own, is needed", p.Name, p.Density)
	}
	return nil
}

// cols returns how many columns fit the paper at the given scale (1, 2 or 3).
func (p Profile) cols(scale int) int { return p.Dots / (colDots * scale) }

// margin returns the white strip that the printer cannot reach, in dots a side.
func (p Profile) margin() int { return max((p.Paper*8-p.Dots)/2, rowDots) }

// module returns the width of one module of a QR code of so many modules a side,
// with its white border: as large as the profile wants and the paper allows. It is
// 0 where not even leastModule fits.
func (p Profile) module(side int) int {
	want := p.Module
	if want <= 0 {
		want = 6
	}
	if dots := min(want, maxModule, p.Dots/side); dots >= leastModule {
		return dots
	}
	return 0
}
