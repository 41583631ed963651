package escpos

import (
	"unicode/utf8"

	"github.com/skip2/go-qrcode"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"

	"redstation/kiosk"
)

// maxRows is the longest paper that is interpreted: 16,384 dots, two metres.
const maxRows = 1 << 14

// Interpret does what a printer does with b: it is the simulated printer, and the
// maker of the pictures that the screen shows. It draws whatever prints, skips by
// their exact length the commands that print nothing (questions, heat, tones, the
// drawer), and counts as unknown the bytes and commands that make no sense to it. It
// returns an Error with CodeInvalid for paper longer than two metres, with what
// was printed until there, and for a profile that describes no printer.
func Interpret(b []byte, p Profile) (*Print, error) {
	if err := p.check(); err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.internal", "interpret: %w", err)
	}
	m := newMachine(b, p, &Print{margin: p.margin(), dots: p.Dots})
	for len(m.b) > 0 && m.out.rows <= maxRows {
		m.step()
	}
	m.flush()
	m.out.Text = string(m.text)
	if m.out.rows > maxRows {
		m.out.Tear(maxRows)
		return m.out, kiosk.Errorf(kiosk.CodeInvalid, "error.internal", "interpret: paper is longer than %d dots", maxRows)
	}
	return m.out, nil
}

// machine is a printer at work.
type machine struct {
	p    Profile
	b    []byte // what is still to come
	out  *Print
	text []byte

	latin, hanzi style
	gbk          bool
	align        kiosk.Align
	pitch        int // line spacing, dots
	line         []inked
	width        int // of line, dots
	qr           symbols
	dec          transform.Transformer // from GBK
}

// inked is a character in the line buffer.
type inked struct {
	r rune
	style
}

func newMachine(b []byte, p Profile, out *Print) *machine {
	m := &machine{p: p, b: b, out: out, dec: simplifiedchinese.GBK.NewDecoder()}
	m.reset()
	return m
}

// reset is ESC @: all settings as at power on.
func (m *machine) reset() {
	m.latin, m.hanzi = style{wide: 1, high: 1}, style{wide: 1, high: 1}
	m.gbk, m.align, m.pitch = false, kiosk.Left, rowDots+gapDots
	m.line, m.width = m.line[:0], 0
	m.qr = symbols{dots: 3, level: qrcode.Low}
}

// take returns the next n bytes, or what is left of them.
func (m *machine) take(n int) []byte {
	n = min(n, len(m.b))
	out := m.b[:n]
	m.b = m.b[n:]
	return out
}

// step does one character or command.
func (m *machine) step() {
	switch c := m.take(1)[0]; {
	case c == '\n':
		m.feedLine()
	case c == dle, c == dc2, c == esc, c == fs, c == gs:
		m.command(c)
	case c >= ' ' && c <= '~':
		m.put(rune(c), m.latin)
	case m.gbk && c >= 0x81 && len(m.b) > 0:
		m.double(c)
	default:
		m.out.Unknown++
	}
}

// double is a Chinese character of two bytes.
func (m *machine) double(lead byte) {
	var out [utf8.UTFMax]byte
	n, _, err := m.dec.Transform(out[:], []byte{lead, m.b[0]}, true)
	r, size := utf8.DecodeRune(out[:n])
	if err != nil || r == utf8.RuneError || size != n {
		m.out.Unknown++
		return
	}
	m.take(1)
	m.put(r, m.hanzi)
}

// put adds a character to the line, and prints the line first if it is full.
func (m *machine) put(r rune, s style) {
	w := runeCols(r) * colDots * s.wide
	if m.width+w > m.p.Dots {
		m.feedLine()
	}
	m.line, m.width = append(m.line, inked{r, s}), m.width+w
}

// left returns where something w dots wide begins.
func (m *machine) left(w int) int {
	switch m.align {
	case kiosk.Center:
		return (m.p.Dots - w) / 2
	case kiosk.Right:
		return m.p.Dots - w
	}
	return 0
}

// feedLine prints the line and moves the paper by the line spacing at least.
func (m *machine) feedLine() {
	if len(m.line) == 0 {
		m.text = append(m.text, '\n')
		m.out.grow(m.pitch)
		return
	}
	top := m.out.rows
	m.flush()
	m.out.grow(m.pitch - (m.out.rows - top))
}

// flush prints the line buffer and moves the paper by its height.
func (m *machine) flush() {
	if len(m.line) == 0 {
		return
	}
	high := 0
	for _, c := range m.line {
		high = max(high, c.high*rowDots)
	}
	top, x := m.out.rows, m.left(m.width)
	m.out.grow(high)
	for _, c := range m.line {
		m.text = utf8.AppendRune(m.text, c.r)
		x += m.out.draw(c.r, x, top+high-c.high*rowDots, c.style)
	}
	m.text = append(m.text, '\n')
	m.line, m.width = m.line[:0], 0
}
