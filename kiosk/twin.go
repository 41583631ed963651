package kiosk

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// A paper twin is a form to fill in with a pen: the same questions, in the same
// order and language. Staff type it in later on the same pages. Its number ties the
// two together; it names nobody.

// ActionTwin marks the slip of a paper twin. No service offers it by itself: every
// form has one.
const ActionTwin Action = "twin"

// twinFacts is what the city learns of a printed twin.
type twinFacts struct {
	Service string `json:"service"`
	Pack    string `json:"pack"`
	Paper   string `json:"paper"`
	Lang    Lang   `json:"lang"`
}

// twinDigits is the length of a twin's number, the check digit included.
const twinDigits = 8

// twinNumber draws the number of the twin that is printed under that key.
func twinNumber(key ID) string {
	h := sha256.Sum256(append([]byte("redstation twin number "), key[:]...))
	n := fmt.Sprintf("%07d", binary.BigEndian.Uint32(h[:])%10_000_000)
	return n + luhn(n)
}

// luhn returns the check digit of ISO/IEC 7812-1: it tells one wrong digit, and two
// neighbours that changed places but for 0 and 9.
func luhn(digits string) string {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return string(rune('0' + (10-sum%10)%10))
}

// ParseTwin reads the number of a twin as it stands on the paper, with or without
// the letter and the spaces. The error has CodeInvalid.
func ParseTwin(s string) (string, error) {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if len(digits) != twinDigits || luhn(digits[:twinDigits-1]) != digits[twinDigits-1:] {
		return "", Errorf(CodeInvalid, "error.twin", "the number of a paper form has %d digits, and these do not agree", twinDigits)
	}
	return digits, nil
}

// TwinKey returns the submission key of what is typed in from the twin, so that the
// same paper typed in again finds the same slip.
func TwinKey(number string) ID {
	h := sha256.Sum256([]byte("redstation twin key " + number))
	return ID(h[:16])
}

// PrintTwin prints a form to be filled in with a pen. The same key again returns the
// same slip. The error has CodeNotFound or CodeUnavailable.
func (b *Booth) PrintTwin(ctx context.Context, key ID, service string, lang Lang) (Slip, error) {
	s, _, ok := b.CatalogueFor(ctx).Service(service)
	if !ok {
		return Slip{}, Errorf(CodeNotFound, "error.service", "service %q is not in the catalogue", service)
	}
	if a, ok := s.Filing(); !ok || !a.Files() || !b.Offers(s, a) {
		return Slip{}, Errorf(CodeUnavailable, "error.closed", "service %s has no form here now", service)
	}
	if err := b.roomFor(ctx, key); err != nil {
		return Slip{}, err
	}
	now := b.clock.Read()
	want := b.newSlip(key, ActionTwin, s, lang, now)
	want.Number = twinNumber(key)
	d, err := b.draft(KindTwinPrinted, now, twinFacts{s.ID, b.CatalogueFor(ctx).Version, want.Number, lang})
	if err != nil {
		return Slip{}, err
	}
	slip, err := b.book.AddSlip(ctx, want, d)
	if err != nil {
		return Slip{}, err
	}
	b.enqueue(slip, b.twinReceipt(b.CatalogueFor(ctx), s, slip))
	return slip, nil
}
