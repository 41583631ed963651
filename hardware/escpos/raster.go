package escpos

import "redstation/kiosk"

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
	for j := max(y, 0); j < min(y+h, m.h); j++ {
		row := m.pix[j*m.stride():]
		for i := max(x, 0); i < min(x+w, m.w); i++ {
			row[i/8] |= 0x80 >> (i % 8)
		}
	}
}

// style is how a character is drawn.
type style struct {
	wide, high int // magnification, 1 to 8
	bold       bool
}

// draw inks the character r with its top left corner at x, y and returns its width.
// Bold is a dot of the font more to the right, as printers do it.
func (m *bitmap) draw(r rune, x, y int, s style) int {
	bits, w := theFont().glyph(r)
	heavy := 0
	if s.bold {
		heavy = s.wide
	}
	for j := range rowDots {
		from := -1 // where a run of ink began
		for i := 0; i <= w; i++ {
			at := j*w + i
			if i < w && bits[at/8]&(0x80>>(at%8)) != 0 {
				if from < 0 {
					from = i
				}
				continue
			}
			if from >= 0 {
				m.fill(x+from*s.wide, y+j*s.high, (i-from)*s.wide+heavy, s.high)
				from = -1
			}
		}
	}
	return w * s.wide
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
