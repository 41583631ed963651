package wire

import (
	"encoding/binary"

	"redstation/kiosk"
)

// A record on the wire is five CBOR items (RFC 8949): header, facts, salt of the
// facts, sealed bytes, salt of the sealed bytes. Each is a byte string of definite
// length with the shortest head, or null where the part is absent or erased. The
// items are so plain that reading and writing them by hand costs nothing: no
// copying, no reflection.

const (
	majorBytes = 0x40
	null       = 0xf6
)

// AppendRecord appends the five items of r to dst.
func AppendRecord(dst []byte, r *kiosk.Record) []byte {
	dst = appendBytes(dst, r.Header)
	dst = appendBytes(dst, r.Facts)
	dst = appendBytes(dst, r.FactsSalt)
	dst = appendBytes(dst, r.Sealed)
	return appendBytes(dst, r.SealedSalt)
}

// ReadRecord reads one record from the front of b and returns what follows it. The
// record's parts are slices of b. The error has kiosk.CodeInvalid.
func ReadRecord(b []byte) (r kiosk.Record, rest []byte, err error) {
	rest = b
	for _, part := range [...]*[]byte{&r.Header, &r.Facts, &r.FactsSalt, &r.Sealed, &r.SealedSalt} {
		if *part, rest, err = readBytes(rest); err != nil {
			return kiosk.Record{}, nil, err
		}
	}
	if len(r.Header) == 0 {
		return kiosk.Record{}, nil, malformed("record without a header")
	}
	return r, rest, nil
}

func appendBytes(dst, b []byte) []byte {
	n := len(b)
	switch {
	case b == nil:
		return append(dst, null)
	case n < 24:
		dst = append(dst, majorBytes|byte(n))
	case n < 1<<8:
		dst = append(dst, majorBytes|24, byte(n))
	case n < 1<<16:
		dst = append(dst, majorBytes|25, byte(n>>8), byte(n))
	default:
		dst = binary.BigEndian.AppendUint32(append(dst, majorBytes|26), uint32(n))
	}
	return append(dst, b...)
}

// readBytes reads one byte string or null. Longer heads than needed, indefinite
// lengths and other types are refused: one value has one encoding.
func readBytes(b []byte) (val, rest []byte, err error) {
	if len(b) == 0 {
		return nil, nil, malformed("sequence ends inside a record")
	}
	if b[0] == null {
		return nil, b[1:], nil
	}
	if b[0]&0xe0 != majorBytes {
		return nil, nil, malformed("item of type %d, want a byte string", b[0]>>5)
	}
	info := b[0] & 0x1f
	if info < 24 {
		return cut(b[1:], uint64(info))
	}
	width := 1 << (info - 24) // 1, 2, 4 bytes of length
	if info > 26 || len(b) < 1+width {
		return nil, nil, malformed("byte string with a bad length")
	}
	var n uint64
	for _, c := range b[1 : 1+width] {
		n = n<<8 | uint64(c)
	}
	if (width == 1 && n < 24) || (width > 1 && n>>(4*width) == 0) {
		return nil, nil, malformed("byte string with a length that is not the shortest")
	}
	return cut(b[1+width:], n)
}

func cut(b []byte, n uint64) (val, rest []byte, err error) {
	if n > uint64(len(b)) {
		return nil, nil, malformed("byte string of %d bytes, %d are left", n, len(b))
	}
	return b[:n:n], b[n:], nil
}

func malformed(format string, args ...any) error {
	return kiosk.Errorf(kiosk.CodeInvalid, "error.wire", format, args...)
}
