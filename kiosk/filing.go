package kiosk

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"time"
)

// What the paper of a request opens: how far the request is. It holds nothing that
// the resident said.

// Filing is the content of a receipt's capsule.
type Filing struct {
	Service string      `json:"service"`
	Number  string      `json:"number"`
	State   FilingState `json:"state"`
	At      time.Time   `json:"at"`              // since when it is in that state
	About   bool        `json:"about,omitempty"` // by a clock that nobody vouched for
	Seat    *Seat       `json:"seat,omitempty"`  // of a booking or a registration
}

// FilingState is how far a request is. The names are append-only.
type FilingState string

// The states.
const (
	FilingFiled    FilingState = "filed"    // it is in the booth's book
	FilingReceived FilingState = "received" // the city has it
)

// CapsuleBook keeps capsules by their index.
type CapsuleBook interface {
	// Capsule returns the newest version that the book has. The error has CodeNotFound.
	Capsule(ctx context.Context, index ID) (Capsule, error)
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
	f := Filing{Service: slip.Service, Number: slip.Number, State: FilingFiled,
		At: slip.At.UTC().Truncate(time.Second), About: !slip.AtState.Trusted()}
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

// OpenReceipt tells whoever holds the paper how far the request is, as far as this
// booth knows; it needs no line. The error has CodeNotFound where the booth knows no
// such paper (it may be another booth's, or void because a reprint took its place),
// and CodeDenied where it does and the capsule does not open.
func (b *Booth) OpenReceipt(ctx context.Context, code PaperCode, number string) (Filing, error) {
	l, err := code.Lock(number)
	if err != nil {
		return Filing{}, err
	}
	c, err := b.book.Capsule(ctx, ID(l.Index))
	if err != nil {
		return Filing{}, err
	}
	plain, err := code.Open(number, PurposeReceipt, &c)
	if err != nil {
		return Filing{}, err
	}
	var f Filing
	if err := json.Unmarshal(plain, &f); err != nil {
		return Filing{}, Errorf(CodeDenied, "error.capsule", "read filing: %w", err)
	}
	return f, nil
}
