package main

import (
	"image"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// point is a place in dots; y grows downwards, as on paper.
type point [2]float64

// outline is a glyph as closed polygons.
type outline [][]point

// flat is the length of a straight piece that stands for a part of a curve, in dots.
const flat = 0.3

// face reads glyphs out of one font file.
type face struct {
	f   *sfnt.Font
	buf sfnt.Buffer
}

// has reports whether the font draws r.
func (fc *face) has(r rune) bool {
	g, err := fc.f.GlyphIndex(&fc.buf, r)
	return err == nil && g != 0
}

// load returns r's outline with its origin at the left of the baseline, and its
// advance, at size dots to the em.
func (fc *face) load(r rune, size float64) (outline, float64, error) {
	g, err := fc.f.GlyphIndex(&fc.buf, r)
	if err != nil {
		return nil, 0, err
	}
	ppem := fixed.I(int(fc.f.UnitsPerEm()))
	k := size / float64(ppem)
	adv, err := fc.f.GlyphAdvance(&fc.buf, g, ppem, font.HintingNone)
	if err != nil {
		return nil, 0, err
	}
	segs, err := fc.f.LoadGlyph(&fc.buf, g, ppem, nil)
	if err != nil {
		return nil, 0, err
	}
	return polygons(segs, k), float64(adv) * k, nil
}

// polygons flattens curves and scales by k.
func polygons(segs sfnt.Segments, k float64) outline {
	var out outline
	at := func(p fixed.Point26_6) point { return point{float64(p.X) * k, float64(p.Y) * k} }
	for _, s := range segs {
		if s.Op == sfnt.SegmentOpMoveTo {
			out = append(out, []point{at(s.Args[0])})
			continue
		}
		last := &out[len(out)-1]
		a, b := (*last)[len(*last)-1], at(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpLineTo:
			*last = append(*last, b)
		case sfnt.SegmentOpQuadTo:
			c := at(s.Args[1])
			*last = append(*last, curve(a, mix(a, b, 2./3), mix(c, b, 2./3), c)...)
		case sfnt.SegmentOpCubeTo:
			*last = append(*last, curve(a, b, at(s.Args[1]), at(s.Args[2]))...)
		}
	}
	return out
}

// curve returns points on a cubic Bézier curve, without its first.
func curve(a, b, c, d point) []point {
	n := int(math.Ceil((dist(a, b) + dist(b, c) + dist(c, d)) / flat))
	var out []point
	for i := 1; i <= n; i++ {
		t := float64(i) / float64(n)
		ab, bc, cd := mix(a, b, t), mix(b, c, t), mix(c, d, t)
		out = append(out, mix(mix(ab, bc, t), mix(bc, cd, t), t))
	}
	return out
}

func mix(a, b point, t float64) point {
	return point{a[0] + (b[0]-a[0])*t, a[1] + (b[1]-a[1])*t}
}

func dist(a, b point) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }

// apply replaces every point.
func (o outline) apply(f func(point) point) {
	for _, c := range o {
		for i := range c {
			c[i] = f(c[i])
		}
	}
}

// bits draws the outline on w by 24 dots and returns it as rows of bits, high bit
// left, without padding between rows.
func (o outline) bits(w int, threshold uint8) []byte {
	ras := vector.NewRasterizer(w, cell)
	for _, c := range o {
		for i, p := range c {
			if i == 0 {
				ras.MoveTo(float32(p[0]), float32(p[1]))
			} else {
				ras.LineTo(float32(p[0]), float32(p[1]))
			}
		}
		ras.ClosePath()
	}
	dst := image.NewAlpha(image.Rect(0, 0, w, cell))
	ras.Draw(dst, dst.Bounds(), image.Opaque, image.Point{})
	out := make([]byte, w*cell/8)
	for i, a := range dst.Pix {
		if a >= threshold {
			out[i/8] |= 0x80 >> (i % 8)
		}
	}
	return out
}
