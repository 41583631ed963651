package scanner

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
)

// heard is a sink that keeps what it is told.
type heard struct {
	texts   []string
	garbage int
}

func (h *heard) sink() sink {
	return sink{text: func(s string) { h.texts = append(h.texts, s) }, garbage: func() { h.garbage++ }}
}

func (h *heard) want(t *testing.T, garbage int, texts ...string) {
	t.Helper()
	if got, want := strings.Join(h.texts, "|"), strings.Join(texts, "|"); got != want || h.garbage != garbage {
		t.Errorf("got %q with %d given up, want %q with %d", got, h.garbage, want, garbage)
	}
}

// piece is some of what a serial scanner sends, after a pause.
type piece struct {
	pause time.Duration
	bytes string
}

func TestCodesOnASerialLine(t *testing.T) {
	long := strings.Repeat("x", kiosk.MaxScan)
	for _, tt := range []struct {
		name    string
		pieces  []piece
		garbage int
		want    []string
	}{
		{"end with CR", []piece{{0, "A1\rB2\r"}}, 0, []string{"A1", "B2"}},
		{"end with LF", []piece{{0, "A1\nB2\n"}}, 0, []string{"A1", "B2"}},
		{"end with both", []piece{{0, "A1\r\nB2\r\n"}}, 0, []string{"A1", "B2"}},
		{"come in pieces", []piece{{0, "A"}, {10 * time.Millisecond, "1\r"}, {0, "\n"}}, 0, []string{"A1"}},
		{"are given up after a pause", []piece{{0, "half"}, {2 * time.Second, "A1\r"}}, 1, []string{"A1"}},
		{"are given up after a pause before the end, too", []piece{{0, "half"}, {2 * time.Second, "\r"}}, 1, nil},
		{"are bounded", []piece{{0, long + "\r" + long + "x\rA1\r"}}, 1, []string{long, "A1"}},
		{"are given up up to their end", []piece{{0, long + long + "\r"}, {0, "A1\r"}}, 1, []string{"A1"}},
		{"without an end stop after a pause", []piece{{0, long + long}, {2 * time.Second, "A1\r"}}, 1, []string{"A1"}},
		{"may hold any bytes here", []piece{{0, "\x02\xff\x00\r"}}, 0, []string{"\x02\xff\x00"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var h heard
			s := serialLines{line{limit: time.Second, sink: h.sink()}}
			var now time.Duration
			for _, p := range tt.pieces {
				now += p.pause
				s.feed([]byte(p.bytes), now)
			}
			h.want(t, tt.garbage, tt.want...)
			if cap(s.text) > 2*kiosk.MaxScan {
				t.Errorf("the parser keeps %d bytes", cap(s.text))
			}
		})
	}
}

func TestAMegabyteWithoutAnEndIsOnePieceOfGarbage(t *testing.T) {
	var h heard
	s := serialLines{line{limit: time.Second, sink: h.sink()}}
	for i := range 1024 {
		s.feed(make([]byte, 1024), time.Duration(i)*time.Millisecond)
	}
	s.feed([]byte("\nA1\n"), 1100*time.Millisecond)
	h.want(t, 1, "A1")
	if cap(s.text) > 2*kiosk.MaxScan {
		t.Errorf("the parser keeps %d bytes", cap(s.text))
	}
}

// keyboard writes events as a kernel with longs of word bytes does.
type keyboard struct {
	word int
	at   time.Duration
	out  []byte
}

func (k *keyboard) event(kind, code uint16, value int32) {
	for _, v := range []time.Duration{k.at / time.Second, k.at % time.Second / time.Microsecond} {
		if k.word == 4 {
			k.out = binary.NativeEndian.AppendUint32(k.out, uint32(v))
		} else {
			k.out = binary.NativeEndian.AppendUint64(k.out, uint64(v))
		}
	}
	k.out = binary.NativeEndian.AppendUint16(k.out, kind)
	k.out = binary.NativeEndian.AppendUint16(k.out, code)
	k.out = binary.NativeEndian.AppendUint32(k.out, uint32(value))
}

// tap presses and releases a key 2 ms after the last, with the reports in between.
func (k *keyboard) tap(code uint16) {
	k.at += 2 * time.Millisecond
	k.event(4, 4, 0x70004) // MSC_SCAN, which real keyboards send as well
	k.event(evKey, code, 1)
	k.event(evSyn, synReport, 0)
	k.event(evKey, code, 0)
	k.event(evSyn, synReport, 0)
}

func (k *keyboard) shifted(code uint16) {
	k.event(evKey, keyLeftShift, 1)
	k.event(evSyn, synReport, 0)
	k.tap(code)
	k.event(evKey, keyLeftShift, 0)
}

func (k *keyboard) write(text string) {
	for _, c := range text {
		code, shift := codeOf(byte(c))
		if shift {
			k.shifted(code)
		} else {
			k.tap(code)
		}
	}
}

// codeOf finds the key of a character by trying all.
func codeOf(c byte) (code uint16, shift bool) {
	for code := range uint16(256) {
		for _, shift := range []bool{false, true} {
			if keyChar(code, shift) == c {
				return code, shift
			}
		}
	}
	return 0, false
}

func TestEveryASCIICharacterHasAKey(t *testing.T) {
	for c := byte(' '); c <= '~'; c++ {
		if code, _ := codeOf(c); code == 0 {
			t.Errorf("no key writes %q", c)
		}
	}
	for code, want := range map[uint16]string{30: "aA", 2: "1!", 39: ";:", 43: `\|`, 50: "mM", 82: "00", 79: "11", 53: "/?", 29: "\x00\x00"} {
		if got := string([]byte{keyChar(code, false), keyChar(code, true)}); got != want {
			t.Errorf("key %d writes %q, want %q", code, got, want)
		}
	}
}

