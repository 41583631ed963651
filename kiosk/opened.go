package kiosk

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"log/slog"
	"strings"
	"time"
)

// A paper opens the newest that the booth has: of its own book, or of what the city
// has published. Both need no line. A booth that does not know a paper says why, as
// well as it can tell, because what to do next differs.

// Shelf is what the booth has of the city's feeds, as far as papers go.
type Shelf interface {
	// Paper returns the capsule that the city published under an index, nil where there
	// is none, and what it last did to it: 0 nothing, ItemDel another paper took its
	// place, ItemErase what it stood for is no more.
	Paper(ctx context.Context, index ID) (c *Capsule, done ItemOp, err error)
	// Keys returns the public keys that a signer of capsules has had, the present one
	// first, as the city published them.
	Keys(ctx context.Context, signer string) ([]ed25519.PublicKey, error)
	// Heard returns when the booth last had all that the city has; zero = never.
	Heard() time.Time
}

// Opened is what a paper opened.
type Opened struct {
	Filing  Filing
	Version uint64    // of the capsule
	Signer  string    // a booth's id, or SignerHub
	Genuine bool      // the signature was checked with a key of the signer
	AsOf    time.Time // when the booth last had all that the city has; zero = never
	Pending []Intent  // said here, and not taken up by the city yet
	Late    []Intent  // said here, and taken up after the case had moved on
}

// OpenReceipt tells whoever holds the paper how far it is with what they filed, as far
// as this booth knows; it needs no line. The errors say why it does not open:
//
//	error.paper_void     CodeConflict  a reprint took its place
//	error.paper_gone     CodeConflict  what it stood for was erased, or closed long ago
//	error.paper_typo     CodeInvalid   the number is this booth's, and the code does not fit it
//	error.paper_number   CodeInvalid   this booth has given no such number
//	error.paper_unknown  CodeNotFound  it is another booth's, and the city has not told of it yet
//	error.capsule        CodeDenied    the booth has it, and it does not open
func (b *Booth) OpenReceipt(ctx context.Context, code PaperCode, number string) (Opened, error) {
	l, err := code.Lock(number)
	if err != nil {
		return Opened{}, err
	}
	c, genuine, err := b.newestCapsule(ctx, ID(l.Index))
	if CodeOf(err) == CodeNotFound {
		return Opened{}, b.whyUnknown(ctx, ID(l.Index), number)
	}
	if err != nil {
		return Opened{}, err
	}
	plain, err := code.Open(number, PurposeReceipt, &c)
	if err != nil {
		return Opened{}, err
	}
	out := Opened{Version: c.Version, Signer: c.Signer, Genuine: genuine}
	if b.shelf != nil {
		out.AsOf = b.shelf.Heard()
	}
	if err := json.Unmarshal(plain, &out.Filing); err != nil {
		return Opened{}, Errorf(CodeDenied, "error.capsule", "read filing: %w", err)
	}
	out.Pending, out.Late, err = b.sayingsOf(ctx, &out.Filing)
	return out, err
}

// newestCapsule returns the newest version of a capsule that the booth has, and whether
// its signature was checked. What the city published counts only if its signature
// holds. The error has CodeNotFound.
func (b *Booth) newestCapsule(ctx context.Context, index ID) (c Capsule, genuine bool, err error) {
	own, err := b.book.Capsule(ctx, index)
	if err != nil && CodeOf(err) != CodeNotFound {
		return Capsule{}, false, err
	}
	if b.shelf != nil {
		published, done, feedErr := b.shelf.Paper(ctx, index)
		switch {
		case feedErr != nil: // the feeds are away: the book answers alone
			b.log.WarnContext(ctx, "paper not looked for in the feeds", slog.Any("err", feedErr))
		case done == ItemDel || done == ItemErase:
			return Capsule{}, false, Errorf(CodeNotFound, "error.paper_void", "the city says that the paper is no more")
		case published != nil && published.Version > own.Version && published.Index == index && b.signed(ctx, published):
			return *published, true, nil
		}
	}
	if err != nil {
		return Capsule{}, false, err
	}
	return own, b.signed(ctx, &own), nil
}

// signed reports whether the capsule's signer has signed it, by a key that this booth
// knows: its own, the hub's, or one that the city published.
func (b *Booth) signed(ctx context.Context, c *Capsule) bool {
	var keys []ed25519.PublicKey
	switch {
	case c.Signer == b.book.Booth():
		keys = append(keys, b.key.Load().Public().(ed25519.PublicKey))
	case c.Signer == SignerHub:
		if city := b.city.Load(); city != nil {
			keys = append(keys, city.hub...)
		}
	}
	if b.shelf != nil {
		published, err := b.shelf.Keys(ctx, c.Signer)
		if err != nil {
			b.log.WarnContext(ctx, "keys not looked for in the feeds", slog.Any("err", err))
		}
		keys = append(keys, published...)
	}
	for _, k := range keys {
		if c.Verify(k) == nil {
			return true
		}
	}
	return false
}

// whyUnknown says why a paper under that index opens nothing.
func (b *Booth) whyUnknown(ctx context.Context, index ID, number string) error {
	void, err := b.book.PaperVoid(ctx, index)
	if err != nil {
		return err
	}
	if b.shelf != nil {
		if _, done, err := b.shelf.Paper(ctx, index); err == nil && done == ItemErase {
			return Errorf(CodeConflict, "error.paper_gone", "what the paper stood for is no more")
		} else if err == nil && done == ItemDel {
			void = true
		}
	}
	if void {
		return Errorf(CodeConflict, "error.paper_void", "a reprint took the paper's place")
	}
	given, err := b.book.NumberGiven(ctx, number)
	if err != nil {
		return err
	}
	booth := number[:max(0, strings.LastIndexByte(number, '-'))]
	switch {
	case given:
		return Errorf(CodeInvalid, "error.paper_typo", "the code does not fit the number")
	case strings.EqualFold(booth, b.book.Booth()):
		return Errorf(CodeInvalid, "error.paper_number", "the number was not given here")
	}
	return Errorf(CodeNotFound, "error.paper_unknown", "the booth does not know the paper")
}
