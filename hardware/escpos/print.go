package escpos

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// Print is what came out of a printer.
type Print struct {
	Text    string // the lines of type, each with a line feed; what was drawn as an image is not in it
	Unknown int    // commands and bytes that were not understood and were skipped
	Cuts    int    // how often the paper was cut

	blank        bool // nothing is drawn, only the paper moves
	dots, margin int
	rows, inked  int // length of the paper, and down to the last ink
	pix          []byte
}

// Height returns the length of paper that was moved, in dots.
func (pr *Print) Height() int { return pr.rows }

// grow moves the paper by rows dots, not backwards.
func (pr *Print) grow(rows int) {
	if rows <= 0 {
		return
	}
	pr.rows += rows
	if !pr.blank {
		pr.pix = append(pr.pix, make([]byte, rows*pr.dots/8)...)
	}
}

// page is the paper as a bitmap to draw on.
func (pr *Print) page() *bitmap { return &bitmap{pr.dots, pr.rows, pr.pix} }

// draw inks a character and returns its width in dots.
func (pr *Print) draw(r rune, x, y int, s style) int {
	if pr.blank {
		return 0
	}
	if r != ' ' {
		pr.inked = max(pr.inked, y+s.high*rowDots)
	}
	return pr.page().draw(r, x, y, s)
}

// paste inks a picture; what stands out beyond the paper's edge is lost.
func (pr *Print) paste(m *bitmap, x, y int) {
	if pr.blank {
		return
	}
	n, shift := pr.dots/8, x%8
	for j := range m.h {
		out := pr.pix[(y+j)*n : (y+j+1)*n][x/8:]
		for i, b := range m.pix[j*m.stride():][:min(m.stride(), len(out))] {
			if b == 0 {
				continue
			}
			pr.inked = max(pr.inked, y+j+1)
			out[i] |= b >> shift
			if i+1 < len(out) {
				out[i+1] |= b << (8 - shift)
			}
		}
	}
}

// Tear keeps the first rows dots of the paper, as when a roll ends in the middle
// of a job. The text stays whole.
func (pr *Print) Tear(rows int) {
	pr.rows = min(pr.rows, max(rows, 0))
	pr.inked = min(pr.inked, pr.rows)
	pr.pix = pr.pix[:pr.rows*pr.dots/8]
}

// Image returns the paper in black and white, one pixel a dot, as wide as the roll,
// with the white strips that the printer cannot reach. Blank paper after the last
// ink is not shown.
func (pr *Print) Image() *image.Paletted {
	w, h := pr.dots+2*pr.margin, pr.inked+2*pr.margin
	img := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.White, color.Black})
	n := pr.dots / 8
	for y := range pr.inked {
		dst := img.Pix[(y+pr.margin)*img.Stride+pr.margin:]
		for i, b := range pr.pix[y*n : (y+1)*n] {
			for bit := 0; b != 0; b, bit = b<<1, bit+1 {
				dst[i*8+bit] = b >> 7
			}
		}
	}
	return img
}

// PNG returns Image as a PNG file of one bit a pixel.
func (pr *Print) PNG() ([]byte, error) {
	var buf bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed} // three times as fast, and small enough
	if err := enc.Encode(&buf, pr.Image()); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
