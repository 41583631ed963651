package kiosk

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// What people type comes from keyboards, pads and phones that write the same thing in
// different ways. It is brought to one form before it is checked and kept; what could
// make a text look like another one to whoever reads it is not taken at all.

// legible says whether a text can be read as it is stored. It may not hold control
// characters but line breaks and tabs, characters that turn the direction of what
// follows (a name that reads as another one, Unicode Technical Report 36 section 2.5),
// characters for private use, which look different on each machine, nor bytes that are
// no text. Rare characters of names, of whichever plane, may stand.
func legible(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		switch {
		case r == '\n', r == '\r', r == '\t':
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Noncharacter_Code_Point, r):
			return false
		}
	}
	return true
}

// tidy makes text NFC (so that 喆 is one character however it was typed), writes full
// width digits and letters as ASCII, drops what has no width and no meaning (zero width
// spaces, byte order marks, soft hyphens), makes one space of several and of tabs, and
// trims both ends. Line breaks stay.
func tidy(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	var last rune
	for _, r := range norm.NFC.String(s) {
		switch {
		case r == '\u200b' || r == '\ufeff' || r == '\u00ad' || r == '\u2060':
			continue
		case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
			r -= '０' - '0'
		case r == '\r':
			r = '\n'
		case r != '\n' && unicode.IsSpace(r):
			r = ' '
		}
		if r == ' ' && last == ' ' {
			continue
		}
		b.WriteRune(r)
		last = r
	}
	return strings.TrimSpace(b.String())
}

// digits folds full-width digits and drops what people put between groups, spaces and
// dashes of every kind, and the country code.
func digits(s string) string {
	s = width.Narrow.String(s)
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), strings.ContainsRune("().,·、−/_~ー", r):
			return -1
		}
		return r
	}, s)
	s = strings.TrimPrefix(s, "+86")
	if len(s) == 15 {
		s = strings.TrimPrefix(s, "0086")
	}
	return s
}
