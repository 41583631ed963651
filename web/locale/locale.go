// Package locale holds the sentences of the screens in every language that they
// speak, and finds them by key.
//
// A set is a folder with one JSON file a language (zh.json, en.json). Keys begin
// with the noun they are about ("ticket.title"). A value is a sentence, or an
// object of plural forms chosen by the argument named n; {name} in a sentence
// stands for the argument of that name. Chinese is complete by law of the tests;
// a language is offered to residents only when it has every key.
//
// The sentences of the content pack do not stand here: they are kiosk.Text.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"redstation/kiosk"
)

//go:embed zh.json en.json ko.json
var shared embed.FS

// Shared returns the sentences of the residents' screen and of the error pages.
func Shared() fs.FS { return shared }

// Words are the sentences of all languages. It is safe for concurrent use.
type Words struct {
	byLang map[kiosk.Lang]map[string]sentence
}

// sentence is one value: other is used for every number that has no form of its own.
type sentence struct {
	one, other string
}

// UnmarshalJSON reads a string, or an object with "other" and, if the language has
// a singular, "one".
func (s *sentence) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &s.other)
	}
	var forms map[string]string
	if err := json.Unmarshal(b, &forms); err != nil {
		return err
	}
	s.one, s.other = forms["one"], forms["other"]
	if s.other == "" {
		return fmt.Errorf(`plural without "other"`)
	}
	return nil
}

// Load reads the sets and joins them. It is an error if two sets have the same key.
func Load(sets ...fs.FS) (*Words, error) {
	w := &Words{byLang: make(map[kiosk.Lang]map[string]sentence)}
	for _, set := range sets {
		names, err := fs.Glob(set, "*.json")
		if err != nil {
			return nil, fmt.Errorf("list languages: %w", err)
		}
		for _, name := range names {
			if err := w.read(set, name); err != nil {
				return nil, err
			}
		}
	}
	return w, nil
}

func (w *Words) read(set fs.FS, name string) error {
	raw, err := fs.ReadFile(set, name)
	if err != nil {
		return fmt.Errorf("read language: %w", err)
	}
	var words map[string]sentence
	if err := json.Unmarshal(raw, &words); err != nil {
		return fmt.Errorf("read language %s: %w", name, err)
	}
	lang := kiosk.Lang(strings.TrimSuffix(path.Base(name), ".json"))
	have := w.byLang[lang]
	if have == nil {
		have = make(map[string]sentence, len(words))
		w.byLang[lang] = have
	}
	for key, s := range words {
		if _, twice := have[key]; twice {
			return fmt.Errorf("language %s: key %q stands in two sets", lang, key)
		}
		have[key] = s
	}
	return nil
}

// Has reports whether the key stands in lang itself.
func (w *Words) Has(lang kiosk.Lang, key string) bool {
	_, ok := w.byLang[lang][key]
	return ok
}

// Keys returns the keys of a language, sorted.
func (w *Words) Keys(lang kiosk.Lang) []string {
	keys := make([]string, 0, len(w.byLang[lang]))
	for k := range w.byLang[lang] {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Say returns the sentence for key in lang, in Chinese where lang lacks it, and
// the key itself where Chinese lacks it too. Args are names and values in turn:
// Say("zh", "form.step", "step", 2, "steps", 4). The value named n chooses the plural.
func (w *Words) Say(lang kiosk.Lang, key string, args ...any) string {
	s, ok := w.byLang[lang][key]
	if !ok {
		if s, ok = w.byLang[kiosk.Chinese][key]; !ok {
			return key
		}
	}
	if len(args) == 0 {
		return s.other
	}
	text := s.other
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		name, value := fmt.Sprint(args[i]), fmt.Sprint(args[i+1])
		if name == "n" && value == "1" && s.one != "" {
			text = s.one
		}
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