func TestCodesFromAKeyboard(t *testing.T) {
	for _, tt := range []struct {
		name    string
		keys    func(k *keyboard)
		garbage int
		want    []string
	}{
		{"end with Enter", func(k *keyboard) { k.write("SB1:a0-42"); k.tap(keyEnter) }, 0, []string{"SB1:a0-42"}},
		{"end with the keypad's Enter", func(k *keyboard) { k.tap(79); k.tap(80); k.tap(keyKPEnter) }, 0, []string{"12"}},
		{"follow each other", func(k *keyboard) { k.write("A"); k.tap(keyEnter); k.write("b"); k.tap(keyEnter) }, 0, []string{"A", "b"}},
		{"hold the other shift", func(k *keyboard) {
			k.event(evKey, keyRightShift, 1)
			k.tap(30)
			k.event(evKey, keyRightShift, 0)
			k.tap(30)
			k.tap(keyEnter)
		}, 0, []string{"Aa"}},
		{"do not repeat held keys", func(k *keyboard) {
			k.event(evKey, 30, 1)
			k.event(evKey, 30, 2)
			k.event(evKey, 30, 2)
			k.tap(keyEnter)
		}, 0, []string{"a"}},
		{"put lamps right", func(k *keyboard) { k.tap(keyCapsLock); k.write("A1"); k.tap(keyNumLock); k.tap(keyEnter) }, 0, []string{"A1"}},
		{"are not typed by people", func(k *keyboard) { k.write("A"); k.at += 150 * time.Millisecond; k.write("B"); k.tap(keyEnter) }, 1, []string{"B"}},
		{"have keys that write", func(k *keyboard) {
			k.write("A")
			k.tap(29)
			k.write("B")
			k.tap(keyEnter)
			k.write("C")
			k.tap(keyEnter)
		}, 1, []string{"C"}},
		{"lose their middle and are given up", func(k *keyboard) {
			k.write("SB1:")
			k.event(evSyn, synDropped, 0)
			k.event(evKey, 30, 1)
			k.event(evSyn, synReport, 0)
			k.write("42")
			k.tap(keyEnter)
			k.write("OK")
			k.tap(keyEnter)
		}, 1, []string{"OK"}},
		{"lose the release of shift", func(k *keyboard) {
			k.event(evKey, keyLeftShift, 1)
			k.event(evSyn, synDropped, 0)
			k.event(evSyn, synReport, 0)
			k.tap(keyEnter)
			k.write("ok")
			k.tap(keyEnter)
		}, 1, []string{"ok"}},
		{"are bounded", func(k *keyboard) {
			k.write(strings.Repeat("x", kiosk.MaxScan+1))
			k.tap(keyEnter)
			k.write("ok")
			k.tap(keyEnter)
		}, 1, []string{"ok"}},
		{"are not Enter alone", func(k *keyboard) { k.tap(keyEnter); k.tap(keyEnter) }, 0, nil},
		{"survive a clock that runs backwards", func(k *keyboard) { k.write("A"); k.at -= time.Second; k.write("B"); k.tap(keyEnter) }, 1, []string{"B"}},
	} {
		for word, name := range map[int]string{eventWord32: "16 bytes", eventWord64: "24 bytes"} {
			t.Run(tt.name+" in events of "+name, func(t *testing.T) {
				var h heard
				k := keyboard{word: word, at: 1000 * time.Second}
				tt.keys(&k)
				parser := keyLines{line: line{limit: 100 * time.Millisecond, sink: h.sink()}, word: word}
				parser.feed(k.out, 0)
				h.want(t, tt.garbage, tt.want...)
			})
		}
	}
}

// feedParts feeds b whole and in parts, and wants the same both times.
func feedParts(t *testing.T, b []byte, part int, begin func(sink) parser) {
	var whole, parts heard
	begin(whole.sink()).feed(b, 0)
	p := begin(parts.sink())
	for rest := b; len(rest) > 0; {
		n := min(part, len(rest))
		p.feed(rest[:n], 0)
		rest = rest[n:]
	}
	parts.want(t, whole.garbage, whole.texts...)
	for _, text := range whole.texts {
		if text == "" || len(text) > kiosk.MaxScan {
			t.Errorf("told a code of %d bytes", len(text))
		}
	}
}

func FuzzSerial(f *testing.F) {
	f.Add([]byte("SB1:7K3QF9TZ2M\r\n\r\r\nx"), byte(3))
	f.Add([]byte(strings.Repeat("garbage", 100)+"\n\xff\xfe\x00\n"), byte(64))
	f.Fuzz(func(t *testing.T, b []byte, part byte) {
		feedParts(t, b, int(part)+1, func(s sink) parser { return &serialLines{line{limit: time.Second, sink: s}} })
	})
}

func FuzzEvdev(f *testing.F) {
	for _, word := range []int{eventWord32, eventWord64} {
		k := keyboard{word: word}
		k.write("SB1:a0\"42~")
		k.event(evSyn, synDropped, 0)
		k.event(evSyn, synReport, 0)
		k.tap(keyEnter)
		f.Add(k.out, byte(3), word == eventWord64)
	}
	f.Fuzz(func(t *testing.T, b []byte, events byte, wide bool) {
		word := eventWord32
		if wide {
			word = eventWord64
		}
		feedParts(t, b, (int(events)+1)*(2*word+8), func(s sink) parser {
			return &keyLines{line: line{limit: 100 * time.Millisecond, sink: s}, word: word}
		})
	})
}
