package wire

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// ChallengeLife is how long a challenge is good, by the hub's clock.
const ChallengeLife = 10 * time.Minute

const (
	challengeSize = 8 + 8 + 16 // expiry in Unix seconds, random bits, MAC
	macSize       = 16
)

// Challenger gives out challenges and knows its own again, without keeping any:
// a challenge is a MAC over its expiry, so that every process with the key can
// check what another gave out.
type Challenger struct{ key []byte }

// NewChallenger makes one from a secret key.
func NewChallenger(key []byte) *Challenger { return &Challenger{key: key} }

// New returns a challenge that is good for ChallengeLife.
func (c *Challenger) New(now time.Time) string {
	b := make([]byte, 16, challengeSize)
	binary.BigEndian.PutUint64(b, uint64(now.Add(ChallengeLife).Unix()))
	rand.Read(b[8:16])
	return base64.RawURLEncoding.EncodeToString(c.mac(b))
}

// Valid reports whether the challenge is ours and has not expired.
func (c *Challenger) Valid(challenge string, now time.Time) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(challenge)
	if err != nil || len(b) != challengeSize {
		return false
	}
	want := c.mac(append([]byte(nil), b[:challengeSize-macSize]...))
	return hmac.Equal(want, b) && now.Unix() <= int64(binary.BigEndian.Uint64(b))
}

// mac appends the MAC of b to b.
func (c *Challenger) mac(b []byte) []byte {
	m := hmac.New(sha256.New, c.key)
	m.Write([]byte("redstation/challenge/1\x00"))
	m.Write(b)
	return append(b, m.Sum(nil)[:macSize]...)
}
