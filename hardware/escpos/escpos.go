// Package escpos turns receipts into the bytes that thermal receipt printers
// understand, and such bytes back into the picture and the text that they print.
//
// The command set is the small common ground of ESC/POS that Chinese receipt
// printers share: text in GBK, sizes by GS ! and FS ! both (many printers scale
// Chinese characters only by the second), alignment, emphasis, raster images in
// bands of at most 24 rows, feed and cut. A character that is not in two-byte
// GBK, such as a rare name's, is drawn from the embedded 24-dot font and its whole
// line is sent as an image, so that nothing of a receipt is ever lost.
//
// Measures are dots: 8 dots are 1 mm (203 dots per inch). A column is 12 dots
// wide, half a Chinese character at normal size.
package escpos

import "redstation/kiosk"

// The grid of type at normal size, in dots.
const (
	colDots = 12 // width of a column: one ASCII character, half a Chinese one
	rowDots = 24 // height of a character
	gapDots = 8  // white between two lines of text at normal size
)

// Profile says what a printer can do. It is a value: Paper80 and Paper58 are the
// usual ones, and a copy of either may be changed.
type Profile struct {
	Name   string
	Paper  int  // width of the roll, mm
	Dots   int  // printable width, dots; a multiple of 24
	Module int  // greatest width of one module of a QR code, dots; 0 is 6
	Cutter bool // whether it cuts; without it, paper is fed to the tear bar
	Raster bool // whether all text goes as images, for a printer without a Chinese font
}

// Paper80 is a printer for 80 mm rolls with a cutter, the booth's usual one.
func Paper80() Profile {
	return Profile{Name: "80", Paper: 80, Dots: 576, Module: 8, Cutter: true}
}

// Paper58 is a printer for 58 mm rolls without a cutter.
func Paper58() Profile {
	return Profile{Name: "58", Paper: 58, Dots: 384, Module: 6}
}

// cols returns how many columns fit the paper at the given scale (1, 2 or 3).
func (p Profile) cols(scale int) int { return p.Dots / (colDots * scale) }

// margin returns the white strip that the printer cannot reach, in dots a side.
func (p Profile) margin() int { return max((p.Paper*8-p.Dots)/2, rowDots) }

// scale returns how many times a size enlarges type in both directions.
func scale(s kiosk.Size) int { return min(max(int(s), 0), 2) + 1 }

// gap returns the white under a line of type enlarged so many times, in dots.
func gap(scale int) int { return gapDots * (scale + 1) / 2 }
