package kiosk

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"time"
)

// What the paper of a request opens: how far the request is. It holds nothing that
// the resident said.

// Filing is the content of a receipt's capsule.
type Filing struct {
	Service string      `json:"service"`
	Number  string      `json:"number"`
	Action  Action      `json:"action,omitempty"`
	Ref     ID          `json:"ref,omitzero"` // alias of the filing in headers: see RefOf
	State   FilingState `json:"state"`
	At      time.Time   `json:"at"`              // since when it is in that state
	About   bool        `json:"about,omitempty"` // by a clock that nobody vouched for
	Case    *CaseFace   `json:"case,omitempty"`  // once the city has it
	Seat    *Seat       `json:"seat,omitempty"`  // of a booking or a registration
}

// FilingState is how far a request is. The names are append-only.
type FilingState string

// The states.
const (
	FilingFiled    FilingState = "filed"    // it is in the booth's book
	FilingReceived FilingState = "received" // the city has it
)

// RefOf returns the alias under which the headers of records speak of the filing that
// a slip stands for. It is derived from the slip's id, which is random, so that nobody
// who has neither the slip's row nor the paper can tell whose it is.
func RefOf(slip ID) ID {
	sum := sha256.Sum256(append([]byte("redstation/ref/1\x00"), slip[:]...))
	return ID(sum[:16])
}

// FilingKinds lists the kinds of records that bring a paper's first capsule.
func FilingKinds() []Kind {
	return []Kind{
		KindRequestFiled,
		KindSurveyAnswered,
		KindDutyTaken,
	}
}

// RelayedKinds lists the kinds of records whose capsule the city publishes as the booth
// sealed it: what they tell of is the booth's to say.
func RelayedKinds() []Kind {
	return []Kind{
		KindBookingMade, KindBookingChanged, KindBookingCancelled,
		KindRegistrationMade, KindRegistrationChanged, KindRegistrationCancelled,
	}
}

// SignerKeys are the public keys that a signer of capsules has had, the present one
// first: the body of an ItemKey, as JSON.
type SignerKeys struct {
	Keys [][]byte `json:"keys"` // Ed25519, 32 bytes each
}

// CapsuleBook keeps capsules by their index.
type CapsuleBook interface {
	// Capsule returns the newest version that the book has. The error has CodeNotFound.
	Capsule(ctx context.Context, index ID) (Capsule, error)
	// PaperVoid reports whether another paper took the place of the one with this
	// index.
	PaperVoid(ctx context.Context, index ID) (bool, error)
	// NumberGiven reports whether the book has a slip with that number.
	NumberGiven(ctx context.Context, number string) (bool, error)
}

// Seal seals the filing to the paper behind the lock, as a version of its capsule.
func (f Filing) Seal(l Lock, version uint64, signer string, key ed25519.PrivateKey) (Capsule, error) {
	plain, err := json.Marshal(f)
	if err != nil {
		return Capsule{}, Errorf(CodeInternal, "error.internal", "encode filing: %w", err)
	}
	return SealCapsule(l, PurposeReceipt, version, plain, signer, key)
}

// sealReceipt makes the first version of the capsule of a slip with that code.
func (b *Booth) sealReceipt(ctx context.Context, slip Slip, code PaperCode) (Capsule, error) {
	f := Filing{Service: slip.Service, Number: slip.Number, Action: slip.Action, Ref: RefOf(slip.ID),
		State: FilingFiled, At: slip.At.UTC().Truncate(time.Second), About: !slip.AtState.Trusted()}
	if k, ok, err := b.bookingOf(ctx, slip); err != nil {
		return Capsule{}, err
	} else if ok {
		seat := k.Seat()
		f.Seat = &seat
	}
	plain, err := json.Marshal(f)
	if err != nil {
		return Capsule{}, Errorf(CodeInternal, "error.internal", "encode filing: %w", err)
	}
	return code.SealCapsule(slip.Number, PurposeReceipt, 1, plain, b.book.Booth(), *b.key.Load())
}
