package main

import (
	"fmt"
	"unicode/utf8"

	"redstation/kiosk/ink"
)

// compose adds the characters of a list whose lines are "character description", where
// the description says in ideographic description characters of which parts it is
// made: ⿰ beside each other, ⿱ above each other, ⿲ and ⿳ the same of three, ⿺ the
// second at the upper right of the first. It returns how many there were to add.
func compose(glyphs map[rune]*glyph, list string) (int, error) {
	lines, err := readLines(list)
	if err != nil {
		return 0, err
	}
	made := 0
	for _, line := range lines {
		r, n := utf8.DecodeRuneInString(line)
		if _, ok := glyphs[r]; ok {
			return made, fmt.Errorf("%s: the data has %c already", list, r)
		}
		parts := []rune(line[n+1:])
		strokes, rest, err := assemble(glyphs, parts, box{0, 0, 1000, 1000})
		if err != nil || len(rest) > 0 {
			return made, fmt.Errorf("%s: %q: %v, %q is left", list, line, err, string(rest))
		}
		glyphs[r] = &glyph{strokes: strokes}
		made++
	}
	return made, nil
}

// box is where a part goes.
type box struct{ x0, y0, x1, y1 float64 }

// assemble places the first part of a description in a box and returns what is left
// of the description.
func assemble(glyphs map[rune]*glyph, parts []rune, b box) ([]ink.Stroke, []rune, error) {
	if len(parts) == 0 {
		return nil, nil, fmt.Errorf("a part is missing")
	}
	n := 2
	switch parts[0] {
	case '⿲', '⿳':
		n = 3
	case '⿰', '⿱', '⿺':
	default:
		g, ok := glyphs[parts[0]]
		if !ok {
			return nil, nil, fmt.Errorf("no part %c", parts[0])
		}
		return place(g.strokes, b), parts[1:], nil
	}
	boxes, err := divide(glyphs, parts, n, b)
	if err != nil {
		return nil, nil, err
	}
	var strokes []ink.Stroke
	rest := parts[1:]
	for i := range n {
		var part []ink.Stroke
		if part, rest, err = assemble(glyphs, rest, boxes[i]); err != nil {
			return nil, nil, err
		}
		strokes = append(strokes, part...)
	}
	return strokes, rest, nil
}

// divide shares a box between parts: one of more strokes takes more room.
func divide(glyphs map[rune]*glyph, parts []rune, n int, b box) ([]box, error) {
	if parts[0] == '⿺' {
		w, h := b.x1-b.x0, b.y1-b.y0
		return []box{b, {b.x0 + 0.4*w, b.y0, b.x1, b.y0 + 0.75*h}}, nil
	}
	weights := make([]float64, n)
	var sum float64
	rest := parts[1:]
	for i := range n {
		strokes, left, err := assemble(glyphs, rest, box{0, 0, 1, 1})
		if err != nil {
			return nil, err
		}
		weights[i] = 4 + float64(len(strokes)) // few strokes take room too
		sum += weights[i]
		rest = left
	}
	boxes := make([]box, n)
	at := 0.0
	const gap = 0.02
	for i, w := range weights {
		from, to := at/sum+gap, (at+w)/sum-gap
		at += w
		if parts[0] == '⿰' || parts[0] == '⿲' {
			boxes[i] = box{b.x0 + from*(b.x1-b.x0), b.y0, b.x0 + to*(b.x1-b.x0), b.y1}
		} else {
			boxes[i] = box{b.x0, b.y0 + from*(b.y1-b.y0), b.x1, b.y0 + to*(b.y1-b.y0)}
		}
	}
	return boxes, nil
}

// place stretches strokes to a box. A flat part (一) is not stretched to a square.
func place(strokes []ink.Stroke, to box) []ink.Stroke {
	from := box{1e9, 1e9, -1e9, -1e9}
	for _, s := range strokes {
		for _, p := range s {
			from = box{min(from.x0, p.X), min(from.y0, p.Y), max(from.x1, p.X), max(from.y1, p.Y)}
		}
	}
	w, h := max(from.x1-from.x0, 250), max(from.y1-from.y0, 250)
	cx, cy := (from.x0+from.x1)/2, (from.y0+from.y1)/2
	out := make([]ink.Stroke, len(strokes))
	for i, s := range strokes {
		for _, p := range s {
			out[i] = append(out[i], ink.Point{
				X: (to.x0+to.x1)/2 + (p.X-cx)/w*(to.x1-to.x0),
				Y: (to.y0+to.y1)/2 + (p.Y-cy)/h*(to.y1-to.y0),
			})
		}
	}
	return out
}
