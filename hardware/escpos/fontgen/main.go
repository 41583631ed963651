// Command fontgen draws the receipt printer's 24-dot font from outline fonts.
//
// It writes one gzip file that hardware/escpos embeds: every ASCII character on
// 12 by 24 dots, and on 24 by 24 dots every character of two-byte GBK, the
// signs of Western names, those Chinese characters outside GBK that the outline
// font has (rare names), and the 2,350 syllables of everyday Korean (KS X 1001).
// The same font files always give the same bytes.
//
// Usage:
//
//	go run ./hardware/escpos/fontgen -font NotoSansSC_500Medium.ttf -korean NotoSansKR_500Medium.ttf -out hardware/escpos/font24.bin.gz
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"unicode"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// cell is the height of every glyph and the width of a Chinese one, in dots.
const cell = 24

func main() {
	fontFile := flag.String("font", "", "outline font to draw from (TrueType, required)")
	koreanFile := flag.String("korean", "", "outline font to draw Korean from (TrueType, required)")
	out := flag.String("out", "", "file to write (gzip)")
	sheet := flag.String("sheet", "", "PNG to write with the characters of -text, enlarged, to look at")
	text := flag.String("text", "红色驿站 疆赢鬱 07-218 ABC abc", "characters of -sheet")
	flag.Parse()
	if err := run(*fontFile, *koreanFile, *out, *sheet, *text); err != nil {
		fmt.Fprintln(os.Stderr, "fontgen:", err)
		os.Exit(1)
	}
}

func run(fontFile, koreanFile, out, sheet, text string) error {
	if fontFile == "" || koreanFile == "" || (out == "" && sheet == "") {
		return errors.New("give -font FILE, -korean FILE and -out FILE; see -help")
	}
	var d drawer
	for name, fc := range map[string]*face{fontFile: &d.chinese, koreanFile: &d.korean} {
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if fc.f, err = sfnt.Parse(src); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
	if sheet != "" {
		if err := d.sheet(sheet, text); err != nil {
			return err
		}
	}
	if out == "" {
		return nil
	}
	b, err := d.file()
	if err != nil {
		return err
	}
	return os.WriteFile(out, b, 0o644)
}

// drawer draws glyphs on the grid.
type drawer struct{ chinese, korean face }

// face returns the font that draws r.
func (d *drawer) face(r rune) *face {
	if unicode.Is(unicode.Hangul, r) {
		return &d.korean
	}
	return &d.chinese
}

// baseline is where letters stand, in dots from the top: the place that Chinese
// fonts give it, 0.88 of the square.
const baseline = 21.12

// glyph draws r on w by 24 dots. A letter that is wider than its cell is narrowed.
func (d *drawer) glyph(r rune, w int) ([]byte, error) {
	o, adv, err := d.face(r).load(r, cell)
	if err != nil {
		return nil, fmt.Errorf("draw %q: %w", r, err)
	}
	narrow := min(1, float64(w)/adv)
	left := (float64(w) - adv*narrow) / 2
	o.apply(func(p point) point { return point{p[0]*narrow + left, p[1] + baseline} })
	o.hint()
	return o.bits(w, 0x6c), nil
}

// file returns the font file: "RSF1", the number of full-width characters, their
// code points in rising order, the 95 ASCII glyphs of 36 bytes, and the
// full-width glyphs of 72 bytes. Numbers are 32 bits, big end first.
func (d *drawer) file() ([]byte, error) {
	var buf, glyphs bytes.Buffer
	var runes []rune
	for r := rune(' '); r <= '~'; r++ {
		g, err := d.glyph(r, cell/2)
		if err != nil {
			return nil, err
		}
		glyphs.Write(g)
	}
	for r := rune(0x80); r <= 0x3ffff; r++ {
		if !d.face(r).has(r) || !wanted(r) {
			continue
		}
		g, err := d.glyph(r, cell)
		if err != nil {
			return nil, err
		}
		runes = append(runes, r)
		glyphs.Write(g)
	}
	zw, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	head := binary.BigEndian.AppendUint32([]byte("RSF1"), uint32(len(runes)))
	for _, r := range runes {
		head = binary.BigEndian.AppendUint32(head, uint32(r))
	}
	if _, err := zw.Write(append(head, glyphs.Bytes()...)); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	fmt.Printf("%d full-width characters, %d bytes\n", len(runes), buf.Len())
	return buf.Bytes(), nil
}

// wanted says which characters may stand on a receipt.
func wanted(r rune) bool {
	switch {
	case r >= 0xa1 && r <= 0x17f, r >= 0x2010 && r <= 0x203a, r >= 0x20a0 && r <= 0x20bf:
		return true // Western names, dashes and quotes, money
	case r >= 0x3400 && r <= 0x9fff, r >= 0x20000:
		return true // Chinese
	case unicode.Is(unicode.Hangul, r):
		// In this encoder KS X 1001 is what has two bytes from 0xa1 on.
		b, err := korean.EUCKR.NewEncoder().String(string(r))
		return err == nil && len(b) == 2 && b[0] >= 0xa1 && b[1] >= 0xa1
	}
	b, err := simplifiedchinese.GBK.NewEncoder().String(string(r))
	return err == nil && len(b) == 2
}

// sheet writes the characters of text, five pixels a dot, 24 cells a line.
func (d *drawer) sheet(name, text string) error {
	const zoom, line = 5, 24
	var cells [][]byte
	var widths []int
	for _, r := range text {
		w := cell
		if r < 0x80 {
			w = cell / 2
		}
		g, err := d.glyph(r, w)
		if err != nil {
			return err
		}
		cells, widths = append(cells, g), append(widths, w)
	}
	img := image.NewGray(image.Rect(0, 0, line*cell*zoom, (len(cells)/line+1)*(cell+8)*zoom))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	x, y := 0, 0
	for i, g := range cells {
		if x+widths[i] > line*cell {
			x, y = 0, y+cell+8
		}
		for j := range widths[i] * cell {
			if g[j/8]&(0x80>>(j%8)) == 0 {
				continue
			}
			for k := range zoom * zoom {
				img.SetGray((x+j%widths[i])*zoom+k%zoom, (y+j/widths[i])*zoom+k/zoom, color.Gray{})
			}
		}
		x += widths[i]
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, img), f.Close())
}
