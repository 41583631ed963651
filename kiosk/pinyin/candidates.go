package pinyin

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Context says where the text stands, which makes some words likelier than others.
type Context int

// The contexts.
const (
	Anywhere Context = iota
	Name             // the beginning of a person's name
	Given            // a person's given name: the family name stands before
)

// Candidate is what letters may mean.
type Candidate struct {
	Text string `json:"text"`
	// Used is how many letters of the input it stands for, from the first; the rest
	// is still to be chosen.
	Used int `json:"used"`
	// Reading is how it was read, with a space between syllables, the last of which
	// may be unfinished.
	Reading string `json:"-"`
}

const (
	// MaxLetters is how long an input may be; what comes after is not looked at.
	MaxLetters = 40
	// longest is the most syllables that a word has.
	longest = 9
	// beam is how many ways to read the letters up to some place are kept.
	beam = 6
	// looked is how many words of the same syllables are looked at.
	looked = 24
	// scanned is how many lines are looked at to complete an unfinished syllable.
	scanned = 600
	// What is gained where a name is expected (and lost by what is in none),
	// and lost by a guess.
	familyGain, givenGain, guessLoss = 5.0, 3.0, 2.5
)

// letters is a tidied input: lower-case letters, or digits of a phone's keys, and where
// a syllable must end.
type letters struct {
	text string
	cuts [MaxLetters + 1]bool
	at   [MaxLetters + 1]int // how much of the input lies before each letter
}

// tidy keeps letters and the digits of keys, takes ü for v, and an apostrophe or a space for the end of a
// syllable.
func tidy(input string) letters {
	var l letters
	var b strings.Builder
	for i, r := range input {
		switch {
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		case r == 'ü' || r == 'Ü':
			r = 'v'
		case r == '\'' || r == ' ' || r == '’':
			l.cuts[b.Len()] = true
			continue
		}
		if (r < 'a' || r > 'z') && (r < '2' || r > '9') {
			continue
		}
		if b.Len() == MaxLetters {
			break
		}
		l.at[b.Len()] = i
		b.WriteRune(r)
		l.at[b.Len()] = i + utf8.RuneLen(r)
	}
	l.text = b.String()
	l.at[len(l.text)] = len(input)
	return l
}

// piece is a word that some of the letters may stand for.
type piece struct {
	from, to int
	text     string
	key      string // the syllables
	score    float64
}

// path is a way to read the letters up to some place.
type path struct {
	text, reading string
	score         float64
}

// Candidates returns n things that the letters may mean. In place of a letter there may
// be the digit of the key that bears it on a phone, 2 for a, b and c. First come those
// that use all of them, then words for their beginning.
func (d *Dictionary) Candidates(input string, n int, where Context) []Candidate {
	l := tidy(input)
	if l.text == "" || n <= 0 {
		return nil
	}
	pieces := d.pieces(l, where)
	full := sentences(l, pieces)
	slices.SortStableFunc(pieces, func(a, b piece) int {
		return cmp.Or(cmp.Compare(b.to, a.to), cmp.Compare(b.score, a.score))
	})
	out := make([]Candidate, 0, n)
	add := func(text, reading string, used int) {
		c := Candidate{text, l.at[used], strings.ReplaceAll(strings.TrimSpace(reading), "'", " ")}
		if len(out) < n && !slices.ContainsFunc(out, func(o Candidate) bool { return o.Text == text }) {
			out = append(out, c)
		}
	}
	for _, p := range full {
		add(p.text, p.reading, len(l.text))
	}
	for _, p := range pieces {
		if p.from == 0 {
			add(p.text, p.key, p.to)
		}
	}
	return out
}

// pieces returns every word that a stretch of the letters may stand for.
func (d *Dictionary) pieces(l letters, where Context) []piece {
	var out []piece
	for from := range l.text {
		w := where
		if from > 0 && where == Name {
			w = Given
		}
		d.extend(l, from, from, "", 0, w, &out)
	}
	return out
}

