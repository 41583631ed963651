package wire

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"

	"redstation/kiosk"
)

// KeyIDEnrol is the key id of the one request that comes before the hub knows the
// booth's key: enrolment. Its signature proves that the booth has the private half.
const KeyIDEnrol = "enrol"

// NewRequest makes a signed POST. body is the compressed body; keyID is the
// booth's id. The nonce is the challenge and 128 random bits, so that no two
// requests share one; it is returned because the answer must carry it.
func NewRequest(ctx context.Context, url, mediaType string, body []byte, keyID string, key ed25519.PrivateKey, challenge string) (r *http.Request, nonce string, err error) {
	r, err = http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, "", kiosk.Errorf(kiosk.CodeInvalid, "error.url", "make request: %w", err)
	}
	var random [16]byte
	rand.Read(random[:])
	nonce = challenge + "." + base64.RawURLEncoding.EncodeToString(random[:])
	r.Header.Set("Content-Type", mediaType)
	r.Header.Set("Content-Encoding", EncodingZstd)
	r.Header.Set(headerDigest, digest(body))
	sign(r.Header, requestParts(r.Method, r.URL, r.Header), keyID, nonce, tagRequest, key)
	return r, nonce, nil
}

// Signed is a request whose headers were read and whose signature is still to be verified.
type Signed struct {
	KeyID string // the booth's id, or KeyIDEnrol
	Nonce string
	sig   signature
	parts []component
}

// ReadSignature reads what a request says about its signature. The error has
// kiosk.CodeDenied.
func ReadSignature(r *http.Request) (*Signed, error) {
	parts := requestParts(r.Method, r.URL, r.Header)
	sig, err := readSignature(r.Header, parts, tagRequest)
	if err != nil {
		return nil, err
	}
	return &Signed{KeyID: sig.keyID, Nonce: sig.nonce, sig: sig, parts: parts}, nil
}

// Challenge returns the part of the nonce that the hub gave out.
func (s *Signed) Challenge() string {
	challenge, _, _ := strings.Cut(s.Nonce, ".")
	return challenge
}

// Verify checks the body against its digest and the signature against the key.
// The error has kiosk.CodeDenied.
func (s *Signed) Verify(body []byte, pub ed25519.PublicKey) error {
	if err := s.VerifyHead(pub); err != nil {
		return err
	}
	return s.VerifyBody(body)
}

// VerifyHead checks the signature over the headers, the body's digest among them, so
// that who sent a body is known before it is read. The error has kiosk.CodeDenied.
func (s *Signed) VerifyHead(pub ed25519.PublicKey) error {
	for _, p := range s.parts {
		if p.name == "content-encoding" && p.value != EncodingZstd {
			return denied("body is not encoded with zstd")
		}
	}
	if !s.sig.verify(s.parts, tagRequest, pub) {
		return denied("signature does not verify with the key of %s", s.KeyID)
	}
	return nil
}

// VerifyBody checks the body against its digest. The error has kiosk.CodeDenied.
func (s *Signed) VerifyBody(body []byte) error {
	for _, p := range s.parts {
		if p.name == "content-digest" && p.value != digest(body) {
			return denied("body does not match its digest")
		}
	}
	return nil
}
