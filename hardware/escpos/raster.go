package escpos

import (
	"math/bits"

	"redstation/kiosk"
)

// bandRows is the height of one raster command, dots. Small printers have small
// buffers and print rubbish when a command overflows them.
const bandRows = 24

// bitmap is a one-bit picture; rows are padded to bytes, the high bit is left, 1 is ink.
type bitmap struct {
	w, h int
	pix  []byte
}

func newBitmap(w, h int) *bitmap {
	return &bitmap{w, h, make([]byte, (w+7)/8*h)}
}

// stride returns the bytes of a row.
func (m *bitmap) stride() int { return (m.w + 7) / 8 }

// fill inks a rectangle; what lies outside the picture is left out.
func (m *bitmap) fill(x, y, w, h int) {
	from, to := max(x, 0), min(x+w, m.w) // columns
	if from >= to {
		return
	}
	first, last := from/8, (to-1)/8 // bytes
	left, right := byte(0xff)>>(from%8), byte(0xff)<<(7-(to-1)%8)
	for j := max(y, 0); j < min(y+h, m.h); j++ {
		row := m.pix[j*m.stride():]
		if first == last {
			row[first] |= left & right
			continue
		}
		row[first] |= left
		for i := first + 1; i < last; i++ {
			row[i] = 0xff
		}
		row[last] |= right
	}
}

// style is how a character is drawn.
type style struct {
	wide, high int // magnification, 1 to 8
	bold       bool
}

// draw inks the character r with its top left corner at x, y and returns its width.
// Bold is a dot of the font more to the right, as printers do it, but not beyond the
// character's own cell: what comes at the end of a line would else be cut or not,
// depending on how the line is sent.
func (m *bitmap) draw(r rune, x, y int, s style) int {
	glyph, w := theFont().glyph(r)
	heavy := 0
	if s.bold {
		heavy = s.wide
	}
	for j := range rowDots {
		row := glyphRow(glyph, j, w)
		for row != 0 { // each run of ink
			from := bits.LeadingZeros32(row)
			n := bits.LeadingZeros32(^(row << from))
			m.fill(x+from*s.wide, y+j*s.high, min(n*s.wide+heavy, (w-from)*s.wide), s.high)
			row &= 1<<(32-from-n) - 1
		}
	}
	return w * s.wide
}

// glyphRow returns row j of a glyph w dots wide, 12 or 24, from the high bit down.
func glyphRow(glyph []byte, j, w int) uint32 {
	at := j * w
	var row uint32
	for i, b := range glyph[at/8 : (at+w+7)/8] {
		row |= uint32(b) << (24 - 8*i)
	}
	return row << (at % 8) &^ (1<<(32-w) - 1)
}

// textBitmap draws a line of text.
func textBitmap(s string, st style, a kiosk.Align) *bitmap {
	w := textCols(s) * colDots * st.wide
	width, x := place(w, a)
	m := newBitmap(width, rowDots*st.high)
	for _, r := range s {
		x += m.draw(r, x, 0, st)
	}
	return m
}

// place returns the width of a picture for something w dots wide, a whole number of
// bytes, and where in it the thing begins, so that it stands where the alignment
// wants it: a printer aligns whole bytes.
func place(w int, a kiosk.Align) (width, x int) {
	width = (w + 7) &^ 7
	switch a {
	case kiosk.Center:
		x = (width - w) / 2
	case kiosk.Right:
		x = width - w
	}
	return width, x
}