// extend adds the words that begin at from and have the syllables of key, which reach
// to at, and follows those that go on.
func (d *Dictionary) extend(l letters, from, at int, key string, count int, where Context, out *[]piece) {
	if count == longest {
		return
	}
	for end := at + 1; end <= min(len(l.text), at+6); end++ {
		typed := l.text[at:end]
		for _, syllable := range d.syllables[typed] {
			longer := join(key, syllable)
			line, exact, more := d.has(longer)
			if exact {
				d.take(line, longer, from, end, where, out)
			}
			if more {
				d.extend(l, from, end, longer, count+1, where, out)
			}
		}
		if end == len(l.text) && len(d.syllables[typed]) == 0 {
			for _, start := range d.starts[typed] {
				d.guess(join(key, start), from, end, where, out)
			}
		}
		if l.cuts[end] {
			return
		}
	}
}

func join(key, syllable string) string {
	if key == "" {
		return syllable
	}
	return key + "'" + syllable
}

// take adds the words of a line.
func (d *Dictionary) take(line int, key string, from, to int, where Context, out *[]piece) {
	n := 0
	d.words(line, func(w word) bool {
		*out = append(*out, piece{from, to, w.text, key, w.logProbability() + gain(w, from, where)})
		n++
		return n < looked || where != Anywhere || from == 0
	})
}

func gain(w word, from int, where Context) float64 {
	switch {
	case where == Name && from == 0 && w.family:
		return familyGain
	case where == Given && w.given:
		return givenGain
	case where == Given:
		return -givenGain
	}
	return 0
}

// guess adds the best words whose syllables begin like key, the last of which is
// unfinished.
func (d *Dictionary) guess(key string, from, to int, where Context, out *[]piece) {
	found := d.singles(key, from, to, where)
	first := d.seek(key)
	for i := first; i < len(d.lines) && i < first+scanned && bytes.HasPrefix(d.key(i), []byte(key)); i++ {
		more := bytes.Count(d.key(i)[len(key):], []byte("'"))
		if more > 0 && from > 0 || more == 0 && !strings.Contains(key, "'") {
			continue // of single characters there are all already
		}
		n := 0
		d.words(i, func(w word) bool {
			score := w.logProbability() + gain(w, from, where) - guessLoss*float64(1+more)
			found = append(found, piece{from, to, w.text, key, score})
			n++
			return n < 4
		})
	}
	slices.SortStableFunc(found, func(a, b piece) int { return cmp.Compare(b.score, a.score) })
	*out = append(*out, found[:min(len(found), looked)]...)
}

// singles returns characters whose syllable begins like start.
func (d *Dictionary) singles(start string, from, to int, where Context) []piece {
	var found []piece
	for _, s := range d.ordered {
		if !strings.HasPrefix(s, start) {
			continue
		}
		line, _, _ := d.has(s)
		n := 0
		d.words(line, func(w word) bool {
			found = append(found, piece{from, to, w.text, start, w.logProbability() + gain(w, from, where) - guessLoss})
			n++
			return n < 4
		})
	}
	return found
}

// sentences returns the most probable ways to read all letters.
func sentences(l letters, pieces []piece) []path {
	n := len(l.text)
	best := make([][]path, n+1)
	best[0] = []path{{}}
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(a.from, b.from) })
	for i := 0; i < len(pieces); {
		from := pieces[i].from
		best[from] = keep(best[from])
		for ; i < len(pieces) && pieces[i].from == from; i++ {
			for _, before := range best[from] {
				best[pieces[i].to] = append(best[pieces[i].to], path{before.text + pieces[i].text, before.reading + " " + pieces[i].key, before.score + pieces[i].score})
			}
		}
	}
	return keep(best[n])
}

// keep returns the best few paths, each text once.
func keep(paths []path) []path {
	slices.SortStableFunc(paths, func(a, b path) int { return cmp.Compare(b.score, a.score) })
	var out []path
	for _, p := range paths {
		if !slices.ContainsFunc(out, func(o path) bool { return o.text == p.text }) {
			if out = append(out, p); len(out) == beam {
				break
			}
		}
	}
	return out
}
