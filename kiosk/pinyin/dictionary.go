package pinyin

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the words
	"fmt"
	"io"
	"slices"
	"sort"
	"unicode/utf8"
)

// words.txt.gz is made by words.js. A line is "syllables words": syllables joined by ',
// a tab, and words with their level and marks, the commonest first. The lines stand in
// the order of their bytes.
//
//go:embed words.txt.gz
var wordFile []byte

// mostBytes is more than the words ever are; what says it is longer is damaged.
const mostBytes = 16 << 20

// Dictionary is what is known of words. It is safe for concurrent use.
type Dictionary struct {
	text      []byte
	lines     []uint32            // where each line begins
	syllables map[string][]string // by how they may be typed: by letters, or by keys
	starts    map[string][]string // the same of every beginning of a syllable
	ordered   []string            // the syllables
}

// word is an entry of a line.
type word struct {
	text   string
	level  float64 // 0 to 25
	family bool
	given  bool
}

// New returns the embedded dictionary. An error is a fault of the build.
func New() (*Dictionary, error) { return open(wordFile) }

func open(packed []byte) (*Dictionary, error) {
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("open words: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(zr, mostBytes))
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	d := &Dictionary{text: text, syllables: map[string][]string{}, starts: map[string][]string{}}
	for at := 0; at < len(text); {
		end := bytes.IndexByte(text[at:], '\n')
		tab := bytes.IndexByte(text[at:], '\t')
		if end < 0 || tab <= 0 || tab > end {
			return nil, fmt.Errorf("read words: line %d is none of words.js", len(d.lines)+1)
		}
		d.lines = append(d.lines, uint32(at))
		if key := text[at : at+tab]; bytes.IndexByte(key, '\'') < 0 {
			d.learn(string(key))
		}
		at += end + 1
	}
	if len(d.lines) == 0 {
		return nil, fmt.Errorf("read words: there are none")
	}
	return d, nil
}

// learn notes how a syllable, and each of its beginnings, may be typed.
func (d *Dictionary) learn(syllable string) {
	d.ordered = append(d.ordered, syllable)
	for _, typed := range []string{syllable, keys(syllable)} {
		d.syllables[typed] = append(d.syllables[typed], syllable)
		for i := range len(syllable) {
			if start := syllable[:i+1]; !slices.Contains(d.starts[typed[:i+1]], start) {
				d.starts[typed[:i+1]] = append(d.starts[typed[:i+1]], start)
			}
		}
	}
	switch syllable { // two spellings of 略 and 虐
	case "lve":
		d.syllables["lue"] = []string{syllable}
	case "nve":
		d.syllables["nue"] = []string{syllable}
	}
}

// onKeys are the digits of a phone's keys from a to z.
const onKeys = "22233344455566677778889999"

// keys returns the digits of the keys that bear the letters.
func keys(letters string) string {
	b := []byte(letters)
	for i, c := range b {
		b[i] = onKeys[c-'a']
	}
	return string(b)
}

// key returns the syllables of line i, and rest its words.
func (d *Dictionary) key(i int) []byte {
	line := d.text[d.lines[i]:]
	return line[:bytes.IndexByte(line, '\t')]
}

// seek returns the first line whose syllables are not before key.
func (d *Dictionary) seek(key string) int {
	return sort.Search(len(d.lines), func(i int) bool { return string(d.key(i)) >= key })
}

// has says whether there are words of exactly those syllables, and whether there are
// any that go on from there.
func (d *Dictionary) has(key string) (line int, exact, more bool) {
	line = d.seek(key)
	exact = line < len(d.lines) && string(d.key(line)) == key
	next := d.seek(key + "'")
	more = next < len(d.lines) && bytes.HasPrefix(d.key(next), []byte(key+"'"))
	return line, exact, more
}

// words calls f for the words of a line, the commonest first, until it says no.
func (d *Dictionary) words(line int, f func(word) bool) {
	rest := d.text[d.lines[line]:]
	rest = rest[bytes.IndexByte(rest, '\t')+1:]
	rest = rest[:bytes.IndexByte(rest, '\n')]
	for len(rest) > 0 {
		n := bytes.IndexFunc(rest, func(r rune) bool { return r < utf8.RuneSelf })
		if n <= 0 {
			return
		}
		w := word{text: string(rest[:n]), level: float64(rest[n] - 'a')}
		for rest = rest[n+1:]; len(rest) > 0 && (rest[0] == '+' || rest[0] == '*'); rest = rest[1:] {
			w.family = w.family || rest[0] == '+'
			w.given = w.given || rest[0] == '*'
		}
		if !f(w) {
			return
		}
	}
}

// A step of a level is a factor of 4,000,000 to the power of 1/25 in how often a word
// stands in texts of some 50 million words. Both as natural logarithms.
const (
	logStep  = 15.2 / 25
	logTotal = 17.7
)

// logProbability returns how probable a word is where nothing is known.
func (w word) logProbability() float64 { return w.level*logStep - logTotal }
