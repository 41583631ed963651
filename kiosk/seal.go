package kiosk

import (
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/binary"
	"strconv"
)

// Sealing: whatever a resident typed is sealed to the city's public key before it
// touches the book. The booth holds no key that opens it. The blob is
//
//	4 bytes key id, big endian ‖ 32 bytes encapsulated key ‖ ciphertext with tag
//
// made by HPKE (RFC 9180, base mode, suite SuiteX25519). The info string binds
// suite, booth, epoch, record id and kind, so that no blob can be moved to
// another record.

// SealOverhead is how many bytes longer a blob is than what it seals.
const SealOverhead = 4 + 32 + 16

// CityKey is a public key of the city, with the number that names it.
type CityKey struct {
	ID  uint32
	key hpke.PublicKey
}

// NewCityKey reads a 32-byte X25519 public key. The error has CodeInvalid.
func NewCityKey(id uint32, pub []byte) (*CityKey, error) {
	k, err := hpke.DHKEM(ecdh.X25519()).NewPublicKey(pub)
	if err != nil {
		return nil, Errorf(CodeInvalid, "error.key", "read city key %d: %w", id, err)
	}
	return &CityKey{ID: id, key: k}, nil
}

// Bytes returns the 32 bytes of the public key.
func (k *CityKey) Bytes() []byte { return k.key.Bytes() }

// Seal seals plain for one record.
func (k *CityKey) Seal(booth string, epoch, record ID, kind Kind, plain []byte) ([]byte, error) {
	enc, s, err := hpke.NewSender(k.key, hpke.HKDFSHA256(), hpke.AES128GCM(), sealInfo(booth, epoch, record, kind))
	if err != nil {
		return nil, Errorf(CodeInternal, "error.internal", "seal %s: %w", kind, err)
	}
	ct, err := s.Seal(nil, plain)
	if err != nil {
		return nil, Errorf(CodeInternal, "error.internal", "seal %s: %w", kind, err)
	}
	blob := make([]byte, 0, 4+len(enc)+len(ct))
	blob = binary.BigEndian.AppendUint32(blob, k.ID)
	blob = append(blob, enc...)
	return append(blob, ct...), nil
}

// CitySecret is the private half; only the hub has it.
type CitySecret struct {
	ID  uint32
	key hpke.PrivateKey
}

// NewCitySecret makes a key pair with that number.
func NewCitySecret(id uint32) (*CitySecret, error) {
	k, err := hpke.DHKEM(ecdh.X25519()).GenerateKey()
	if err != nil {
		return nil, Errorf(CodeInternal, "error.internal", "make city key: %w", err)
	}
	return &CitySecret{ID: id, key: k}, nil
}

// ParseCitySecret reads the 32 bytes of a private key. The error has CodeInvalid.
func ParseCitySecret(id uint32, b []byte) (*CitySecret, error) {
	k, err := hpke.DHKEM(ecdh.X25519()).NewPrivateKey(b)
	if err != nil {
		return nil, Errorf(CodeInvalid, "error.key", "read city secret %d: %w", id, err)
	}
	return &CitySecret{ID: id, key: k}, nil
}

// Bytes returns the private key's 32 bytes.
func (k *CitySecret) Bytes() ([]byte, error) { return k.key.Bytes() }

// Public returns the half that booths get.
func (k *CitySecret) Public() *CityKey { return &CityKey{ID: k.ID, key: k.key.PublicKey()} }

// SealedKeyID returns the number of the key that a blob was sealed to. The error has CodeInvalid.
func SealedKeyID(blob []byte) (uint32, error) {
	if len(blob) < SealOverhead {
		return 0, Errorf(CodeInvalid, "error.sealed", "sealed bytes: %d, want at least %d", len(blob), SealOverhead)
	}
	return binary.BigEndian.Uint32(blob), nil
}

// Open opens a blob that was sealed for the record with header h. The error has
// CodeDenied where it was sealed to another key or for another record.
func (k *CitySecret) Open(h *Header, blob []byte) ([]byte, error) {
	id, err := SealedKeyID(blob)
	if err != nil {
		return nil, err
	}
	if id != k.ID {
		return nil, Errorf(CodeDenied, "error.sealed", "sealed to city key %d, this is key %d", id, k.ID)
	}
	r, err := hpke.NewRecipient(blob[4:36], k.key, hpke.HKDFSHA256(), hpke.AES128GCM(), sealInfo(h.Booth, h.Epoch, h.ID, h.Kind))
	if err != nil {
		return nil, Errorf(CodeDenied, "error.sealed", "open sealed bytes: %w", err)
	}
	plain, err := r.Open(nil, blob[36:])
	if err != nil {
		return nil, Errorf(CodeDenied, "error.sealed", "open sealed bytes: %w", err)
	}
	return plain, nil
}

// sealInfo is the HPKE info string. Lengths precede the two variable parts, so
// that no two records share one.
func sealInfo(booth string, epoch, record ID, kind Kind) []byte {
	b := make([]byte, 0, 96)
	b = append(b, "redstation/seal/"...)
	b = strconv.AppendInt(b, SuiteX25519, 10)
	b = append(b, 0, byte(len(booth)))
	b = append(b, booth...)
	b = append(b, epoch[:]...)
	b = append(b, record[:]...)
	b = append(b, byte(len(kind)))
	return append(b, kind...)
}
