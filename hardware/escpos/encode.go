package escpos

import (
	"strings"

	"redstation/kiosk"
)

// maxText is the most text that one line of a receipt may hold, bytes. A receipt
// is a slip in the hand; more is a fault in the caller.
const maxText = 8 << 10

// largeRows is the longest that a slip in large type may become, dots: a metre.
const largeRows = 8000

// Encode lays r out for the printer p and returns the bytes to send. It returns an
// Error with CodeInvalid for a text or a QR payload that fits no paper and for a
// profile that describes no printer.
func Encode(r kiosk.Receipt, p Profile) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.internal", "encode receipt: %w", err)
	}
	b, err := encode(r, p)
	if err != nil || !p.Large || length(b, p) <= largeRows {
		return b, err
	}
	p.Large = false
	return encode(r, p)
}

func encode(r kiosk.Receipt, p Profile) ([]byte, error) {
	w := writer{p: p, font: 1}
	w.begin()
	for i, l := range r.Lines {
		if n := len(l.Text); n > maxText || l.Pair != nil && len(l.Pair.Name)+len(l.Pair.Value) > maxText {
			return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.internal", "encode receipt: line %d is longer than %d bytes", i+1, maxText)
		}
		if err := w.line(l); err != nil {
			return nil, err
		}
	}
	w.end()
	return w.b, nil
}

// Bytes that begin commands (Epson's ESC/POS reference, and the Chinese FS set).
const (
	dle = 0x10
	dc2 = 0x12
	esc = 0x1b
	fs  = 0x1c
	gs  = 0x1d
)

// writer writes commands and remembers what the printer is set to, so that only
// changes are sent.
type writer struct {
	p     Profile
	b     []byte
	font  int // scale of type
	gbk   bool
	bold  bool
	align kiosk.Align
	pitch int // line spacing, dots; 0 is the printer's own
}

func (w *writer) cmd(b ...byte) { w.b = append(w.b, b...) }

// begin makes the printer's settings known: printers with a Chinese font often begin
// in Chinese mode, ESC @ or not, and some read no binary argument in it.
func (w *writer) begin() {
	w.cmd(esc, '@', fs, '.')
	if h := w.p.Heat; h != (Heat{}) {
		w.cmd(esc, '7', byte(h.Dots/8-1), byte(h.Time/10), byte(h.Interval/10))
	}
	if w.p.Density > 0 {
		w.cmd(dc2, '#', byte(w.p.Density))
	}
}

// line writes one element of the receipt.
func (w *writer) line(l kiosk.Line) error {
	s := w.scale(l.Size)
	switch {
	case l.QR != "":
		return w.qr(l.QR)
	case l.Rule:
		w.rule()
	case l.Feed > 0:
		w.feed(l.Feed * (rowDots + gapDots) / 2)
	case l.Pair != nil:
		for _, t := range pairLines(clean(l.Pair.Name), clean(l.Pair.Value), w.p.cols(s)) {
			w.text(t, s, l.Bold, kiosk.Left)
		}
	default:
		fold := list
		if l.Align == kiosk.Center {
			fold = balance
		}
		for _, t := range fold(clean(l.Text), w.p.cols(s)) {
			w.text(t, s, l.Bold, l.Align)
		}
	}
	return nil
}

// scale returns how many times a size enlarges type in both directions.
func (w *writer) scale(s kiosk.Size) int {
	if s <= kiosk.Normal && w.p.Large {
		s = kiosk.Large
	}
	return min(max(int(s), 0), 2) + 1
}

// text writes one line of type that fits the paper.
func (w *writer) text(s string, scale int, bold bool, a kiosk.Align) {
	if s == "" {
		w.feed(rowDots*scale + gap(scale))
		return
	}
	if w.p.Text == TextGBK {
		s = onlyGBK(s)
	}
	b, ok := gbk(s)
	if !ok || w.p.Text == TextRaster {
		w.picture(textBitmap(s, style{scale, scale, bold}, a), a)
		w.feed(gap(scale))
		return
	}
	w.chinese(true)
	w.setAlign(a)
	w.setBold(bold)
	w.setFont(scale)
	w.b = append(append(w.b, b...), '\n')
}

// picture writes a bitmap in bands.
func (w *writer) picture(m *bitmap, a kiosk.Align) {
	w.setAlign(a)
	w.chinese(false)
	n := m.stride()
	for y := 0; y < m.h; y += bandRows {
		rows := min(bandRows, m.h-y)
		w.cmd(gs, 'v', '0', 0, byte(n), byte(n>>8), byte(rows), 0)
		w.b = append(w.b, m.pix[y*n:(y+rows)*n]...)
		defuse(w.b[len(w.b)-rows*n:])
	}
}

// defuse makes picture data that a printer would obey harmless, by one dot beside
// another: DLE with EOT, ENQ or DC4 is a command at once, even inside of others.
func defuse(data []byte) {
	for i := range len(data) - 1 {
		if data[i] == dle && (data[i+1] == 0x04 || data[i+1] == 0x05 || data[i+1] == 0x14) {
			data[i] |= dle >> 1
		}
	}
}

// rule writes a line of two dots across the paper, in the middle of a line's height.
func (w *writer) rule() {
	if w.p.Text == TextGBK {
		w.text(strings.Repeat("─", w.p.cols(1)/2), 1, false, kiosk.Left)
		return
	}
	m := newBitmap(w.p.Dots, 2)
	m.fill(0, 0, m.w, m.h)
	w.feed(gapDots)
	w.picture(m, kiosk.Left)
	w.feed(gapDots * 2)
}

// feed moves the paper. A command feeds at most 255 dots.
func (w *writer) feed(dots int) {
	for ; dots > 0; dots -= 255 {
		w.cmd(esc, 'J', byte(min(dots, 255)))
	}
}

// end brings the paper out: to the cutter and through, or to the tear bar.
func (w *writer) end() {
	w.chinese(false)
	if w.p.Cutter {
		w.cmd(gs, 'V', 66, 0)
	} else {
		w.feed(4 * (rowDots + gapDots))
	}
	if w.p.Beep {
		w.cmd(esc, 'B', 2, 2) // two tones of 100 ms
	}
}

func (w *writer) chinese(on bool) {
	if w.gbk == on {
		return
	}
	w.gbk = on
	if on {
		w.cmd(fs, '&')
	} else {
		w.cmd(fs, '.')
	}
}

func (w *writer) setAlign(a kiosk.Align) {
	if a < kiosk.Left || a > kiosk.Right {
		a = kiosk.Left
	}
	if w.align != a {
		w.align = a
		w.cmd(esc, 'a', byte(a))
	}
}

func (w *writer) setBold(on bool) {
	if w.bold == on {
		return
	}
	w.bold = on
	if on {
		w.cmd(esc, 'E', 1)
	} else {
		w.cmd(esc, 'E', 0)
	}
}

// setFont sets the size by both commands: many printers scale ASCII by GS ! and
// Chinese only by FS !, which knows no more than double. A printer that scales
// Chinese by GS ! too takes the greater of both, so that FS ! goes first.
func (w *writer) setFont(scale int) {
	if pitch := rowDots*scale + gap(scale); w.pitch != pitch {
		w.pitch = pitch
		w.cmd(esc, '3', byte(pitch))
	}
	if w.font == scale {
		return
	}
	w.font = scale
	var double byte
	if scale > 1 {
		double = 0x0c
	}
	w.cmd(fs, '!', double, gs, '!', byte((scale-1)<<4|(scale-1)))
}
