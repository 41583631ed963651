package main

import (
	"cmp"
	"math"
	"slices"
)

// At 24 dots a stroke is about two dots wide, and where it falls between dots it
// comes out one dot here and three there. hint moves strokes to whole dots first:
// it finds the straight horizontal (or vertical) strokes of a glyph, chooses for
// each a place and a width in whole dots, near its own, with at least one white
// dot to its neighbour, and bends the rest of the outline to follow.

const (
	slope  = 0.16 // an edge may lean so much and still be straight
	shortE = 1.4  // edges shorter than this are no strokes, dots
	thick  = 3.6  // and pairs of edges further apart than this are none either
	beam   = 48   // partial placements kept in the search
)

// edge is one side of a stroke on one axis: a place and the stretch it covers on
// the other axis. The ink is after it (at greater places) if it begins a stroke.
type edge struct {
	at, lo, hi float64
	begins     bool
}

// stem is a stroke seen across.
type stem struct {
	at, end float64
	lo, hi  float64
	edges   []edge
}

// hint fits the outline's strokes to whole dots on both axes.
func (o outline) hint() {
	for axis := range 2 {
		es := slices.DeleteFunc(o.edges(axis), func(e edge) bool { return o.hides(e, axis) })
		ss := stems(es)
		if len(ss) == 0 {
			continue
		}
		warp := newWarp(ss, place(ss))
		o.apply(func(p point) point {
			p[axis] = warp.at(p[axis])
			return p
		})
	}
}

// edges returns the straight edges across the axis.
func (o outline) edges(axis int) []edge {
	var out []edge
	for _, c := range o {
		n := len(c)
		var run edge
		var length, sum float64
		flush := func() {
			if length >= shortE {
				run.at = sum / length
				out = append(out, run)
			}
			length, sum = 0, 0
		}
		for i := range n {
			a, b := c[i], c[(i+1)%n]
			along, across := b[1-axis]-a[1-axis], b[axis]-a[axis]
			if math.Abs(across) > slope*math.Abs(along) || along == 0 {
				flush()
				continue
			}
			begins := (along > 0) == (axis == 1)
			if length > 0 && begins != run.begins {
				flush()
			}
			lo, hi := min(a[1-axis], b[1-axis]), max(a[1-axis], b[1-axis])
			if length == 0 {
				run = edge{lo: lo, hi: hi, begins: begins}
			}
			run.lo, run.hi = min(run.lo, lo), max(run.hi, hi)
			length += hi - lo
			sum += (hi - lo) * (a[axis] + b[axis]) / 2
		}
		flush()
	}
	return out
}

// hides reports whether the edge lies inside the ink, where two strokes overlap.
func (o outline) hides(e edge, axis int) bool {
	const off = 0.2
	for _, t := range []float64{0.15, 0.5, 0.85} {
		var a, b point
		a[axis], b[axis] = e.at-off, e.at+off
		a[1-axis] = e.lo + (e.hi-e.lo)*t
		b[1-axis] = a[1-axis]
		if !o.inks(a) || !o.inks(b) {
			return false
		}
	}
	return true
}

// inks reports whether p is inside, by the non-zero winding rule.
func (o outline) inks(p point) bool {
	wind := 0
	for _, c := range o {
		for i, a := range c {
			b := c[(i+1)%len(c)]
			if (a[1] <= p[1]) == (b[1] <= p[1]) {
				continue
			}
			if a[0]+(p[1]-a[1])/(b[1]-a[1])*(b[0]-a[0]) > p[0] {
				if b[1] > a[1] {
					wind++
				} else {
					wind--
				}
			}
		}
	}
	return wind != 0
}

// stems pairs edges and puts those strokes together that stand on one line.
func stems(es []edge) []stem {
	var out []stem
	for _, a := range es {
		if !a.begins {
			continue
		}
		best := -1
		for i, b := range es {
			over := min(a.hi, b.hi) - max(a.lo, b.lo)
			wide := b.at - a.at
			if b.begins || wide < 0.4 || wide > thick || over < 0.4*min(a.hi-a.lo, b.hi-b.lo) {
				continue
			}
			if best < 0 || b.at < es[best].at {
				best = i
			}
		}
		if best >= 0 {
			b := es[best]
			out = append(out, stem{a.at, b.at, min(a.lo, b.lo), max(a.hi, b.hi), []edge{a, b}})
		}
	}
	slices.SortStableFunc(out, func(a, b stem) int { return cmp.Compare(a.at+a.end, b.at+b.end) })
	return merge(out)
}

