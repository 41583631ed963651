package escpos

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"redstation/kiosk"
)

// maxRows is the longest paper that is interpreted: 16,384 dots, two metres.
const maxRows = 1 << 14

// Interpret does what a printer does with b: it is the simulated printer, and the
// maker of the pictures that the screen shows. It knows the commands that Encode
// writes; others, and pieces that make no sense, are counted and skipped. It
// returns an Error with CodeInvalid for paper longer than two metres, with what
// was printed until there, and for a profile that describes no printer.
func Interpret(b []byte, p Profile) (*Print, error) {
	if err := p.check(); err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.internal", "interpret: %w", err)
	}
	m := machine{p: p, b: b, out: &Print{margin: p.margin(), dots: p.Dots}}
	m.reset()
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
}

// inked is a character in the line buffer.
type inked struct {
	r rune
	style
}

// reset is ESC @: all settings as at power on.
func (m *machine) reset() {
	m.latin, m.hanzi = style{wide: 1, high: 1}, style{wide: 1, high: 1}
	m.gbk, m.align, m.pitch = false, kiosk.Left, rowDots+gapDots
	m.line, m.width = nil, 0
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
	c := m.take(1)[0]
	switch {
	case c == '\n':
		m.feedLine()
	case c == esc:
		m.escape()
	case c == fs:
		m.chinese()
	case c == gs:
		m.graphic()
	case c == dle:
		m.question()
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
	b, err := simplifiedchinese.GBK.NewDecoder().Bytes([]byte{lead, m.b[0]})
	r, n := utf8.DecodeRune(b)
	if err != nil || r == utf8.RuneError || n != len(b) {
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

// arg returns a command's one argument; without it, the command counts as unknown.
func (m *machine) arg() (int, bool) {
	if len(m.b) == 0 {
		m.out.Unknown++
		return 0, false
	}
	return int(m.take(1)[0]), true
}

// escape does the commands that begin with ESC.
func (m *machine) escape() {
	c, ok := m.arg()
	if !ok {
		return
	}
	if c == '@' {
		m.reset()
		return
	}
	switch c {
	case 'a', 'E', 'J', '3':
	default:
		m.out.Unknown++
		return
	}
	n, ok := m.arg()
	if !ok {
		return
	}
	switch c {
	case 'a':
		m.align = kiosk.Align(n % '0' % 3) // 0 to 2, or their digits
	case 'E':
		m.latin.bold, m.hanzi.bold = n&1 == 1, n&1 == 1
	case 'J':
		m.flush()
		m.out.grow(n)
	case '3':
		m.pitch = n
	}
}

// question is DLE EOT n, which prints nothing.
func (m *machine) question() {
	if len(m.b) < 2 || m.b[0] != 0x04 || m.b[1] < 1 || m.b[1] > 4 {
		m.out.Unknown++
		return
	}
	m.take(2)
}

// chinese does the commands that begin with FS.
func (m *machine) chinese() {
	c, ok := m.arg()
	if !ok {
		return
	}
	switch c {
	case '&':
		m.gbk = true
	case '.':
		m.gbk = false
	case '!':
		if n, ok := m.arg(); ok {
			m.hanzi.wide, m.hanzi.high = 1+n>>2&1, 1+n>>3&1
		}
	default:
		m.out.Unknown++
	}
}

// graphic does the commands that begin with GS.
func (m *machine) graphic() {
	c, ok := m.arg()
	if !ok {
		return
	}
	switch c {
	case '!':
		if n, ok := m.arg(); ok {
			m.latin.wide, m.latin.high = n>>4&7+1, n&7+1
			m.hanzi.wide, m.hanzi.high = m.latin.wide, m.latin.high
		}
	case 'V':
		m.cut()
	case 'v':
		m.raster()
	default:
		m.out.Unknown++
	}
}

// cut is GS V: 0 and 1 (or their digits) cut here, 65 and 66 feed n dots first.
func (m *machine) cut() {
	n, ok := m.arg()
	if !ok {
		return
	}
	m.flush()
	if n == 65 || n == 66 {
		feed, ok := m.arg()
		if !ok {
			return
		}
		m.out.grow(feed)
	}
	m.out.Cuts++
}

// raster is GS v 0: a picture, its rows padded to bytes.
func (m *machine) raster() {
	h := m.take(6)
	if len(h) < 6 || h[0] != '0' {
		m.out.Unknown++
		return
	}
	stride, rows := int(h[2])|int(h[3])<<8, int(h[4])|int(h[5])<<8
	data := m.take(stride * rows)
	if stride == 0 || len(data) < stride*rows {
		m.out.Unknown++ // a printer would wait for the rest
		if stride == 0 {
			return
		}
		rows = len(data) / stride
	}
	m.flush()
	top := m.out.rows
	m.out.grow(min(rows, maxRows+1)) // one more than allowed is enough to be refused
	pic := &bitmap{stride * 8, rows, data}
	m.out.paste(pic, m.left(min(pic.w, m.p.Dots)), top)
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
