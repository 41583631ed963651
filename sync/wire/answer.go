package wire

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"

	"redstation/kiosk"
)

// HeaderChallenge carries the challenge for the booth's next request; every
// answer has one, so that a booth in contact never asks for one.
const HeaderChallenge = "Redstation-Challenge"

// The questions that anybody may ask, by GET with a nonce, and the names of their answers.
const (
	AskChallenge = "challenge"
	AskTime      = "time"
	AskKeys      = "keys"
)

// AskUrgent begins the query of a question that an alarm waits for. A hub may let such
// go first in a crowd; it changes nothing else.
const AskUrgent = "lane=urgent"

// AskedNonce returns the nonce that the answer to such a question is bound to. No
// request's nonce looks like it, so that an answer which anybody may ask for cannot
// be passed off as the answer to a request, or to another question.
func AskedNonce(what, nonce string) string { return what + ":" + nonce }

// SignAnswer sets the headers of an answer: its media type, digest, the next
// challenge and the hub's signature, bound to the nonce of the request ("" where
// it had none). The key id is the hub's public key itself, so that a booth that
// knows only the key's fingerprint can verify, too.
func SignAnswer(h http.Header, status int, mediaType string, body []byte, key ed25519.PrivateKey, nonce, challenge string) {
	h.Set("Content-Type", mediaType)
	h.Set(headerDigest, digest(body))
	h.Set(HeaderChallenge, challenge)
	if !plainNonce(nonce) {
		nonce = ""
	}
	pub := key.Public().(ed25519.PublicKey)
	sign(h, answerParts(strconv.Itoa(status), h), base64.RawURLEncoding.EncodeToString(pub), nonce, tagAnswer, key)
}

// VerifyAnswer checks an answer to the request with that nonce, and returns the
// public key that signed it. Whether that key is the hub's is for trust to say.
// The error has kiosk.CodeDenied; the answer must then be treated as if it had
// never come.
func VerifyAnswer(status int, h http.Header, body []byte, nonce string, trust func(ed25519.PublicKey) error) (ed25519.PublicKey, error) {
	parts := answerParts(strconv.Itoa(status), h)
	sig, err := readSignature(h, parts, tagAnswer)
	if err != nil {
		return nil, err
	}
	pub, err := base64.RawURLEncoding.Strict().DecodeString(sig.keyID)
	if err != nil || len(pub) != ed25519.PublicKeySize {
		return nil, denied("answer names no key of 32 bytes")
	}
	if err := trust(pub); err != nil {
		return nil, err
	}
	if sig.nonce != nonce {
		return nil, denied("answer belongs to another request")
	}
	if one(h, headerDigest) != digest(body) {
		return nil, denied("answer does not match its digest")
	}
	if !sig.verify(parts, tagAnswer, pub) {
		return nil, denied("answer's signature does not verify")
	}
	return pub, nil
}

// Pinned trusts exactly one key.
func Pinned(hub ed25519.PublicKey) func(ed25519.PublicKey) error {
	return func(pub ed25519.PublicKey) error {
		if !hub.Equal(pub) {
			return OtherKey()
		}
		return nil
	}
}

// keyOther marks an answer that another key signed than was pinned: the one trouble
// with an answer that asking for the hub's keys may mend.
const keyOther = "error.hub_key"

// OtherKey is the error of an answer that another key signed. It has kiosk.CodeDenied.
func OtherKey() error {
	return kiosk.Errorf(kiosk.CodeDenied, keyOther, "answer is signed by another key than this booth's hub")
}

// IsOtherKey reports whether an answer failed because another key signed it.
func IsOtherKey(err error) bool {
	e, ok := errors.AsType[*kiosk.Error](err)
	return ok && e.Key == keyOther
}