// merge joins neighbours that lie within half a dot of each other.
func merge(in []stem) []stem {
	var out []stem
	for _, s := range in {
		if n := len(out); n > 0 {
			l := &out[n-1]
			if math.Abs(s.at-l.at) < 0.5 && math.Abs(s.end-l.end) < 0.5 {
				k := float64(len(l.edges))
				l.at, l.end = (l.at*k+s.at*2)/(k+2), (l.end*k+s.end*2)/(k+2)
				l.lo, l.hi = min(l.lo, s.lo), max(l.hi, s.hi)
				l.edges = append(l.edges, s.edges...)
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// spot is a stem's chosen place and width in whole dots.
type spot struct{ at, width int }

// try is a placement of the first stems and what it costs.
type try struct {
	spots []spot
	cost  float64
}

// place chooses whole dots for all stems, by beam search from the first to the last.
func place(ss []stem) []spot {
	tries := []try{{}}
	for i, s := range ss {
		var next []try
		for _, t := range tries {
			for w := 1; w <= 3; w++ {
				base := int(math.Round((s.at + s.end - float64(w)) / 2))
				for d := -1; d <= 1; d++ {
					sp := spot{base + d, w}
					next = append(next, try{append(slices.Clone(t.spots), sp), t.cost + price(ss[:i+1], t.spots, sp)})
				}
			}
		}
		slices.SortStableFunc(next, func(a, b try) int { return cmp.Compare(a.cost, b.cost) })
		tries = next[:min(len(next), beam)]
	}
	return tries[0].spots
}

// price says how bad it is to put the last of ss at sp after the placed ones.
func price(ss []stem, placed []spot, sp spot) float64 {
	s := ss[len(ss)-1]
	move := float64(sp.at) + float64(sp.width)/2 - (s.at+s.end)/2
	grow := float64(sp.width) - (s.end - s.at)
	cost := 0.8*move*move + 0.9*grow*grow
	if sp.width > 2 && s.end-s.at < 3.2 {
		cost += 8 // no stroke is fatter than its neighbours
	}
	if sp.at < 0 || sp.at+sp.width > cell {
		cost += 6 // off the grid
	}
	for i, p := range placed {
		q := ss[i]
		if sp.at < p.at || sp.at+sp.width < p.at+p.width {
			cost += 4 // strokes must keep their order
		}
		if min(q.hi, s.hi)-max(q.lo, s.lo) < 0.5 {
			continue // side by side: they do not touch
		}
		was, is := s.at-q.end, float64(sp.at-p.at-p.width)
		if was > 0.3 && is < 1 {
			cost += 12 // two strokes ran together
		}
		if i == len(placed)-1 {
			cost += 0.3 * (is - was) * (is - was)
		}
	}
	return cost
}

// warp bends an axis: piecewise linear between fixed pairs, parallel outside.
type warp struct{ from, to []float64 }

// newWarp fixes the edges of every stem to its spot.
func newWarp(ss []stem, spots []spot) warp {
	var pairs []point
	for i, s := range ss {
		for _, e := range s.edges {
			to := float64(spots[i].at)
			if !e.begins {
				to += float64(spots[i].width)
			}
			pairs = append(pairs, point{e.at, to})
		}
	}
	slices.SortStableFunc(pairs, func(a, b point) int { return cmp.Compare(a[0], b[0]) })
	var w warp
	for _, p := range pairs {
		if n := len(w.from); n > 0 {
			if p[0]-w.from[n-1] < 1e-6 {
				continue
			}
			p[1] = max(p[1], w.to[n-1])
		}
		w.from, w.to = append(w.from, p[0]), append(w.to, p[1])
	}
	return w
}

func (w warp) at(v float64) float64 {
	n := len(w.from)
	i, _ := slices.BinarySearch(w.from, v)
	switch {
	case i == 0:
		return v + w.to[0] - w.from[0]
	case i == n:
		return v + w.to[n-1] - w.from[n-1]
	}
	t := (v - w.from[i-1]) / (w.from[i] - w.from[i-1])
	return w.to[i-1] + t*(w.to[i]-w.to[i-1])
}
