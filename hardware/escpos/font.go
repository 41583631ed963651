package escpos

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the font
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// font24.bin.gz is made by fontgen from Noto Sans SC Medium and, for Korean, Noto
// Sans KR Medium; font24.OFL.txt is their licence. `make fonts` makes it anew.
//
//go:embed font24.bin.gz
var fontFile []byte

// Sizes of glyphs in bytes: 12 by 24 and 24 by 24 dots, rows not padded.
const (
	halfGlyph = colDots * rowDots / 8
	fullGlyph = rowDots * rowDots / 8
)

// bitmaps is the font in memory: about 2.4 MB, nothing decoded.
type bitmaps struct {
	runes []byte // code points of the full-width glyphs, 4 bytes each, rising
	half  []byte // ASCII from space to tilde
	full  []byte
}

// theFont unpacks the font at its first use. The file is part of the program, so
// that a fault in it is a fault of the build.
var theFont = sync.OnceValue(func() *bitmaps {
	f, err := readFont(fontFile)
	if err != nil {
		panic(fmt.Sprintf("escpos: embedded font: %v", err))
	}
	return f
})

func readFont(packed []byte) (*bitmaps, error) {
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(zr, head); err != nil || string(head[:4]) != "RSF1" {
		return nil, errors.New("not a font of fontgen")
	}
	const half = 95 * halfGlyph
	n := int(binary.BigEndian.Uint32(head[4:]))
	b := make([]byte, 4*n+half+n*fullGlyph)
	if _, err := io.ReadFull(zr, b); err != nil {
		return nil, fmt.Errorf("%d characters want %d bytes: %w", n, len(b), err)
	}
	return &bitmaps{runes: b[:4*n], half: b[4*n : 4*n+half], full: b[4*n+half:]}, nil
}

// glyph returns r's bits, row by row, and its width in dots. A character that the
// font lacks is a framed box: it shows that something stands there.
func (f *bitmaps) glyph(r rune) ([]byte, int) {
	if r >= ' ' && r <= '~' {
		i := int(r-' ') * halfGlyph
		return f.half[i : i+halfGlyph], colDots
	}
	i, ok := f.find(r)
	if !ok {
		return []byte(box), rowDots
	}
	return f.full[i*fullGlyph : (i+1)*fullGlyph], rowDots
}

// find returns the place of a full-width character.
func (f *bitmaps) find(r rune) (int, bool) {
	lo, hi := 0, len(f.runes)/4
	for lo < hi {
		mid := (lo + hi) / 2
		switch at := rune(binary.BigEndian.Uint32(f.runes[4*mid:])); {
		case at == r:
			return mid, true
		case at < r:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return 0, false
}

// box is a frame of two dots, two dots inside the square.
const box = "" +
	"\x00\x00\x00\x00\x00\x00\x3f\xff\xfc\x3f\xff\xfc" +
	"\x30\x00\x0c\x30\x00\x0c\x30\x00\x0c\x30\x00\x0c\x30\x00\x0c\x30\x00\x0c\x30\x00\x0c\x30\x00\x0c" +
	"\x30\x00\x0c\x30\x00\x0c\x30\x00\x0c\x30\x00\x0c\x30\x00\x0c\x30\x00\x0c\x30\x00\x0c\x30\x00\x0c" +
	"\x3f\xff\xfc\x3f\xff\xfc\x00\x00\x00\x00\x00\x00"
