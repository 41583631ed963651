package printertest

// length returns how many bytes the command or character at the beginning of b has,
// 0 while some are missing.
func length(b []byte, gbk bool) int {
	if len(b) == 0 {
		return 0
	}
	n := 1
	switch c := b[0]; {
	case c == 0x1b || c == 0x1c || c == 0x1d || c == 0x10 || c == 0x12:
		n = command(b)
	case gbk && c >= 0x81 && c != 0xff:
		n = 2
	}
	if n > len(b) {
		return 0
	}
	return n
}

// command returns the length of a command; more than b has where that cannot be told yet.
func command(b []byte) int {
	if len(b) < 2 {
		return 2
	}
	switch string(b[:2]) {
	case "\x1b@", "\x1b2", "\x1c&", "\x1c.":
		return 2
	case "\x1ba", "\x1bE", "\x1bJ", "\x1bd", "\x1b3", "\x1bt", "\x1bM", "\x1bv", "\x1b!", "\x1bG",
		"\x1c!", "\x1d!", "\x1dr", "\x1da", "\x10\x04", "\x10\x05", "\x12#":
		return 3
	case "\x1bB":
		return 4
	case "\x1b7", "\x1bp":
		return 5
	case "\x1dV":
		if len(b) > 2 && (b[2] == 65 || b[2] == 66) {
			return 4
		}
		return 3
	case "\x1d(":
		if len(b) < 5 {
			return 5
		}
		return 5 + int(b[3]) + int(b[4])<<8
	case "\x1dv":
		if len(b) < 8 {
			return 8
		}
		return 8 + (int(b[4])|int(b[5])<<8)*(int(b[6])|int(b[7])<<8)
	}
	return 2
}

// head is what the printer is set to, as far as it moves the paper.
type head struct {
	begun, ended bool // of the slip in work: since ESC @, and fed or cut at its end
	gbk          bool
	pitch        int // of a line, dots
	latin, hanzi int // height of type, in times of 24 dots
	line         int // height of the line in the buffer, dots; 0: empty
}

func (h *head) reset() { *h = head{begun: h.begun, pitch: 32, latin: 1, hanzi: 1} }

// settings returns the commands that set a printer so. A slip that goes on after a
// tear is read with them.
func (h *head) settings() []byte {
	b := []byte{0x1c, '!', byte(h.hanzi-1) & 1 * 0x0c, 0x1d, '!', byte(h.latin-1) * 0x11, 0x1b, '3', byte(h.pitch)}
	if h.gbk {
		b = append(b, 0x1c, '&')
	}
	return b
}

// do changes the settings as cmd says and returns how far it moves the paper, dots.
func (h *head) do(cmd []byte) (rows int) {
	if len(cmd) == 1 || cmd[0] >= 0x80 {
		return h.character(cmd[0])
	}
	var arg int
	if len(cmd) > 2 {
		arg = int(cmd[2])
	}
	switch string(cmd[:2]) {
	case "\x1b@":
		h.reset()
	case "\x1c&", "\x1c.":
		h.gbk = cmd[1] == '&'
	case "\x1b3":
		h.pitch = arg
	case "\x1b2":
		h.pitch = 32
	case "\x1c!":
		h.hanzi = 1 + arg>>3&1
	case "\x1d!":
		h.latin, h.hanzi = arg&7+1, arg&7+1
	case "\x1bJ":
		rows = h.flush() + arg
		h.ended = arg >= 48
	case "\x1bd":
		rows = h.flush() + arg*h.pitch
		h.ended = arg*h.pitch >= 48
	case "\x1dV":
		rows = h.flush()
		if len(cmd) == 4 {
			rows += int(cmd[3])
		}
	case "\x1dv":
		rows = h.flush() + (int(cmd[6]) | int(cmd[7])<<8)
		h.ended = false
	}
	return rows
}

func (h *head) character(c byte) (rows int) {
	switch {
	case c == '\n':
		rows = max(h.pitch, h.flush())
	case c >= 0x80:
		h.line, h.ended = max(h.line, 24*h.hanzi), false
	case c >= ' ':
		h.line, h.ended = max(h.line, 24*h.latin), false
	}
	return rows
}

// flush empties the line buffer onto paper.
func (h *head) flush() int {
	rows := h.line
	h.line = 0
	return rows
}
