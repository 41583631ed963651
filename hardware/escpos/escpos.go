// Package escpos turns receipts into the bytes that thermal receipt printers
// understand, and such bytes back into the picture and the text that they print.
//
// The command set is the small common ground of ESC/POS that Chinese receipt
// printers share: text in GBK, sizes by GS ! and FS ! both (many printers scale
// Chinese characters only by the second), alignment, emphasis, raster images in
// bands of at most 24 rows, feed and cut. A character that is not in two-byte
// GBK, such as a rare name's, is drawn from the embedded 24-dot font and its whole
// line is sent as an image, so that nothing of a receipt is ever lost. What only
// some printers know (QR codes of their own, heat, tones) a Profile asks for.
//
// The way back from the printer is here too: what it is asked, and what its answers
// mean (Query, Demux, Status).
//
// Measures are dots: 8 dots are 1 mm (203 dots per inch). A column is 12 dots
// wide, half a Chinese character at normal size.
package escpos

// The grid of type at normal size, in dots.
const (
	colDots = 12 // width of a column: one ASCII character, half a Chinese one
	rowDots = 24 // height of a character
	gapDots = 8  // white between two lines of text at normal size
)

// gap returns the white under a line of type enlarged so many times, in dots.
func gap(scale int) int { return gapDots * (scale + 1) / 2 }
