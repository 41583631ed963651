package voice

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"redstation/kiosk"
)

// Bounds: a text that is longer is not taken apart, and so many answers are kept.
const (
	longest  = 240 // bytes
	saidKept = 4096
)

// Say returns the clips that say a text in lang, in order: its own, or else the parts
// that cover all of it but for punctuation, as few as there can be. It returns nil
// where a part is missing: half a sentence would mislead.
func (s *Set) Say(lang kiosk.Lang, text string) []ID {
	text = normal(text)
	if text == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look()
	if id := IDOf(lang, text); s.have[id] != nil {
		return []ID{id}
	}
	key := string(lang) + "\n" + text
	if ids, ok := s.said[key]; ok {
		return ids
	}
	ids := s.cover(lang, text)
	if s.said == nil || len(s.said) >= saidKept {
		s.said = map[string][]ID{}
	}
	s.said[key] = ids
	return ids
}

// atom is what a text is not taken apart below: a number, a time, a date, a Latin
// word, one Chinese character or Korean syllable.
type atom struct {
	from, to int // bytes
}

var isAtom = regexp.MustCompile(`\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}|\d+|[A-Za-z]+(?:['’][a-z]+)?|[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}]|[^\s\p{P}\p{S}]`)

func atomsOf(text string) []atom {
	var atoms []atom
	for _, at := range isAtom.FindAllStringIndex(text, -1) {
		atoms = append(atoms, atom{at[0], at[1]})
	}
	return atoms
}

// cover finds the fewest clips for the text, from its end to its beginning.
func (s *Set) cover(lang kiosk.Lang, text string) []ID {
	atoms := atomsOf(text)
	if len(atoms) == 0 || len(text) > longest {
		return nil
	}
	best := make([][]ID, len(atoms)+1) // the clips from an atom on; nil = impossible
	best[len(atoms)] = []ID{}
	for i := len(atoms) - 1; i >= 0; i-- {
		try := func(ids []ID, next int) {
			if len(ids) == 0 || best[next] == nil {
				return
			}
			if best[i] == nil || len(ids)+len(best[next]) < len(best[i]) {
				best[i] = append(ids[:len(ids):len(ids)], best[next]...)
			}
		}
		for j := i; j < len(atoms); j++ {
			end := len(text)
			if j+1 < len(atoms) {
				end = atoms[j+1].from
			}
			piece := text[atoms[i].from:atoms[j].to]
			try(s.one(lang, piece), j+1)
			if whole := strings.TrimSpace(text[atoms[i].from:end]); whole != piece {
				try(s.one(lang, whole), j+1)
			}
		}
		if best[i] == nil {
			try(s.spell(lang, text[atoms[i].from:atoms[i].to]), i+1)
		}
	}
	return best[0]
}

// one returns the clip of a piece, nil if there is none.
func (s *Set) one(lang kiosk.Lang, piece string) []ID {
	if id := IDOf(lang, piece); s.have[id] != nil {
		return []ID{id}
	}
	return nil
}

// spell returns the clips for an atom that has none of its own: a time, a date, a
// number or a label by its digits and letters.
func (s *Set) spell(lang kiosk.Lang, piece string) []ID {
	var ids []ID
	for _, part := range parts(lang, piece) {
		one := s.one(lang, part)
		if one == nil {
			return nil
		}
		ids = append(ids, one...)
	}
	return ids
}

// Fragments returns what stands around and between the arguments of a sentence, as
// Say looks for it: "第 {step} 步，共 {steps} 步" has 第, "步，共" and 步.
func Fragments(sentence string) []string {
	var out []string
	for _, f := range hole.Split(sentence, -1) {
		f = strings.TrimFunc(f, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) })
		if f = normal(f); f != "" && utf8.ValidString(f) {
			out = append(out, f)
		}
	}
	return out
}

var hole = regexp.MustCompile(`\{[a-z_]+\}`)
