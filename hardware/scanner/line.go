package scanner

import (
	"time"

	"redstation/kiosk"
)

// line gathers the characters of one code. It is bounded, and what is wrong with a
// part of it is wrong with the whole: a code that lacks its middle must not be taken
// for another code. Times are counted from any fixed moment.
type line struct {
	limit time.Duration // between two characters; beyond it, the code is given up
	sink  sink

	text []byte
	bad  bool          // what comes until the end belongs to a code that is given up
	last time.Duration // of the last character
}

// sink is what becomes of codes: text takes a whole one, and garbage is told of each
// that was given up.
type sink struct {
	text    func(string)
	garbage func()
}

// add takes one character.
func (l *line) add(at time.Duration, char ...byte) {
	l.wait(at)
	if l.bad {
		return
	}
	if len(l.text)+len(char) > kiosk.MaxScan {
		l.spoil(at)
		return
	}
	l.text = append(l.text, char...)
}

// spoil gives the code up until its end.
func (l *line) spoil(at time.Duration) {
	l.wait(at)
	l.bad, l.text = true, l.text[:0]
}

// end ends the code. An empty one is none: a scanner may end lines with two characters.
func (l *line) end(at time.Duration) {
	l.wait(at)
	switch {
	case l.bad:
		l.sink.garbage()
	case len(l.text) > 0:
		l.sink.text(string(l.text))
	}
	l.clear()
}

// wait gives up what was begun too long ago.
func (l *line) wait(at time.Duration) {
	if (l.bad || len(l.text) > 0) && (at-l.last > l.limit || at < l.last) {
		l.sink.garbage()
		l.clear()
	}
	l.last = at
}

func (l *line) clear() { l.text, l.bad = l.text[:0], false }
