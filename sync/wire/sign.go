package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"redstation/kiosk"
)

// Signatures are HTTP Message Signatures (RFC 9421) with the digests of RFC 9530,
// in two fixed profiles: one for the booth's requests, one for the hub's answers.
// What is covered, and in which order, is not negotiated: a verifier rebuilds the
// one signature base that the profile allows, and anything else does not verify.
// @authority is not covered, because proxies rewrite it.

const (
	label      = "rs"
	tagRequest = "redstation-1"
	tagAnswer  = "redstation-1-answer"
)

// The headers of the profiles that net/http has no constants for.
const (
	headerDigest    = "Content-Digest"
	headerInput     = "Signature-Input"
	headerSignature = "Signature"
)

// component is one line of a signature base.
type component struct{ name, value string }

// signatureBase builds the base of RFC 9421, section 2.5. params are the value of
// the signature's parameters, which begins with the list of component names.
func signatureBase(parts []component, params string) []byte {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(`"` + p.name + `": ` + p.value + "\n")
	}
	b.WriteString(`"@signature-params": ` + params)
	return []byte(b.String())
}

// innerList returns the component names as the structured field that begins the parameters.
func innerList(parts []component) string {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = `"` + p.name + `"`
	}
	return "(" + strings.Join(names, " ") + ")"
}

// parameters returns the signature's parameters of our profiles.
func parameters(parts []component, keyID, nonce, tag string) string {
	return innerList(parts) + `;keyid="` + keyID + `";alg="ed25519";nonce="` + nonce + `";tag="` + tag + `"`
}

// digest returns the Content-Digest of a body.
func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// sign sets the headers Signature-Input and Signature.
func sign(h http.Header, parts []component, keyID, nonce, tag string, key ed25519.PrivateKey) {
	params := parameters(parts, keyID, nonce, tag)
	sig := ed25519.Sign(key, signatureBase(parts, params))
	h.Set(headerInput, label+"="+params)
	h.Set(headerSignature, label+"=:"+base64.StdEncoding.EncodeToString(sig)+":")
}

// signature is what a message says about its own signature, not yet verified.
type signature struct {
	keyID, nonce string
	sig          []byte
}

// readSignature takes key id, nonce and signature from the headers. It fails
// where they are anything but what parameters would have written.
func readSignature(h http.Header, parts []component, tag string) (signature, error) {
	var s signature
	rest, ok := strings.CutPrefix(one(h, headerInput), label+"="+innerList(parts)+`;keyid="`)
	if ok {
		s.keyID, rest, ok = strings.Cut(rest, `";alg="ed25519";nonce="`)
	}
	if ok {
		s.nonce, ok = strings.CutSuffix(rest, `";tag="`+tag+`"`)
	}
	if !ok || !plainNonce(s.nonce) || !plainNonce(s.keyID) {
		return s, denied("Signature-Input is not the profile %s", tag)
	}
	rest, ok = strings.CutPrefix(one(h, headerSignature), label+"=:")
	if ok {
		rest, ok = strings.CutSuffix(rest, ":")
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(rest)
	if !ok || err != nil || len(sig) != ed25519.SignatureSize {
		return s, denied("Signature is not 64 bytes of base64")
	}
	s.sig = sig
	return s, nil
}

// plainNonce reports whether s is made of the characters of our nonces and key
// ids, and so needs no quoting.
func plainNonce(s string) bool {
	return len(s) <= 256 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("-_.:", r)
	})
}

// verify reports whether the signature was made with pub over the parts.
func (s *signature) verify(parts []component, tag string, pub ed25519.PublicKey) bool {
	return len(pub) == ed25519.PublicKeySize &&
		ed25519.Verify(pub, signatureBase(parts, parameters(parts, s.keyID, s.nonce, tag)), s.sig)
}

// one returns the header's value where it stands exactly once.
func one(h http.Header, name string) string {
	if v := h.Values(name); len(v) == 1 {
		return v[0]
	}
	return ""
}

// requestParts are the covered components of a request.
func requestParts(method string, u *url.URL, h http.Header) []component {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return []component{
		{"@method", method}, {"@path", path}, {"@query", "?" + u.RawQuery},
		{"content-digest", one(h, headerDigest)}, {"content-type", one(h, "Content-Type")},
		{"content-encoding", one(h, "Content-Encoding")},
	}
}

// answerParts are the covered components of an answer.
func answerParts(status string, h http.Header) []component {
	return []component{
		{"@status", status}, {"content-digest", one(h, headerDigest)},
		{"content-type", one(h, "Content-Type")}, {"redstation-challenge", one(h, HeaderChallenge)},
	}
}

func denied(format string, args ...any) error {
	return kiosk.Errorf(kiosk.CodeDenied, "error.signature", format, args...)
}
