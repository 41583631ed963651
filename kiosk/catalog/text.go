package catalog

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"redstation/kiosk"
)

// size is how much of a text fits its place on the screen, in characters: Chinese
// ones are wide, those of other languages narrow.
type size struct{ zh, other int }

// in returns the most characters in lang. A Korean syllable is nearly as wide as a
// Chinese character and wider than two letters of English, and says less than the
// first and more than the second: half as many again as in Chinese fit.
func (s size) in(lang kiosk.Lang) int {
	switch lang {
	case kiosk.Chinese:
		return s.zh
	case kiosk.Korean:
		return s.zh * 3 / 2
	}
	return s.other
}

// text reads a text in all languages of the pack. Other known languages may be
// there too, as a translation grows.
func (l *loader) text(n node, fits size) kiosk.Text {
	keys, ok := n.mapping(string(kiosk.Chinese), string(kiosk.English), string(kiosk.Korean))
	if !ok {
		return nil
	}
	text := kiosk.Text{}
	for _, lang := range []kiosk.Lang{kiosk.Chinese, kiosk.English, kiosk.Korean} {
		at := keys[string(lang)]
		if !at.given() && !l.speaks(lang) {
			continue
		}
		if s, ok := at.sentence(fits.in(lang)); ok {
			text[lang] = s
		}
	}
	return text
}

// optionalText is text, and nil where the key is not given.
func (l *loader) optionalText(n node, fits size) kiosk.Text {
	if !n.given() {
		return nil
	}
	return l.text(n, fits)
}

// speaks reports whether every text of the pack must be there in lang.
func (l *loader) speaks(lang kiosk.Lang) bool {
	for _, have := range l.langs {
		if have == lang {
			return true
		}
	}
	return false
}

// sentence reads one line of words that a person reads, of at most most characters.
func (n node) sentence(most int) (string, bool) {
	s, ok := n.scalar()
	if !ok {
		return "", false
	}
	if s != strings.TrimSpace(s) {
		n.failf("begins or ends with a space")
		return "", false
	}
	for _, r := range s {
		// Cf are invisible marks, such as those that turn the direction of writing.
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			n.failf("holds the unprintable character %U", r)
			return "", false
		}
	}
	if got := utf8.RuneCountInString(s); got > most {
		n.failf("has %d characters, at most %d fit", got, most)
		return "", false
	}
	return s, true
}

// isIcon reports whether s can be the name of an icon.
func isIcon(s string) bool {
	return s != "" && len(s) <= 48 && only(s, "abcdefghijklmnopqrstuvwxyz0123456789-")
}

// isID reports whether s can be the id of a form's field, an option or a place.
func isID(s string) bool {
	return s != "" && len(s) <= 32 && s[0] >= 'a' && s[0] <= 'z' &&
		only(s, "abcdefghijklmnopqrstuvwxyz0123456789_")
}

// isVersion reports whether s can be the version of a pack.
func isVersion(s string) bool {
	return len(s) <= 32 && only(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
}

// isPrefix reports whether s can stand before a ticket's number.
func isPrefix(s string) bool {
	return (len(s) == 1 || len(s) == 2) && only(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

// isDay reports whether s is a date.
func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// only reports whether s has no other characters than those of set.
func only(s, set string) bool {
	return strings.Trim(s, set) == "" && strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune(set, r) }) < 0
}

// idRule and iconRule say in a finding what isID and isIcon accept.
const (
	idRule   = "a small letter, then up to 31 small letters, digits or _"
	iconRule = "the name of an icon: small letters, digits and -"
)
