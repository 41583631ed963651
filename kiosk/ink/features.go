package ink

import "math"

// Point is a place on the pad. The scale is free: a drawing is brought to one size.
// x grows to the right and y downwards.
type Point struct{ X, Y float64 }

// Stroke is the way of a finger from its touch to its lifting.
type Stroke []Point

// The grid of features.
const (
	grid  = 8
	turns = 8 // directions
	dims  = grid * grid * turns
	// reach is how far from the middle the grid goes, in standard deviations of what
	// was drawn.
	reach = 2.2
	// airWeight is how much a line counts that the finger went through the air.
	airWeight = 0.32
	// spread is how far a piece of line is felt in the cells around it, in cells².
	spread = 0.5
	// pieceLength is how finely lines are cut, in standard deviations.
	pieceLength = 0.15
)

// Features describe a drawing, whatever its size and place: dims numbers, whose
// squares sum to one.
type Features [dims]float32

// frame brings a drawing to its middle and to one size. A narrow drawing stays
// narrow, but less so.
type frame struct{ x, y, sx, sy float64 }

func (f frame) at(p Point) Point { return Point{(p.X - f.x) * f.sx, (p.Y - f.y) * f.sy} }

// frameOf weighs every piece of line by its length, so that slow fingers, which leave
// many points, do not shift the middle.
func frameOf(strokes []Stroke) frame {
	var mass, x, y, xx, yy float64
	each(strokes, func(p, q Point) {
		w := math.Hypot(q.X-p.X, q.Y-p.Y) + 1e-6
		mx, my := (p.X+q.X)/2, (p.Y+q.Y)/2
		mass += w
		x += w * mx
		y += w * my
		xx += w * (mx*mx + (q.X-p.X)*(q.X-p.X)/12)
		yy += w * (my*my + (q.Y-p.Y)*(q.Y-p.Y)/12)
	})
	if mass == 0 {
		return frame{}
	}
	x, y = x/mass, y/mass
	dx, dy := math.Sqrt(max(0, xx/mass-x*x)), math.Sqrt(max(0, yy/mass-y*y))
	widest := max(dx, dy, 1e-9)
	narrow := math.Sqrt(max(min(dx, dy)/widest, 0.02))
	f := frame{x, y, 1 / max(dx, widest/1e3), 1 / max(dy, widest/1e3)}
	if dx < dy {
		f.sx *= narrow
	} else {
		f.sy *= narrow
	}
	return f
}

// each calls f for every piece of the strokes.
func each(strokes []Stroke, f func(p, q Point)) {
	for _, s := range strokes {
		for i := 1; i < len(s); i++ {
			f(s[i-1], s[i])
		}
		if len(s) == 1 {
			f(s[0], s[0])
		}
	}
}

// Describe returns what a drawing looks like. Nothing drawn has no features: all are 0.
func Describe(strokes []Stroke) *Features {
	var f Features
	fr := frameOf(strokes)
	var last *Point
	for _, s := range strokes {
		if len(s) == 0 {
			continue
		}
		if last != nil {
			f.line(fr.at(*last), fr.at(s[0]), airWeight)
		}
		for i := 1; i < len(s); i++ {
			f.line(fr.at(s[i-1]), fr.at(s[i]), 1)
		}
		last = &s[len(s)-1]
	}
	f.settle()
	return &f
}

// line adds a straight line, in short pieces.
func (f *Features) line(p, q Point, weight float64) {
	dx, dy := q.X-p.X, q.Y-p.Y
	length := math.Hypot(dx, dy)
	if length < 1e-4 {
		return
	}
	angle := math.Atan2(dy, dx)
	if angle < 0 {
		angle += 2 * math.Pi
	}
	turn := angle / (2 * math.Pi) * turns
	n := math.Ceil(length / pieceLength)
	for i := 0.5; i < n; i++ {
		f.piece(Point{p.X + dx*i/n, p.Y + dy*i/n}, turn, weight*length/n)
	}
}

// piece adds a short piece of line to the cells around it, shared between the two
// nearest directions.
func (f *Features) piece(p Point, turn, weight float64) {
	gx, gy := (p.X+reach)/(2*reach)*grid-0.5, (p.Y+reach)/(2*reach)*grid-0.5
	x0, y0 := int(math.Floor(gx)), int(math.Floor(gy))
	d0 := int(turn) % turns
	d1 := (d0 + 1) % turns
	part := turn - math.Floor(turn)
	var across, down [4]float64
	for i := range 4 {
		dx, dy := gx-float64(x0+i-1), gy-float64(y0+i-1)
		across[i], down[i] = math.Exp(-dx*dx/spread), math.Exp(-dy*dy/spread)
	}
	for j, y := 0, y0-1; j < 4; j, y = j+1, y+1 {
		if y < 0 || y >= grid {
			continue
		}
		for i, x := 0, x0-1; i < 4; i, x = i+1, x+1 {
			if x < 0 || x >= grid {
				continue
			}
			g := across[i] * down[j] * weight
			cell := (y*grid + x) * turns
			f[cell+d0] += float32(g * (1 - part))
			f[cell+d1] += float32(g * part)
		}
	}
}

// settle takes roots, so that long lines do not drown short ones, and brings the
// whole to length one.
func (f *Features) settle() {
	var sum float64
	for _, v := range f {
		sum += float64(v)
	}
	if sum == 0 {
		return
	}
	scale := 1 / math.Sqrt(sum) // of the roots, whose squares are the values
	for i, v := range f {
		f[i] = float32(math.Sqrt(float64(v)) * scale)
	}
}
