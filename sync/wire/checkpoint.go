package wire

import (
	"crypto/ed25519"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"redstation/kiosk"
)

// Checkpoint says that the first Size headers of a stream make a Merkle tree
// (RFC 6962) with Root. As a signed note (golang.org/x/mod/sumdb/note) it is text
// that anybody can keep and check:
//
//	redstation/07/0123456789abcdef0123456789abcdef/log
//	1200
//	CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//
//	— redstation/07 mVQ9…
//	— redstation-hub Az3grlgt…
//
// The booth signs it with each batch. The hub adds its name once it has computed
// the same root from the records that it stored. With both, neither can later take
// a record away or change it: the other can show what was signed.
type Checkpoint struct {
	Booth  string
	Stream kiosk.Stream
	Size   uint64
	Root   [32]byte
}

// HubName is the name that the hub signs checkpoints with. No booth has it: theirs
// have a slash.
const HubName = "redstation-hub"

const boothPrefix = "redstation/"

// BoothName returns the name that a booth signs checkpoints with.
func BoothName(booth string) string { return boothPrefix + booth }

// maxNote is the most bytes that a note of ours has, with room for more signatures.
const maxNote = 4 << 10

// Origin names the stream in the first line of the text.
func (c *Checkpoint) Origin() string {
	return BoothName(c.Booth) + "/" + c.Stream.Epoch.String() + "/" + c.Stream.Lane.String()
}

// Text returns what is signed: origin, size and root, a line each.
func (c *Checkpoint) Text() string {
	return c.Origin() + "\n" + strconv.FormatUint(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// parseCheckpoint reads a text. There is one way to write it; any other is refused.
func parseCheckpoint(text string) (Checkpoint, error) {
	bad := malformed("checkpoint %.80q is not origin, size and root", text)
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return Checkpoint{}, bad
	}
	names := strings.Split(strings.TrimPrefix(lines[0], boothPrefix), "/")
	if len(names) != 3 || !ValidBooth(names[0]) {
		return Checkpoint{}, bad
	}
	c := Checkpoint{Booth: names[0]}
	epoch, err := kiosk.ParseID(names[1])
	if err != nil {
		return Checkpoint{}, bad
	}
	lane, err := kiosk.ParseLane(names[2])
	if err != nil {
		return Checkpoint{}, bad
	}
	c.Stream = kiosk.Stream{Epoch: epoch, Lane: lane}
	if c.Size, err = strconv.ParseUint(lines[1], 10, 63); err != nil {
		return Checkpoint{}, bad
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || copy(c.Root[:], root) != len(c.Root) || c.Text() != text {
		return Checkpoint{}, bad
	}
	return c, nil
}

// signer signs notes with an Ed25519 key.
type signer struct {
	note.Verifier
	key ed25519.PrivateKey
}

// Sign implements note.Signer.
func (s signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

// NoteKey returns a public key as verifiers of notes read it: name+hash+key.
func NoteKey(name string, pub ed25519.PublicKey) (string, error) {
	k, err := note.NewEd25519VerifierKey(name, pub)
	if err != nil {
		return "", kiosk.Errorf(kiosk.CodeInvalid, "error.key", "key of %s: %w", name, err)
	}
	return k, nil
}

func verifier(name string, pub ed25519.PublicKey) (note.Verifier, error) {
	k, err := NoteKey(name, pub)
	if err != nil {
		return nil, err
	}
	v, err := note.NewVerifier(k)
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.key", "key of %s: %w", name, err)
	}
	return v, nil
}

// Sign returns the checkpoint as a note that the booth signed.
func (c *Checkpoint) Sign(key ed25519.PrivateKey) ([]byte, error) {
	return addSignature(&note.Note{Text: c.Text()}, BoothName(c.Booth), key)
}

func addSignature(n *note.Note, name string, key ed25519.PrivateKey) ([]byte, error) {
	v, err := verifier(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	b, err := note.Sign(n, signer{v, key})
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInternal, "error.internal", "sign checkpoint as %s: %w", name, err)
	}
	return b, nil
}

// ReadCheckpoint returns what a note says, whoever signed it. The error has
// kiosk.CodeInvalid.
func ReadCheckpoint(signed []byte) (Checkpoint, error) {
	text, _, ok := strings.Cut(string(signed), "\n\n")
	if !ok || len(signed) > maxNote {
		return Checkpoint{}, malformed("checkpoint is not a signed note")
	}
	return parseCheckpoint(text + "\n")
}

// Cosign checks that the note was signed with the booth's key and says what the
// checkpoint says, and adds the hub's signature. Signatures of others are left out.
// The error has kiosk.CodeDenied.
func (c *Checkpoint) Cosign(signed []byte, booth ed25519.PublicKey, hub ed25519.PrivateKey) ([]byte, error) {
	n, err := c.open(signed, BoothName(c.Booth), booth)
	if err != nil {
		return nil, err
	}
	n.UnverifiedSigs = nil
	return addSignature(n, HubName, hub)
}

// VerifyHub checks that the note says what the checkpoint says and carries the
// signature of the hub. The error has kiosk.CodeDenied.
func (c *Checkpoint) VerifyHub(signed []byte, hub ed25519.PublicKey) error {
	_, err := c.open(signed, HubName, hub)
	return err
}

// open checks one signature of a note and its text.
func (c *Checkpoint) open(signed []byte, name string, pub ed25519.PublicKey) (*note.Note, error) {
	v, err := verifier(name, pub)
	if err != nil {
		return nil, err
	}
	if len(signed) > maxNote {
		return nil, denied("checkpoint of %d bytes, at most %d", len(signed), maxNote)
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return nil, denied("checkpoint of %s is not signed by %s: %w", c.Origin(), name, err)
	}
	if n.Text != c.Text() {
		return nil, denied("checkpoint says %.120q, want %.120q", n.Text, c.Text())
	}
	return n, nil
}

// OpenCheckpoint returns what a note says once each of the keys has signed it. The
// keys are those of NoteKey. The error has kiosk.CodeDenied.
func OpenCheckpoint(signed []byte, keys ...string) (Checkpoint, error) {
	c, err := ReadCheckpoint(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	var list []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(k)
		if err != nil {
			return Checkpoint{}, denied("%.60q is not a key of a signed note: %w", k, err)
		}
		list = append(list, v)
	}
	n, err := note.Open(signed, note.VerifierList(list...))
	if err != nil {
		return Checkpoint{}, denied("checkpoint of %s: %w", c.Origin(), err)
	}
	for _, v := range list {
		if !slices.ContainsFunc(n.Sigs, func(s note.Signature) bool { return s.Name == v.Name() && s.Hash == v.KeyHash() }) {
			return Checkpoint{}, denied("checkpoint of %s is not signed by %s", c.Origin(), v.Name())
		}
	}
	return c, nil
}
