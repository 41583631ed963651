package escpos

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"
)

// Characters that never begin a line and that never end one (GB/T 15834-2011,
// section 5.1.9, and their Western sisters).
const (
	noStart = "，。、；：？！）》〉」』】〕〗〞’”…—～·％‰℃°,.;:?!)]}%"
	noEnd   = "（《〈「『【〔〖〝‘“￥＄([{$"
)

// runeCols returns the columns that r takes: ASCII one, all others two.
func runeCols(r rune) int {
	if r < 0x80 {
		return 1
	}
	return 2
}

// textCols returns the columns that s takes.
func textCols(s string) int {
	n := 0
	for _, r := range s {
		n += runeCols(r)
	}
	return n
}

// clean returns text as it can be printed: accents composed, the yen sign that GBK lacks
// replaced by the one it has, tabs as spaces, and characters that never print
// anything (joiners, variation selectors, byte order marks) left out. Line breaks stay.
func clean(s string) string {
	if strings.ContainsFunc(s, unicode.IsMark) {
		s = norm.NFC.String(s) // only then: it also changes 21 Chinese characters of GBK
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r':
			return '\n'
		case unicode.Is(unicode.Variation_Selector, r), unicode.Is(unicode.Cf, r):
			return -1
		case r == '¥':
			return '￥'
		case r == '\t', r == '\u00a0':
			return ' '
		case unicode.IsControl(r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

// gbk returns the bytes of clean text for a printer with a GBK font, and false if
// one character is neither ASCII nor two bytes: GBK has no sign for it, or it is the
// euro, whose single byte printers do not know, or it lies in the private area,
// where printers have blanks.
func gbk(s string) ([]byte, bool) {
	for _, r := range s {
		if r == '€' || unicode.Is(unicode.Co, r) {
			return nil, false
		}
	}
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s))
	return b, err == nil
}

// onlyGBK returns clean text with □ for each character that gbk refuses.
func onlyGBK(s string) string {
	return strings.Map(func(r rune) rune {
		if _, ok := gbk(string(r)); !ok {
			return '□'
		}
		return r
	}, s)
}

// wrap breaks clean text into lines of at most cols columns. Chinese breaks
// between any two characters but before closing and after opening punctuation;
// Western words stay whole where they fit a line.
func wrap(s string, cols int) []string {
	var out []string
	for par := range strings.SplitSeq(s, "\n") {
		rs := []rune(strings.TrimRight(par, " "))
		for {
			n := fit(rs, cols)
			out = append(out, strings.TrimRight(string(rs[:n]), " "))
			for n < len(rs) && rs[n] == ' ' {
				n++
			}
			if rs = rs[n:]; len(rs) == 0 {
				break
			}
		}
	}
	return out
}

// bullet begins a point of a list; its further lines stand under its text.
const bullet = "· "

// list wraps like wrap, and lets the points of a list hang.
func list(s string, cols int) []string {
	var out []string
	for par := range strings.SplitSeq(s, "\n") {
		text, ok := strings.CutPrefix(par, bullet)
		if !ok {
			out = append(out, fill(par, cols)...)
			continue
		}
		for i, l := range fill(text, cols-textCols(bullet)) {
			if i == 0 {
				l = bullet + l
			} else {
				l = strings.Repeat(" ", textCols(bullet)) + l
			}
			out = append(out, l)
		}
	}
	return out
}

// fill wraps like wrap, but leaves no widow: a single character on the last line,
// with the full stop after it, gets company where slightly narrower lines allow it.
func fill(s string, cols int) []string {
	const narrower = 8 // columns
	best := wrap(s, cols)
	for n := cols - 1; len(best) > 1 && n >= cols-narrower && widow(best[len(best)-1]); n-- {
		lines := wrap(s, n)
		if len(lines) > len(best) {
			break
		}
		best = lines
	}
	return best
}

// widow reports whether a line is a single character but for punctuation.
func widow(line string) bool {
	return utf8.RuneCountInString(strings.Trim(line, noStart)) == 1
}

// balance wraps into as few lines as wrap does, and as narrow as these lines
// allow, so that a centred sentence never ends in a single character.
func balance(s string, cols int) []string {
	best := wrap(s, cols)
	for n := cols - 1; len(best) > 1 && n >= cols/2; n-- {
		lines := wrap(s, n)
		if len(lines) > len(best) {
			break
		}
		best = lines
	}
	return best
}

// fit returns how many characters of rs go on one line, at least one of any.
func fit(rs []rune, cols int) int {
	n, used := 0, 0
	for n < len(rs) && used+runeCols(rs[n]) <= cols {
		used += runeCols(rs[n])
		n++
	}
	if n == len(rs) {
		return n
	}
	for i := n; i > 0; i-- {
		if mayBreak(rs[i-1], rs[i]) {
			return i
		}
	}
	return max(n, 1)
}

// mayBreak reports whether a line may end after a and the next begin with b.
func mayBreak(a, b rune) bool {
	switch {
	case b == ' ':
		return true
	case strings.ContainsRune(noStart, b), strings.ContainsRune(noEnd, a):
		return false
	case a == ' ':
		return true
	}
	return !western(a) || !western(b)
}

// western reports whether r belongs to a word that is kept whole.
func western(r rune) bool {
	return r < 0x250 && r != ' '
}

// pairLines lays out a name at the left and its value at the right. A value that
// does not fit beside its name is wrapped beside it, or below a long name.
func pairLines(name, value string, cols int) []string {
	const gap = 2
	left := textCols(name)
	if left > 0 {
		left += gap
	}
	if strings.Contains(name, "\n") || left > cols*2/3 {
		return append(wrap(name, cols), stand(wrap(value, cols), 0, cols)...)
	}
	lines := stand(wrap(value, cols-left), left, cols)
	lines[0] = strings.TrimRight(name+lines[0][textCols(name):], " ")
	return lines
}

// stand moves lines to the right edge if there is one, else to column left, where
// a block of several lines begins.
func stand(lines []string, left, cols int) []string {
	if len(lines) == 1 {
		left = cols - textCols(lines[0])
	}
	for i, l := range lines {
		lines[i] = strings.Repeat(" ", left) + l
	}
	return lines
}
