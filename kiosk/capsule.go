package kiosk

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// A capsule is a record that opens only with a code on paper. Booths and the hub hold
// its index, the paper's public key and the sealed bytes, and none of them can read
// these: the code is printed and kept nowhere. Whoever may write seals the next
// version to the public key, and signs it, with no need of the code; whoever holds
// the paper opens it at any booth that has it, with the line down.
//
// The sealed bytes are
//
//	32 bytes encapsulated key ‖ ciphertext with tag
//
// made by HPKE (RFC 9180, base mode, suite SuiteX25519). The info string binds suite,
// purpose, index and version, so that no sealed bytes pass for another capsule's, an
// older or newer version's, or another purpose's.

// Purpose says what a capsule is for. The names are append-only.
type Purpose string

// PurposeReceipt is how far a resident's request is.
const PurposeReceipt Purpose = "receipt"

// CapsuleOverhead is how many bytes longer the sealed bytes are than what they seal.
const CapsuleOverhead = 32 + 16

// Capsule is one version of such a record. In the book, at the hub and in records it
// is a CBOR array of these fields in this order (RFC 8949, core deterministic
// encoding); testdata/capsule.golden has test vectors.
type Capsule struct {
	_         struct{} `cbor:",toarray"`
	Suite     uint8
	Purpose   Purpose
	Index     ID     // where it is found: Lock.Index
	Public    []byte // X25519 public key that the paper opens, 32 bytes
	Version   uint64 // from 1
	Signer    string // a booth's id, or SignerHub
	Sealed    []byte
	Signature []byte // Ed25519, of the signer
}

// SignerHub is the signer of what the city's hub writes. No booth has that id.
const SignerHub = "the hub"

// SealCapsule seals plain as a version of the capsule behind the lock, and signs it.
func SealCapsule(l Lock, p Purpose, version uint64, plain []byte, signer string, key ed25519.PrivateKey) (Capsule, error) {
	c := Capsule{Suite: SuiteX25519, Purpose: p, Index: ID(l.Index), Public: l.Public, Version: version, Signer: signer}
	k, err := hpke.DHKEM(ecdh.X25519()).NewPublicKey(l.Public)
	if err != nil {
		return Capsule{}, Errorf(CodeInvalid, "error.key", "read the key of capsule %s: %w", c.Index, err)
	}
	if c.Sealed, err = hpke.Seal(k, hpke.HKDFSHA256(), hpke.AES128GCM(), c.info(), plain); err != nil {
		return Capsule{}, Errorf(CodeInternal, "error.internal", "seal capsule: %w", err)
	}
	c.Signature = ed25519.Sign(key, c.signed())
	return c, nil
}

// SealCapsule does the same for whoever knows the code, in half the time.
func (c PaperCode) SealCapsule(number string, p Purpose, version uint64, plain []byte, signer string, key ed25519.PrivateKey) (Capsule, error) {
	l, ikm, err := c.derive(number)
	if err != nil {
		return Capsule{}, err
	}
	k, err := scalar(ikm)
	if err != nil {
		return Capsule{}, Errorf(CodeInternal, "error.internal", "derive key: %w", err)
	}
	out := Capsule{Suite: SuiteX25519, Purpose: p, Index: ID(l.Index), Public: l.Public, Version: version, Signer: signer}
	if out.Sealed, err = sealToSelf(k, l.Public, out.info(), plain); err != nil {
		return Capsule{}, Errorf(CodeInternal, "error.internal", "seal capsule: %w", err)
	}
	out.Signature = ed25519.Sign(key, out.signed())
	return out, nil
}

// ParseCapsule reads a capsule. The error has CodeInvalid. Nothing is known of it
// until Verify.
func ParseCapsule(b []byte) (Capsule, error) {
	var c Capsule
	if err := headerDecMode.Unmarshal(b, &c); err != nil {
		return Capsule{}, Errorf(CodeInvalid, "error.capsule", "decode capsule: %w", err)
	}
	if c.Purpose == "" || c.Version == 0 || c.Signer == "" {
		return Capsule{}, Errorf(CodeInvalid, "error.capsule", "capsule without purpose, version or signer")
	}
	return c, nil
}

// Bytes returns the capsule as it is stored and sent.
func (c *Capsule) Bytes() ([]byte, error) {
	b, err := headerMode.Marshal(c)
	if err != nil {
		return nil, Errorf(CodeInternal, "error.internal", "encode capsule: %w", err)
	}
	return b, nil
}

// Verify checks the signature with the signer's key. The error has CodeDenied.
func (c *Capsule) Verify(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, c.signed(), c.Signature) {
		return Errorf(CodeDenied, "error.capsule", "capsule %s, version %d, is not signed by %q", c.Index, c.Version, c.Signer)
	}
	return nil
}

// Open opens a capsule with the code and the number that is printed beside it. The
// error has CodeDenied, whatever the reason: another code or number, another purpose,
// a version that was passed off as another, or a changed byte.
func (c PaperCode) Open(number string, p Purpose, capsule *Capsule) ([]byte, error) {
	l, secret, err := c.unlock(number)
	if err != nil {
		return nil, err
	}
	refused := func(cause error) error {
		return Errorf(CodeDenied, "error.capsule", "this code does not open this capsule as a %s: %w", p, cause)
	}
	if capsule.Suite != SuiteX25519 {
		return nil, refused(Errorf(CodeInvalid, "error.capsule", "suite %d is not known", capsule.Suite))
	}
	if capsule.Index != ID(l.Index) || !bytes.Equal(capsule.Public, l.Public) || capsule.Purpose != p {
		return nil, refused(Errorf(CodeInvalid, "error.capsule", "it is another one's"))
	}
	plain, err := hpke.Open(secret, hpke.HKDFSHA256(), hpke.AES128GCM(), capsule.info(), capsule.Sealed)
	if err != nil {
		return nil, refused(err)
	}
	return plain, nil
}

// unlock derives the lock and the private key that fits it.
func (c PaperCode) unlock(number string) (Lock, hpke.PrivateKey, error) {
	l, ikm, err := c.derive(number)
	if err != nil {
		return Lock{}, nil, err
	}
	k, err := hpke.DHKEM(ecdh.X25519()).DeriveKeyPair(ikm)
	if err != nil {
		return Lock{}, nil, Errorf(CodeInternal, "error.internal", "derive key: %w", err)
	}
	return l, k, nil
}

// info is the HPKE info string. The purpose is last, because it alone varies in length.
func (c *Capsule) info() []byte {
	b := make([]byte, 0, 80)
	b = append(b, "redstation/capsule/"...)
	b = strconv.AppendUint(b, uint64(c.Suite), 10)
	b = append(b, 0)
	b = append(b, c.Index[:]...)
	b = binary.BigEndian.AppendUint64(b, c.Version)
	return append(b, c.Purpose...)
}

// signed is what the signature is over: the info, the paper's key, the signer, and a
// hash of the sealed bytes. Their lengths are fixed or stand before them.
func (c *Capsule) signed() []byte {
	sum := sha256.Sum256(c.Sealed)
	b := append([]byte("redstation/capsule-signature/1\x00"), sum[:]...)
	for _, part := range [][]byte{c.Public, []byte(c.Signer), c.info()} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	return b
}
