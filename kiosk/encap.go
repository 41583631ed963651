package kiosk

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"filippo.io/edwards25519"
)

// sealToSelf does what hpke.Seal does in suite SuiteX25519, for one who knows the
// private scalar of the key that it seals to, as the booth does while it prints a
// code. What two general multiplications give then takes two of the fixed base: the
// shared point of the scalars e and k is (e·k)·B. Like that, the capsule of a request
// costs half. Whoever does not know the code seals with crypto/hpke, which opens both.
func sealToSelf(k *edwards25519.Scalar, public, info, plain []byte) ([]byte, error) {
	var random [32]byte
	rand.Read(random[:])
	e, err := edwards25519.NewScalar().SetBytesWithClamping(random[:])
	if err != nil {
		return nil, err
	}
	enc := new(edwards25519.Point).ScalarBaseMult(e).BytesMontgomery()
	dh := new(edwards25519.Point).ScalarBaseMult(edwards25519.NewScalar().Multiply(e, k)).BytesMontgomery()
	return append(enc, keySchedule(dh, enc, public, info).seal(plain)...), nil
}

// sealer is the key and the nonce of one message.
type sealer struct{ key, nonce []byte }

func (s sealer) seal(plain []byte) []byte {
	block, err := aes.NewCipher(s.key)
	if err != nil {
		panic(err) // a key of 16 bytes
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block that GCM wants
	}
	return gcm.Seal(nil, s.nonce, plain, nil)
}

// keySchedule derives key and nonce of the first message from the shared point:
// ExtractAndExpand (RFC 9180, section 4.1) and KeySchedule in base mode (section 5.1).
func keySchedule(dh, enc, public, info []byte) sealer {
	kem := labels(kemPrefix)
	shared := kem.expand(kem.extract(nil, "eae_prk", dh), "shared_secret", append(append([]byte(nil), enc...), public...), 32)
	suite := labels("HPKE-v1" + "HPKE\x00\x20\x00\x01\x00\x01") // KEM 0x0020, KDF 0x0001, AEAD 0x0001
	context := append([]byte{0}, suite.extract(nil, "psk_id_hash", nil)...)
	context = append(context, suite.extract(nil, "info_hash", info)...)
	secret := suite.extract(shared, "secret", nil)
	return sealer{suite.expand(secret, "key", context, 16), suite.expand(secret, "base_nonce", context, 12)}
}

// labels is what begins the labels of a suite: LabeledExtract and LabeledExpand of
// RFC 9180, section 4.
type labels string

func (l labels) extract(salt []byte, label string, ikm []byte) []byte {
	prk, err := hkdf.Extract(sha256.New, append([]byte(string(l)+label), ikm...), salt)
	if err != nil {
		panic(err) // only FIPS mode refuses a key, and that is not for us
	}
	return prk
}

func (l labels) expand(prk []byte, label string, info []byte, n int) []byte {
	head := string(binary.BigEndian.AppendUint16(nil, uint16(n)))
	out, err := hkdf.Expand(sha256.New, prk, head+string(l)+label+string(info), n)
	if err != nil {
		panic(err) // n is far below the limit
	}
	return out
}
