package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"

	"redstation/kiosk/ink"
)

// The samples are not written by people. They are the same middle lines that the
// patterns are made of, written once more by a bad hand: slanted, turned, stretched,
// bent as a whole, each stroke moved, sized and turned a little for itself, trembling,
// with ends cut short or run over, some strokes in another order, and with as many
// points as a finger leaves. So they say how much distortion the matcher bears, and
// not how people write.

// sampleSeed makes the samples the same each time.
const sampleSeed = 20261124

// sampled is how many characters are taken of the most common ones, and of those that
// follow.
const sampledCommon, sampledOther = 210, 86

// drawnAsSurnames are drawn besides the others and do not count among them.
const drawnAsSurnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马朴金崔"

// sample is one drawing: strokes of whole numbers, on a pad of about 1000 by 1000.
type sample struct {
	Char    string     `json:"char"`
	Swapped bool       `json:"swapped,omitempty"` // some strokes are in another order
	Surname bool       `json:"surname,omitempty"` // drawn besides, as the first of a name
	Strokes [][][2]int `json:"strokes"`
}

func writeSamples(file string, glyphs map[rune]*glyph, common map[rune]float64) error {
	hand := rand.New(rand.NewPCG(sampleSeed, 0))
	var all []sample
	for _, r := range chosen(glyphs, common, hand) {
		all = append(all, distort(r, glyphs[r].strokes, hand))
	}
	for _, r := range drawnAsSurnames {
		s := distort(r, glyphs[r].strokes, hand)
		s.Surname = true
		all = append(all, s)
	}
	var out bytes.Buffer
	zw, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(zw)
	for _, s := range all {
		if err := enc.Encode(s); err != nil {
			return err
		}
	}
	if err := zw.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

// chosen draws characters: most from the 2,000 commonest, some from what follows in GB
// 2312, and the four names that a booth must be able to take.
func chosen(glyphs map[rune]*glyph, common map[rune]float64, hand *rand.Rand) []rune {
	var all []rune
	for _, r := range sorted(glyphs) {
		if inGB2312(r) {
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b rune) int { return int(common[b]) - int(common[a]) })
	pick := func(from []rune, n int) []rune {
		var out []rune
		for _, i := range hand.Perm(len(from))[:n] {
			out = append(out, from[i])
		}
		return out
	}
	out := append(pick(all[:2000], sampledCommon), pick(all[2000:], sampledOther)...)
	return append(out, '喆', '堃', '䶮', '𬭎')
}

// distort writes a character by a bad hand.
func distort(r rune, strokes []ink.Stroke, hand *rand.Rand) sample {
	about := func(sigma float64) float64 { return max(-2, min(2, hand.NormFloat64())) * sigma }
	slant, turn := about(0.15), about(0.08)
	wide, high := 1+about(0.15), 1+about(0.15)
	bendX, bendY, phase := about(40), about(40), hand.Float64()*2*math.Pi
	whole := func(p ink.Point) ink.Point {
		x, y := (p.X-500)*wide, (p.Y-500)*high
		x -= slant * y
		x, y = x*math.Cos(turn)-y*math.Sin(turn), x*math.Sin(turn)+y*math.Cos(turn)
		return ink.Point{X: x + 500 + bendX*math.Sin(y/300+phase), Y: y + 500 + bendY*math.Sin(x/300+phase)}
	}
	s := sample{Char: string(r)}
	for _, line := range strokes {
		s.Strokes = append(s.Strokes, drawn(oneStroke(line, about), whole, about))
	}
	if hand.Float64() < 0.3 {
		s.Swapped = swap(s.Strokes, hand)
	}
	return s
}

// oneStroke moves, sizes and turns a stroke for itself and shifts its ends.
func oneStroke(line ink.Stroke, about func(float64) float64) ink.Stroke {
	var mid ink.Point
	for _, p := range line {
		mid.X += p.X / float64(len(line))
		mid.Y += p.Y / float64(len(line))
	}
	dx, dy, size, turn := about(45), about(45), 1+about(0.2), about(0.12)
	out := make(ink.Stroke, len(line))
	for i, p := range line {
		x, y := (p.X-mid.X)*size, (p.Y-mid.Y)*size
		out[i] = ink.Point{X: mid.X + dx + x*math.Cos(turn) - y*math.Sin(turn), Y: mid.Y + dy + x*math.Sin(turn) + y*math.Cos(turn)}
	}
	for _, end := range []int{0, len(out) - 1} {
		out[end].X += about(25)
		out[end].Y += about(25)
	}
	return out
}

// drawn returns the points that a finger leaves, one about every 32 units, trembling.
func drawn(line ink.Stroke, whole func(ink.Point) ink.Point, about func(float64) float64) [][2]int {
	const every = 32
	var out [][2]int
	put := func(p ink.Point) {
		p = whole(p)
		out = append(out, [2]int{int(math.Round(p.X + about(5))), int(math.Round(p.Y + about(5)))})
	}
	put(line[0])
	for i := 1; i < len(line); i++ {
		p, q := line[i-1], line[i]
		n := math.Ceil(math.Hypot(q.X-p.X, q.Y-p.Y) / every)
		for j := 1.0; j <= n; j++ {
			put(ink.Point{X: p.X + (q.X-p.X)*j/n, Y: p.Y + (q.Y-p.Y)*j/n})
		}
	}
	return out
}

// swap exchanges a third of the neighbouring strokes.
func swap(strokes [][][2]int, hand *rand.Rand) bool {
	done := false
	for i := 1; i < len(strokes); i++ {
		if hand.Float64() < 1.0/3 {
			strokes[i-1], strokes[i] = strokes[i], strokes[i-1]
			done = true
		}
	}
	return done
}
