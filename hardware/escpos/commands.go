package escpos

import "redstation/kiosk"

// arguments lists the commands whose arguments have a fixed length, by their first
// two bytes. GS V, GS v 0 and GS ( tell their length themselves; ESC v is two bytes
// to Epson's printers and three to the CSN-A2.
func arguments(lead, c byte) (n int, ok bool) {
	switch lead {
	case dle:
		return 1, c == 0x04
	case dc2:
		return 1, c == '#'
	case fs:
		switch c {
		case '&', '.':
			return 0, true
		case '!':
			return 1, true
		}
	case gs:
		switch c {
		case '!', 'a', 'r':
			return 1, true
		}
	case esc:
		switch c {
		case '@', '2', 'v':
			return 0, true
		case '!', '3', 'E', 'J', 'a', 'd', 't':
			return 1, true
		case 'B':
			return 2, true
		case '7', 'p':
			return 3, true
		}
	}
	return 0, false
}

// command does one command. One that is cut short or not known counts as unknown
// and is gone with its first two bytes; so does one whose argument means nothing,
// whole.
func (m *machine) command(lead byte) {
	if len(m.b) == 0 {
		m.out.Unknown++
		return
	}
	c := m.take(1)[0]
	n, ok := arguments(lead, c)
	switch {
	case ok:
		args := m.take(n)
		ok = len(args) == n && m.simple(lead, c, args)
	case lead == gs && c == 'V':
		ok = m.cut()
	case lead == gs && c == 'v':
		ok = m.raster()
	case lead == gs && c == '(':
		ok = m.parcel()
	}
	if !ok {
		m.out.Unknown++
	}
}

// simple does a command of fixed length and reports whether its arguments make
// sense.
func (m *machine) simple(lead, c byte, args []byte) bool {
	n := 0
	if len(args) > 0 {
		n = int(args[0])
	}
	switch lead {
	case dle:
		return n >= 1 && n <= 4
	case fs:
		m.chinese(c, n)
		return true
	case gs:
		return m.graphic(c, n)
	case esc:
		return m.escape(c, n)
	}
	return true // DC2 #
}

// escape does the commands that begin with ESC.
func (m *machine) escape(c byte, n int) bool {
	switch c {
	case '@':
		m.reset()
	case '2':
		m.pitch = rowDots + gapDots
	case '3':
		m.pitch = n
	case '!':
		m.bold(n&0x08 != 0)
		m.latin.high, m.latin.wide = 1+n>>4&1, 1+n>>5&1
	case 'E':
		m.bold(n&1 == 1)
	case 'J':
		m.flush()
		m.out.grow(n)
	case 'd':
		top := m.out.rows
		m.flush()
		m.out.grow(n*m.pitch - (m.out.rows - top))
	case 'a':
		if n > 2 && (n < '0' || n > '2') {
			return false
		}
		m.align = kiosk.Align(n % '0') // 0 to 2, or their digits
	case 'v':
		if len(m.b) > 0 && m.b[0] == 0 {
			m.take(1)
		}
	}
	return true // and what prints nothing: 't', 'B', '7', 'p'
}

func (m *machine) bold(on bool) { m.latin.bold, m.hanzi.bold = on, on }

// chinese does the commands that begin with FS.
func (m *machine) chinese(c byte, n int) {
	switch c {
	case '&':
		m.gbk = true
	case '.':
		m.gbk = false
	case '!':
		m.hanzi.wide, m.hanzi.high = 1+n>>2&1, 1+n>>3&1
	}
}

// graphic does the commands of one argument that begin with GS.
func (m *machine) graphic(c byte, n int) bool {
	switch c {
	case '!':
		m.latin.wide, m.latin.high = n>>4&7+1, n&7+1
		m.hanzi.wide, m.hanzi.high = m.latin.wide, m.latin.high
	case 'r':
		return n >= 1 && n <= 2 || n >= '1' && n <= '2'
	}
	return true
}

// cut is GS V: 0 and 1 (or their digits) cut here, 65 and 66 feed n dots first.
func (m *machine) cut() bool {
	kind := m.take(1)
	if len(kind) == 0 {
		return false
	}
	feed := []byte{0}
	switch kind[0] {
	case 0, 1, '0', '1':
	case 65, 66:
		feed = m.take(1)
	default:
		return false
	}
	if len(feed) == 0 {
		return false
	}
	m.flush()
	m.out.grow(int(feed[0]))
	m.out.Cuts++
	return true
}

// raster is GS v 0: a picture, its rows padded to bytes, at most 4095 of them.
func (m *machine) raster() bool {
	h := m.take(6)
	if len(h) < 6 {
		return false
	}
	stride, rows := int(h[2])|int(h[3])<<8, int(h[4])|int(h[5])<<8
	whole := uint64(stride) * uint64(rows) // more than an int of 32 bits holds
	data := m.take(int(min(whole, uint64(len(m.b)))))
	if h[0] != '0' || h[1] != 0 || stride == 0 || rows > 0x0fff {
		return false
	}
	m.show(&bitmap{stride * 8, len(data) / stride, data})
	return uint64(len(data)) == whole // for the rest, a printer would wait
}

// show prints a picture. It begins a line of its own.
func (m *machine) show(pic *bitmap) {
	m.flush()
	top := m.out.rows
	m.out.grow(pic.h)
	m.out.paste(pic, m.left(min(pic.w, m.p.Dots)), top)
}

// parcel is GS (: its length comes first. Of its kinds only QR codes are known.
func (m *machine) parcel() bool {
	h := m.take(3)
	if len(h) < 3 {
		return false
	}
	n := int(h[1]) | int(h[2])<<8
	args := m.take(n)
	if len(args) < n || h[0] != 'k' {
		return false
	}
	return m.symbol(args)
}
