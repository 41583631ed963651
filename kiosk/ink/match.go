package ink

import (
	"cmp"
	"slices"
	"sync"
)

// Matcher finds characters. It is safe for concurrent use.
type Matcher struct {
	runes       []rune
	priors      []uint8
	packed      []uint8 // packedSize bytes a pattern
	scale       []float32
	coarse      []uint8 // coarseDims bytes a pattern
	coarseScale []float32
	scratch     sync.Pool // of *[]scored
}

// New returns a matcher with the embedded patterns. An error is a fault of the build.
func New() (*Matcher, error) { return unpack(patternFile) }

// Candidate is a character that a drawing may stand for.
type Candidate struct {
	Rune  rune
	Score float32 // the higher the more alike; about 1 for a drawing that is the pattern
}

// Context says where a character stands, which makes some likelier than others.
type Context int

// The contexts.
const (
	Anywhere Context = iota
	Surname          // the first character of a name
)

const (
	// shortlist is how many patterns are compared in full, after a look at all coarse
	// ones.
	shortlist = 1400
	// priorWeight is how much the most common character gains over the rarest.
	priorWeight = 0.045
	// surnameGain is what a surname gains where one is expected.
	surnameGain = 0.05
	thousand    = 1000
	// MaxPoints is how many points of a drawing are looked at; what comes after is not.
	MaxPoints = 4000
)

type scored struct {
	at    int32
	score float32
}

// Match returns the n characters that are most like the drawing, the likeliest first.
// Without a line there is none.
func (m *Matcher) Match(strokes []Stroke, n int, where Context) []Candidate {
	f := Describe(bounded(strokes))
	var fine [dims]int32 // in thousandths: whole numbers are quick on a small processor
	var coarse [coarseDims]int32
	drawn := false
	for i, v := range f {
		fine[i] = int32(v*thousand + 0.5)
		coarse[coarseOf(i)] += fine[i]
		drawn = drawn || v > 0
	}
	if !drawn || n <= 0 {
		return nil
	}
	held, _ := m.scratch.Get().(*[]scored)
	if held == nil {
		held = new([]scored)
	}
	defer m.scratch.Put(held)
	best := m.glance(&coarse, (*held)[:0])
	*held = best[:0]
	for i := range best {
		b := &best[i]
		b.score = m.likeness(int(b.at), &fine) + m.gain(int(b.at), where)
	}
	slices.SortFunc(best, func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.at, b.at)) })
	return m.distinct(best, n)
}

// glance returns the shortlist: the patterns whose coarse selves are most like.
func (m *Matcher) glance(q *[coarseDims]int32, out []scored) []scored {
	for i := range m.runes {
		row := (*[coarseDims]uint8)(m.coarse[i*coarseDims:])
		var a, b int32
		for j := 0; j < coarseDims; j += 2 {
			a += q[j] * int32(row[j])
			b += q[j+1] * int32(row[j+1])
		}
		out = append(out, scored{int32(i), float32(a+b)*m.coarseScale[i]/thousand + m.gain(i, Anywhere)})
	}
	return top(out, shortlist)
}

// top brings the n best to the front and returns them, in no order.
func top(s []scored, n int) []scored {
	lo, hi := 0, len(s)
	for hi > n && hi-lo > 1 {
		pivot := s[(lo+hi)/2].score
		i, j := lo, hi-1
		for i <= j {
			for s[i].score > pivot {
				i++
			}
			for s[j].score < pivot {
				j--
			}
			if i <= j {
				s[i], s[j] = s[j], s[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			hi = j + 1
		case n >= i:
			lo = i
		default:
			return s[:n]
		}
	}
	return s[:min(n, len(s))]
}

// likeness compares a drawing with pattern i: 1 where they are the same.
func (m *Matcher) likeness(i int, q *[dims]int32) float32 {
	row := (*[packedSize]uint8)(m.packed[i*packedSize:])
	var a, b int32
	for j, v := range row {
		a += q[2*j] * int32(v&15)
		b += q[2*j+1] * int32(v>>4)
	}
	return float32(a+b) * m.scale[i] / thousand
}

// gain is what pattern i is given for being common, or expected.
func (m *Matcher) gain(i int, where Context) float32 {
	g := float32(m.priors[i]) / 255 * priorWeight
	if where == Surname && isSurname(m.runes[i]) {
		g += surnameGain
	}
	return g
}

// distinct names the first n characters, each once.
func (m *Matcher) distinct(best []scored, n int) []Candidate {
	out := make([]Candidate, 0, n)
	for _, b := range best {
		r := m.runes[b.at]
		if slices.ContainsFunc(out, func(c Candidate) bool { return c.Rune == r }) {
			continue
		}
		if out = append(out, Candidate{r, b.score}); len(out) == n {
			break
		}
	}
	return out
}

// Has reports whether a character can be found at all.
func (m *Matcher) Has(r rune) bool { return slices.Contains(m.runes, r) }

// Len returns how many patterns there are.
func (m *Matcher) Len() int { return len(m.runes) }

// bounded leaves out what comes after MaxPoints.
func bounded(strokes []Stroke) []Stroke {
	room := MaxPoints
	for i, s := range strokes {
		if len(s) > room {
			return append(slices.Clone(strokes[:i]), s[:room])
		}
		room -= len(s)
	}
	return strokes
}
