package hub

import (
	"encoding/binary"
	"math"
	"time"

	"redstation/kiosk"
)

// gist is what accepting a record takes of its header.
type gist struct {
	version, suite uint8
	booth          []byte
	epoch          kiosk.ID
	lane           kiosk.Lane
	seq            uint64
	kind           []byte
	facts, sealed  []byte // commitments

	bootCount uint64
	bootID    kiosk.ID
	since     time.Duration // since boot
}

// gistOf reads a header. A header as booths write it is read in one walk without
// allocating; any other is left to kiosk.DecodeHeader, which decides alone what a
// header is. (Measured: a quarter of the hub's work on a batch was this.)
func gistOf(header []byte) (gist, error) {
	if g, ok := glance(header); ok {
		return g, nil
	}
	h, err := kiosk.DecodeHeader(header)
	if err != nil {
		return gist{}, err
	}
	return gist{version: h.V, suite: h.Suite, booth: []byte(h.Booth), epoch: h.Epoch, lane: h.Lane, seq: h.Seq,
		kind: []byte(h.Kind), facts: h.FactsCommit, sealed: h.SealedCommit,
		bootCount: h.BootCount, bootID: h.BootID, since: time.Duration(h.BoottimeNS)}, nil
}

// The major types of CBOR (RFC 8949, section 3.1) that a header is made of.
const (
	cborUint  = 0
	cborInt   = 1
	cborBytes = 2
	cborText  = 3
	cborArray = 4
)

// glance reads a header of 19 fields that is nothing but ordinary. It reports
// false where it is not sure.
func glance(b []byte) (g gist, ok bool) {
	w := walk{b: b, ok: true}
	if major, n := w.head(); major != cborArray || n != 19 {
		return gist{}, false
	}
	g.version, g.suite = uint8(w.uint(math.MaxUint8)), uint8(w.uint(math.MaxUint8))
	g.booth = w.text()
	copy(g.epoch[:], w.bytes(16))
	g.lane = kiosk.Lane(w.uint(math.MaxUint8))
	g.seq = w.uint(math.MaxUint64)
	w.bytes(16) // id
	g.kind = w.text()
	w.uint(math.MaxUint16) // schema
	g.bootCount = w.uint(math.MaxUint64)
	copy(g.bootID[:], w.bytes(16))
	g.since = time.Duration(w.int())
	w.int()                // wall clock
	w.uint(math.MaxUint8)  // clock state
	w.optional()           // actor
	w.optional()           // ref
	w.uint(math.MaxUint64) // based on
	g.facts = w.bytes(32)
	g.sealed = w.optional()
	sound := g.version != 0 && len(g.booth) > 0 && g.seq != 0 && len(g.kind) > 0 && (len(g.sealed) == 0 || len(g.sealed) == 32)
	return g, w.ok && len(w.b) == 0 && sound
}

// walk goes through CBOR items. Once something is odd, ok stays false.
type walk struct {
	b  []byte
	ok bool
}

// head reads the head of an item: its major type and its number.
func (w *walk) head() (major byte, n uint64) {
	if len(w.b) == 0 {
		w.ok = false
		return 0, 0
	}
	major, n = w.b[0]>>5, uint64(w.b[0]&0x1f)
	w.b = w.b[1:]
	if n < 24 {
		return major, n
	}
	width := 1 << (n - 24)
	if n > 27 || len(w.b) < width {
		w.ok = false
		return 0, 0
	}
	var wide [8]byte
	copy(wide[8-width:], w.b)
	w.b = w.b[width:]
	return major, binary.BigEndian.Uint64(wide[:])
}

func (w *walk) uint(most uint64) uint64 {
	major, n := w.head()
	w.ok = w.ok && major == cborUint && n <= most
	return n
}

func (w *walk) int() int64 {
	major, n := w.head()
	w.ok = w.ok && (major == cborUint || major == cborInt) && n <= math.MaxInt64
	if major == cborInt { // RFC 8949, section 3.1: -1 - n
		return -1 - int64(n)
	}
	return int64(n)
}

// bytes reads a byte string of that length.
func (w *walk) bytes(length uint64) []byte {
	major, n := w.head()
	w.ok = w.ok && major == cborBytes && n == length
	return w.cut(n)
}

// optional reads a byte string, or null, which is nil.
func (w *walk) optional() []byte {
	if len(w.b) > 0 && w.b[0] == 0xf6 {
		w.b = w.b[1:]
		return nil
	}
	major, n := w.head()
	w.ok = w.ok && major == cborBytes
	return w.cut(n)
}

// text reads a text of plain ASCII.
func (w *walk) text() []byte {
	major, n := w.head()
	w.ok = w.ok && major == cborText
	s := w.cut(n)
	for _, c := range s {
		w.ok = w.ok && c < 0x80
	}
	return s
}

func (w *walk) cut(n uint64) []byte {
	if !w.ok || n > uint64(len(w.b)) {
		w.ok = false
		return nil
	}
	s := w.b[:n:n]
	w.b = w.b[n:]
	return s
}
