package scanner

import "time"

// serialLines takes the bytes of a scanner on a serial line apart: a code ends with
// CR, LF or both.
type serialLines struct{ line }

func (s *serialLines) feed(b []byte, at time.Duration) {
	for _, c := range b {
		if c == '\r' || c == '\n' {
			s.end(at)
		} else {
			s.add(at, c)
		}
	}
}
