package hub

import (
	"crypto/sha256"
	"math/bits"
)

// edge is the right edge of a Merkle tree (RFC 6962): the roots of the full
// subtrees that its leaves make up, largest first, one for each bit that is set in
// the number of leaves. It is all that is needed to append and to know the root.
type edge struct {
	size   uint64
	hashes [][sha256.Size]byte
}

// readEdge reads what bytes wrote; it reports false where the length does not fit.
func readEdge(size uint64, b []byte) (edge, bool) {
	if len(b) != bits.OnesCount64(size)*sha256.Size {
		return edge{}, false
	}
	e := edge{size: size, hashes: make([][sha256.Size]byte, 0, bits.Len64(size)+1)}
	for ; len(b) > 0; b = b[sha256.Size:] {
		e.hashes = append(e.hashes, [sha256.Size]byte(b))
	}
	return e, true
}

func (e *edge) bytes() []byte {
	b := make([]byte, 0, len(e.hashes)*sha256.Size)
	for i := range e.hashes {
		b = append(b, e.hashes[i][:]...)
	}
	return b
}

// add appends a leaf's hash.
func (e *edge) add(h [sha256.Size]byte) {
	for n := e.size; n&1 == 1; n >>= 1 {
		last := len(e.hashes) - 1
		h = nodeHash(&e.hashes[last], &h)
		e.hashes = e.hashes[:last]
	}
	e.hashes = append(e.hashes, h)
	e.size++
}

// root returns the root of the tree; of no leaves it is the hash of nothing.
func (e *edge) root() [sha256.Size]byte {
	if len(e.hashes) == 0 {
		return sha256.Sum256(nil)
	}
	r := e.hashes[len(e.hashes)-1]
	for i := len(e.hashes) - 2; i >= 0; i-- {
		r = nodeHash(&e.hashes[i], &r)
	}
	return r
}

// leafHash returns SHA-256(0x00 ‖ header). buf is scratch space.
func leafHash(buf, header []byte) ([sha256.Size]byte, []byte) {
	buf = append(append(buf[:0], 0), header...)
	return sha256.Sum256(buf), buf
}

// nodeHash returns SHA-256(0x01 ‖ left ‖ right).
func nodeHash(left, right *[sha256.Size]byte) [sha256.Size]byte {
	var b [1 + 2*sha256.Size]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}
