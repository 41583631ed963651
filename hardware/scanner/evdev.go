package scanner

import (
	"encoding/binary"
	"time"
)

// What is used of the kernel's input events (linux/input-event-codes.h).
const (
	evSyn, evKey          = 0, 1
	synReport, synDropped = 0, 3

	keyEnter, keyKPEnter        = 28, 96
	keyLeftShift, keyRightShift = 42, 54
	keyCapsLock, keyNumLock     = 58, 69
	keyReleased, keyPressed     = 0, 1 // and 2, repeated
	eventWord32, eventWord64    = 4, 8 // bytes of a C long
)

// inputEvent is a struct input_event.
type inputEvent struct {
	at    time.Duration // on the clock that the device was told to use
	kind  uint16
	code  uint16
	value int32
}

// parseEvents takes whole events off the front of b and returns how many bytes they
// were. Their time is two C longs: word is the size of a long in bytes, so an event
// has 24 bytes on arm64 and 16 in a 32-bit program.
func parseEvents(b []byte, word int, each func(inputEvent)) int {
	size, n := 2*word+8, 0
	for ; len(b)-n >= size; n += size {
		e := b[n : n+size]
		rest := e[2*word:]
		each(inputEvent{
			at:    time.Duration(long(e, word))*time.Second + time.Duration(long(e[word:], word))*time.Microsecond,
			kind:  binary.NativeEndian.Uint16(rest),
			code:  binary.NativeEndian.Uint16(rest[2:]),
			value: int32(binary.NativeEndian.Uint32(rest[4:])),
		})
	}
	return n
}

// long reads a C long.
func long(b []byte, word int) uint64 {
	if word == eventWord32 {
		return uint64(binary.NativeEndian.Uint32(b))
	}
	return binary.NativeEndian.Uint64(b)
}

// keyLines takes the events of a scanner that types apart. A code ends with Enter.
// Keys are read as on a US keyboard, which is what scanners send when nobody has set
// them up otherwise.
type keyLines struct {
	line
	word        int
	left, right bool // shift keys that are held
	lost        bool // events are missing until the next report
}

func (k *keyLines) feed(b []byte, _ time.Duration) { parseEvents(b, k.word, k.event) }

// event takes one event. Those from SYN_DROPPED to the next SYN_REPORT are
// incomplete; the code they were part of is given up.
func (k *keyLines) event(e inputEvent) {
	switch {
	case e.kind == evSyn && e.code == synDropped:
		k.lost, k.left, k.right = true, false, false
		k.spoil(e.at)
	case e.kind == evSyn && e.code == synReport:
		k.lost = false
	case e.kind == evKey && !k.lost:
		k.key(e)
	}
}

func (k *keyLines) key(e inputEvent) {
	switch e.code {
	case keyLeftShift:
		k.left = e.value != keyReleased
		return
	case keyRightShift:
		k.right = e.value != keyReleased
		return
	}
	if e.value != keyPressed {
		return
	}
	switch e.code {
	case keyEnter, keyKPEnter:
		k.end(e.at)
	case keyCapsLock, keyNumLock: // some scanners press them to put a lamp right
	default:
		if c := keyChar(e.code, k.left || k.right); c != 0 {
			k.add(e.at, c)
		} else { // Ctrl or Alt with digits: a character that no keyboard has
			k.spoil(e.at)
		}
	}
}

// keyRows are the characters of runs of key codes, plain and with shift.
var keyRows = [...]struct {
	first          uint16
	plain, shifted string
}{
	{2, "1234567890-=", "!@#$%^&*()_+"},
	{16, "qwertyuiop[]", "QWERTYUIOP{}"},
	{30, "asdfghjkl;'`", "ASDFGHJKL:\"~"},
	{43, `\zxcvbnm,./`, "|ZXCVBNM<>?"},
	{55, "*", "*"},
	{57, " ", " "},
	{71, "789-456+1230.", "789-456+1230."}, // the keypad, Num Lock or not
	{98, "/", "/"},
	{117, "=", "="},
	{121, ",", ","},
}

// keyChar returns the character of a key, or 0.
func keyChar(code uint16, shift bool) byte {
	for _, r := range keyRows {
		if i := int(code) - int(r.first); i >= 0 && i < len(r.plain) {
			if shift {
				return r.shifted[i]
			}
			return r.plain[i]
		}
	}
	return 0
}
