package e2e_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

//go:embed testdata/measure.js
var measureJS string

// mayEnd is what may end in dots where it is long: a resident's own words, which the
// page of their question shows whole, and what only says again where one is.
const mayEnd = ".row-value, .crumb, .station"

// The rules, in millimetres. Tenths are the browser's rounding.
const (
	leastTarget = 20.0
	leastKey    = 15.0
	leastBar    = 15.0 // height of a button in the one bar of a low panel
	leastGap    = 2.9
	leastText   = 5.0
	lowPanel    = 105.0 // height below which header and footer are one bar
	rounding    = 0.06
)

// box is a rectangle on the screen, in px.
type box struct{ X, Y, W, H float64 }

// gap returns the distance between two boxes, 0 if they touch, less if they overlap.
func (a box) gap(b box) float64 {
	dx := math.Max(a.X, b.X) - math.Min(a.X+a.W, b.X+b.W)
	dy := math.Max(a.Y, b.Y) - math.Min(a.Y+a.H, b.Y+b.H)
	if dx > 0 && dy > 0 {
		return math.Hypot(dx, dy)
	}
	return math.Max(dx, dy)
}

// sheet is what measure.js returns.
type sheet struct {
	Page, Lang, Title         string
	Font                      bool
	Width, Height             float64
	ScrollWidth, ScrollHeight float64
	Targets                   []struct {
		Name, Kind string
		Box        box
		Covered    bool
		Size       float64 // of the type in an entry; 0 = not an entry
	}
	Texts []struct {
		Name                 string
		Size                 float64
		Cut, Hidden, Outside bool
		Box                  box
	}
}

func (b *tab) measure() sheet {
	b.t.Helper()
	var s sheet
	raw := eval[[]byte](b, fmt.Sprintf("{ const mayEnd = %q; %s }", mayEnd, strings.TrimSpace(measureJS)))
	if err := json.Unmarshal(raw, &s); err != nil {
		b.t.Fatalf("measure: %v", err)
	}
	return s
}

// judge returns what is wrong with a page of the touch screen on the panel.
func (s sheet) judge(p panel) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	mm := p.mm()
	if s.ScrollWidth > s.Width {
		say("overflows to the right by %.1f mm", (s.ScrollWidth-s.Width)/mm)
	}
	if s.ScrollHeight > s.Height {
		say("overflows below by %.1f mm", (s.ScrollHeight-s.Height)/mm)
	}
	s.judgeTargets(p, say)
	s.judgeTexts(mm, say)
	return wrong
}

func (s sheet) judgeTargets(p panel, say func(string, ...any)) {
	mm := p.mm()
	low := float64(p.h)/mm < lowPanel
	for i, a := range s.Targets {
		wide, high := leastTarget, leastTarget
		switch {
		case a.Kind == "key":
			wide, high = leastKey, leastKey
		case a.Kind == "bar" && low:
			high = leastBar
		}
		if w, h := a.Box.W/mm, a.Box.H/mm; w < wide-rounding || h < high-rounding {
			say("%s is %.1f x %.1f mm, wants %.0f x %.0f", a.Name, w, h, wide, high)
		}
		if a.Box.X < -1 || a.Box.Y < -1 || a.Box.X+a.Box.W > s.Width+1 || a.Box.Y+a.Box.H > s.Height+1 {
			say("%s lies outside the panel, at %.1f, %.1f mm", a.Name, a.Box.X/mm, a.Box.Y/mm)
		} else if a.Covered {
			say("%s is covered in its middle", a.Name)
		}
		if a.Size > 0 && a.Size/mm < leastText-rounding {
			say("%s holds type of %.1f mm, wants %.0f", a.Name, a.Size/mm, leastText)
		}
		for _, b := range s.Targets[i+1:] {
			if gap := a.Box.gap(b.Box) / mm; gap < leastGap {
				say("%s and %s are %.1f mm apart, want 3", a.Name, b.Name, gap)
			}
		}
	}
}

func (s sheet) judgeTexts(mm float64, say func(string, ...any)) {
	for _, x := range s.Texts {
		if x.Size/mm < leastText-rounding {
			say("text %s is %.1f mm, wants %.0f", x.Name, x.Size/mm, leastText)
		}
		switch {
		case x.Outside:
			say("text %s lies outside the panel, at %.1f, %.1f mm", x.Name, x.Box.X/mm, x.Box.Y/mm)
		case x.Cut:
			say("text %s is cut off", x.Name)
		case x.Hidden:
			say("text %s lies under a target", x.Name)
		}
	}
}
