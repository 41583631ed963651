package wire

import (
	"bytes"
	"crypto/ed25519"

	"redstation/kiosk"
)

// Rotation says that one signing key follows on another. The old key signs that the
// new one may speak for it, the new one that whoever asks for this has it. Neither
// signature is bound to a request or a time: a chain of rotations leads from any key
// that was ever pinned to the one that signs today, however long nobody was there to
// listen, and to say it once more has no effect.
type Rotation struct {
	From  []byte `cbor:"from"`  // Ed25519 public key, 32 bytes
	To    []byte `cbor:"to"`    // the key that follows on it
	Sig   []byte `cbor:"sig"`   // by From
	Proof []byte `cbor:"proof"` // by To
}

// WhoHub names the hub as the owner of a chain.
const WhoHub = "hub"

// WhoBooth names a booth. No booth is called as the hub is.
func WhoBooth(id string) string { return "booth/" + id }

// NewRotation makes the rotation of who's key.
func NewRotation(who string, from, to ed25519.PrivateKey) Rotation {
	r := Rotation{From: from.Public().(ed25519.PublicKey), To: to.Public().(ed25519.PublicKey)}
	r.Sig, r.Proof = ed25519.Sign(from, r.text(who, "from")), ed25519.Sign(to, r.text(who, "to"))
	return r
}

// text is what is signed: who, which end signs, and both keys, which have one length.
func (r *Rotation) text(who, end string) []byte {
	return bytes.Join([][]byte{[]byte("redstation/rotate/1\x00" + who + "\x00" + end + "\x00"), r.From, r.To}, nil)
}

// Verify checks both signatures. The error has kiosk.CodeDenied.
func (r *Rotation) Verify(who string) error {
	if len(r.From) != ed25519.PublicKeySize || len(r.To) != ed25519.PublicKeySize ||
		!ed25519.Verify(r.From, r.text(who, "from"), r.Sig) || !ed25519.Verify(r.To, r.text(who, "to"), r.Proof) {
		return kiosk.Errorf(kiosk.CodeDenied, "error.signature", "rotation of the key of %s does not verify", who)
	}
	return nil
}

// Follow walks a chain, oldest rotation first, from one key to another. Rotations
// before the first key are passed over. The error has kiosk.CodeDenied.
func Follow(who string, chain []Rotation, from, to ed25519.PublicKey) error {
	at := from
	for i := range chain {
		if at.Equal(to) {
			return nil
		}
		if r := &chain[i]; bytes.Equal(r.From, at) {
			if err := r.Verify(who); err != nil {
				return err
			}
			at = r.To
		}
	}
	if !at.Equal(to) {
		return kiosk.Errorf(kiosk.CodeDenied, keyOther, "no chain of rotations leads from the pinned key of %s to the one that signs now", who)
	}
	return nil
}

// KeysAnswer is the answer to GET /v1/keys: how the hub's key came to be the one that
// signs it. A booth that knows only an older one learns from it that the hub is the
// same.
type KeysAnswer struct {
	HubTimeMS int64      `cbor:"hub_time_ms"`
	Chain     []Rotation `cbor:"chain"` // oldest first; the last may be announced and not in force
}

// Rekey gives the hub a booth's new key. The request is signed with the old key or
// with the new one: a booth that lost the answer to a power cut asks again with the
// new. Chain holds what the booth knows of its older keys, too, so that a hub that
// was restored from a backup finds the one that it has.
type Rekey struct {
	Chain []Rotation `cbor:"chain"` // oldest first; the last leads to the new key
}

// RekeyAnswer says which key the hub has now.
type RekeyAnswer struct {
	Key       []byte `cbor:"key"`
	HubTimeMS int64  `cbor:"hub_time_ms"`
}
