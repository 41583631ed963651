package kiosk

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"unicode"

	"filippo.io/edwards25519"
)

// A code is the secret half of a paper: 80 random bits, printed on the slip and
// kept nowhere else. From the code, salted with the number printed beside it,
// come an index and a key pair; the booth and the hub store the index and the
// public key, so that whoever writes a new version of the record can seal it to
// the paper, and only the paper opens it.

// PaperCode is the 16 characters of Crockford's base32 that stand on a slip.
type PaperCode string

// crockford is Crockford's base32 alphabet: no I, L, O, U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const codeLength = 16

// NewPaperCode draws a code of 80 bits.
func NewPaperCode() PaperCode {
	var b [codeLength]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = crockford[b[i]&31]
	}
	return PaperCode(b[:])
}

// ParsePaperCode reads a code as a person types it: any case, with spaces and hyphens,
// O for 0, I and L for 1. The error has CodeInvalid.
func ParsePaperCode(s string) (PaperCode, error) {
	out := make([]byte, 0, codeLength)
	for _, r := range strings.ToUpper(s) {
		switch r {
		case ' ', '-':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if !strings.ContainsRune(crockford, r) || len(out) == codeLength {
			return "", Errorf(CodeInvalid, "error.code", "a code has %d characters of 0-9 and A-Z without I, L, O, U", codeLength)
		}
		out = append(out, byte(r))
	}
	if len(out) != codeLength {
		return "", Errorf(CodeInvalid, "error.code", "a code has %d characters, got %d", codeLength, len(out))
	}
	return PaperCode(out), nil
}

// Groups returns the code in groups of four, as it is printed and read aloud.
func (c PaperCode) Groups() string {
	var b strings.Builder
	for i := 0; i < len(c); i += 4 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(c[i:min(i+4, len(c))]))
	}
	return b.String()
}

// Lock is what may be stored of a code: where its record is found, and the X25519
// public key that opens only for the paper.
type Lock struct {
	Index  [16]byte
	Public []byte
}

// Lock derives the lock of the code with the number that is printed beside it:
// HKDF-SHA256 (RFC 5869) with the number as salt gives the index and the key
// material of an HPKE DeriveKeyPair (RFC 9180, section 7.1.3).
func (c PaperCode) Lock(number string) (Lock, error) {
	l, _, err := c.derive(number)
	return l, err
}

// derive returns the lock and the key material of the pair that it belongs to.
func (c PaperCode) derive(number string) (Lock, []byte, error) {
	fail := func(err error) (Lock, []byte, error) {
		return Lock{}, nil, Errorf(CodeInternal, "error.internal", "derive lock: %w", err)
	}
	prk, err := hkdf.Extract(sha256.New, []byte(c), []byte(number))
	if err != nil {
		return fail(err)
	}
	index, err := hkdf.Expand(sha256.New, prk, "redstation/paper/1/index", 16)
	if err != nil {
		return fail(err)
	}
	ikm, err := hkdf.Expand(sha256.New, prk, "redstation/paper/1/key", 32)
	if err != nil {
		return fail(err)
	}
	public, err := publicKey(ikm)
	if err != nil {
		return fail(err)
	}
	return Lock{Index: [16]byte(index), Public: public}, ikm, nil
}

// kemPrefix begins every label of DHKEM(X25519, HKDF-SHA256), which is KEM 0x0020
// (RFC 9180, sections 4 and 7.1).
const kemPrefix = "HPKE-v1" + "KEM\x00\x20"

// scalar returns the private half of the key pair that HPKE's DeriveKeyPair makes of
// ikm.
func scalar(ikm []byte) (*edwards25519.Scalar, error) {
	kem := labels(kemPrefix)
	return edwards25519.NewScalar().SetBytesWithClamping(kem.expand(kem.extract(nil, "dkp_prk", ikm), "sk", nil, 32))
}

// publicKey returns the public half. crypto/hpke makes the same pair, with a general
// multiplication on the Montgomery curve; a lock is derived for every request, and the
// fixed-base tables of the Edwards curve, birationally equal to it (RFC 7748, section
// 4.1), take a third of the time.
func publicKey(ikm []byte) ([]byte, error) {
	k, err := scalar(ikm)
	if err != nil {
		return nil, err
	}
	return new(edwards25519.Point).ScalarBaseMult(k).BytesMontgomery(), nil
}

// PaperQR is the payload of a slip's QR: "RS1:07-218.7K3QF9TZ2M4PXA0B". Only
// digits, capitals and ":.-", so that it stays in QR alphanumeric mode and passes
// any keyboard layout of a scanner.
func PaperQR(number string, c PaperCode) string { return qrPrefix + number + "." + string(c) }

// qrPrefix begins the payload of every slip's QR.
const qrPrefix = "RS1:"

// ParsePaperQR reads what PaperQR wrote, as a scanner hands it over. The error has
// CodeInvalid where it is another code.
func ParsePaperQR(text string) (number string, c PaperCode, err error) {
	rest, ours := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(text)), qrPrefix)
	number, code, cut := strings.Cut(rest, ".")
	if !ours || !cut {
		return "", "", Errorf(CodeInvalid, "error.not_paper", "what was scanned is no receipt of a booth")
	}
	if number, err = ParseSlipNumber(number); err != nil {
		return "", "", err
	}
	c, err = ParsePaperCode(code)
	return number, c, err
}

// maxSlipNumber is more than the longest number has: a booth's id of 16 characters,
// a hyphen and the digits of the count.
const maxSlipNumber = 40

// ParseSlipNumber reads the number of a slip as a person types it: any case, digits of
// full width, any dash, spaces. The error has CodeInvalid.
func ParseSlipNumber(s string) (string, error) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '\uff01' && r <= '\uff5e': // full width, as Chinese keyboards type
			r -= '\uff01' - '!'
		case r == '\u2010' || r == '\u2011' || r == '\u2013' || r == '\u2014' || r == '\u2212':
			r = '-'
		case unicode.IsSpace(r):
			continue
		}
		if r = unicode.ToUpper(r); r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') {
			return "", Errorf(CodeInvalid, "error.slip_number", "a slip's number has digits, letters and hyphens")
		}
		b.WriteRune(r)
	}
	number := b.String()
	if _, count, ok := strings.Cut(number, "-"); !ok || count == "" || len(number) > maxSlipNumber {
		return "", Errorf(CodeInvalid, "error.slip_number", "a slip's number is the booth's and a count, with a hyphen between them")
	}
	return number, nil
}
