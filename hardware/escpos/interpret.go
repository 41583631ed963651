package escpos

import (
	"errors"
	"image"
)

// Print is what came out of a printer.
type Print struct {
	Text    string // the lines of text, as printed, without what was drawn as an image
	Unknown int    // commands and bytes that were not understood and were skipped
	Cuts    int
}

// Interpret does what a printer does with b.
func Interpret(b []byte, p Profile) (*Print, error) {
	return nil, errors.New("interpret: not there yet")
}

// Height returns the length of the printed paper in dots, without margins.
func (pr *Print) Height() int { return 0 }

// Image returns the paper as a two-colour picture, one pixel a dot, with the white margins.
func (pr *Print) Image() *image.Paletted { return nil }

// PNG returns Image as a PNG file.
func (pr *Print) PNG() ([]byte, error) { return nil, nil }
