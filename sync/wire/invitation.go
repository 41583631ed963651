package wire

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"

	"redstation/kiosk"
)

// Invitation is what an admin hands to a new booth, as text and as a QR code: where
// the hub is, how to know it again, and a code that works once.
type Invitation struct {
	Hub         string   // base URL, http or https, without a path of its own or with one
	Booth       string   // the id that the booth will have
	Code        string   // ten characters of Crockford's base32: 50 random bits
	Fingerprint [32]byte // SHA-256 of the hub's Ed25519 public key
}

const invitationPrefix = "redstation:enrol:1?"

// String returns the one line: redstation:enrol:1?hub=...&booth=...&code=...&key=...
func (v Invitation) String() string {
	return invitationPrefix + "hub=" + url.QueryEscape(v.Hub) + "&booth=" + url.QueryEscape(v.Booth) +
		"&code=" + v.Code + "&key=" + base64.RawURLEncoding.EncodeToString(v.Fingerprint[:])
}

// ParseInvitation reads an enrolment string; blanks and line breaks around it do
// not matter. The error has kiosk.CodeInvalid.
func ParseInvitation(s string) (Invitation, error) {
	query, ok := strings.CutPrefix(strings.TrimSpace(s), invitationPrefix)
	if !ok || len(query) > 2048 {
		return Invitation{}, badInvitation("it does not begin with %s", invitationPrefix)
	}
	q, err := url.ParseQuery(query)
	if err != nil {
		return Invitation{}, badInvitation("it was cut or changed on the way")
	}
	v := Invitation{Booth: q.Get("booth"), Code: FoldCode(q.Get("code"))}
	if v.Hub, err = BaseURL(q.Get("hub")); err != nil {
		return Invitation{}, badInvitation("its hub is not an http or https address")
	}
	if !ValidBooth(v.Booth) {
		return Invitation{}, badInvitation("it names no booth")
	}
	if len(v.Code) != codeLength {
		return Invitation{}, badInvitation("its code has not %d characters", codeLength)
	}
	key, err := base64.RawURLEncoding.DecodeString(q.Get("key"))
	if err != nil || len(key) != len(v.Fingerprint) {
		return Invitation{}, badInvitation("it was cut: the hub's fingerprint is not whole")
	}
	copy(v.Fingerprint[:], key)
	return v, nil
}

func badInvitation(format string, args ...any) error {
	return kiosk.Errorf(kiosk.CodeInvalid, "error.enrolment", "enrolment string: "+format, args...)
}

// Trust trusts the key that has the invitation's fingerprint.
func (v Invitation) Trust(pub ed25519.PublicKey) error {
	if Fingerprint(pub) != v.Fingerprint {
		return kiosk.Errorf(kiosk.CodeDenied, keyOther,
			"the hub at %s is not the one that made this enrolment string: its key has another fingerprint", v.Hub)
	}
	return nil
}

// Fingerprint returns the SHA-256 of a public key.
func Fingerprint(pub ed25519.PublicKey) [32]byte { return sha256.Sum256(pub) }

// BaseURL checks and normalises a hub's address: http or https, no query, no slash
// at the end. The error has kiosk.CodeInvalid.
func BaseURL(s string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil ||
		u.RawQuery != "" || u.Fragment != "" {
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.url", "%q is not an address like https://hub.example.org", s)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// ValidBooth reports whether s can be a booth's id: up to 16 letters, digits and
// dashes, not beginning with a dash, and not the id of a booth that has none yet.
func ValidBooth(s string) bool {
	if s == "" || len(s) > 16 || s[0] == '-' || s == kiosk.UnenrolledBooth {
		return false
	}
	for _, c := range []byte(s) {
		if c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

const (
	codeLength = 10
	crockford  = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// NewCode returns a fresh code of 50 random bits.
func NewCode() string {
	b := make([]byte, codeLength)
	rand.Read(b)
	for i := range b {
		b[i] = crockford[b[i]&31]
	}
	return string(b)
}

// FoldCode brings a typed code into the form that it was made in: upper case, no
// dashes or blanks, O as 0, I and L as 1.
func FoldCode(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '-', ' ':
			return -1
		case 'o', 'O':
			return '0'
		case 'i', 'I', 'l', 'L':
			return '1'
		}
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}
