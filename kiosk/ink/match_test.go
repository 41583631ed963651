package ink_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"redstation/kiosk/ink"
)

// sample is a drawing of a known character. testdata/samples.json.gz was made by
// inkgen: middle lines of hanzi-writer-data (ARPHICPL.TXT) written once more by a bad
// hand. No person wrote them, and the patterns are made of the same lines undistorted:
// they say how much distortion is borne, not how residents write.
type sample struct {
	Char    string
	Swapped bool
	Surname bool
	Strokes [][]ink.Point
}

func (s *sample) UnmarshalJSON(b []byte) error {
	var raw struct {
		Char    string
		Swapped bool
		Surname bool
		Strokes [][][2]float64
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	s.Char, s.Swapped, s.Surname = raw.Char, raw.Swapped, raw.Surname
	for _, line := range raw.Strokes {
		var pts []ink.Point
		for _, p := range line {
			pts = append(pts, ink.Point{X: p[0], Y: p[1]})
		}
		s.Strokes = append(s.Strokes, pts)
	}
	return nil
}

// strokes returns the drawing, with each stroke joined to the next by chance.
func (s *sample) strokes(chance float64, dice *rand.Rand) []ink.Stroke {
	var out []ink.Stroke
	for i, line := range s.Strokes {
		if i > 0 && dice.Float64() < chance {
			last := &out[len(out)-1]
			*last = append(slices.Clip(*last), line...)
		} else {
			out = append(out, line)
		}
	}
	return out
}

func samples(t testing.TB) []sample {
	t.Helper()
	f, err := os.Open("testdata/samples.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	for dec := json.NewDecoder(zr); ; {
		var s sample
		if err := dec.Decode(&s); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
}

func matcher(t testing.TB) *ink.Matcher {
	t.Helper()
	m, err := ink.New()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestDistortedDrawingsAreFound holds how many drawings have their character first and
// among the first eight, as drawn and with strokes joined.
func TestDistortedDrawingsAreFound(t *testing.T) {
	m, drawings := matcher(t), samples(t)
	for _, c := range []struct {
		name         string
		join         float64
		first, eight float64
	}{
		{"as drawn", 0, 0.75, 0.90},
		{"half of the strokes joined", 0.5, 0.65, 0.85},
	} {
		dice := rand.New(rand.NewPCG(7, 7))
		var all, swapped tally
		for i := range drawings {
			s := &drawings[i]
			if s.Surname {
				continue
			}
			at := rank(m.Match(s.strokes(c.join, dice), 8, ink.Anywhere), s.Char)
			all.add(at)
			if s.Swapped {
				swapped.add(at)
			}
		}
		t.Logf("%s: %s; of those with strokes in another order %s", c.name, all, swapped)
		if all.first < c.first*all.n || all.eight < c.eight*all.n {
			t.Errorf("%s: want at least %.0f %% first and %.0f %% in the first eight", c.name, 100*c.first, 100*c.eight)
		}
	}
}

// tally counts where the right character stood.
type tally struct{ n, first, eight float64 }

func (c *tally) add(at int) {
	c.n++
	if at == 0 {
		c.first++
	}
	if at >= 0 {
		c.eight++
	}
}

func (c tally) String() string {
	return fmt.Sprintf("%.0f drawings, first %.1f %%, in the first eight %.1f %%", c.n, 100*c.first/c.n, 100*c.eight/c.n)
}

// rank returns the place of a character, from 0, or -1.
func rank(found []ink.Candidate, char string) int {
	return slices.IndexFunc(found, func(c ink.Candidate) bool { return string(c.Rune) == char })
}

// TestNamesCanBeWritten holds characters that the data lacks, and those that a booth
// must be able to take, in the patterns.
func TestNamesCanBeWritten(t *testing.T) {
	m := matcher(t)
	for _, r := range "喆堃䶮𬭎犇頔玥翀珺旻龢雱王喇嘛朴" {
		if !m.Has(r) {
			t.Errorf("%c has no pattern", r)
		}
	}
	if m.Has('A') {
		t.Error("a letter has a pattern")
	}
}

// TestASurnameIsExpectedFirst draws surnames so badly that the context decides.
func TestASurnameIsExpectedFirst(t *testing.T) {
	m := matcher(t)
	surnames, better := 0, 0
	for _, s := range samples(t) {
		if !s.Surname {
			continue
		}
		surnames++
		strokes := s.strokes(0.5, rand.New(rand.NewPCG(3, 3)))
		first := rank(m.Match(strokes, 40, ink.Surname), s.Char)
		elsewhere := rank(m.Match(strokes, 40, ink.Anywhere), s.Char)
		if first > elsewhere && elsewhere >= 0 || first < 0 && elsewhere >= 0 {
			t.Errorf("%s is %d. as a surname and %d. elsewhere", s.Char, first+1, elsewhere+1)
		}
		if first >= 0 && (first < elsewhere || elsewhere < 0) {
			better++
		}
	}
	t.Logf("%d of %d surnames come earlier where one is expected", better, surnames)
	if better == 0 {
		t.Error("no surname comes earlier where one is expected")
	}
}

func TestLittleOrNothingDrawn(t *testing.T) {
	m := matcher(t)
	for _, strokes := range [][]ink.Stroke{nil, {{}}, {{{X: 5, Y: 5}}}, {{{X: 5, Y: 5}, {X: 5, Y: 5}}, {}}} {
		if got := m.Match(strokes, 8, ink.Anywhere); len(got) != 0 {
			t.Errorf("%v: got %d candidates, want none", strokes, len(got))
		}
	}
	line := []ink.Stroke{{{X: 0, Y: 100}, {X: 300, Y: 96}}}
	got := m.Match(line, 8, ink.Anywhere)
	if len(got) != 8 || got[0].Rune != '一' {
		t.Errorf("a level line: got %v, want 一 first of 8", got)
	}
	if got := m.Match(line, 0, ink.Anywhere); len(got) != 0 {
		t.Errorf("none asked: got %v", got)
	}
	long := make(ink.Stroke, 3*ink.MaxPoints)
	for i := range long {
		long[i] = ink.Point{X: float64(i % 1000), Y: float64(i * i % 997)}
	}
	m.Match([]ink.Stroke{long, long}, 8, ink.Anywhere) // ends
}

func BenchmarkMatch(b *testing.B) {
	m, all := matcher(b), samples(b)
	dice := rand.New(rand.NewPCG(1, 1))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Match(all[i%len(all)].strokes(0, dice), 8, ink.Anywhere)
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		matcher(b)
	}
}
