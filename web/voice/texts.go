package voice

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"redstation/kiosk"
	"redstation/web/locale"
)

// Text is something to say in a language.
type Text struct {
	Lang kiosk.Lang
	Text string
}

// ID returns the name of its clip.
func (t Text) ID() ID { return IDOf(t.Lang, t.Text) }

// ofStaff are the sentences that only staff read, which nobody needs to hear.
var ofStaff = regexp.MustCompile(`^(answer|twin|read|staff|setup|sim|device|remedy|door|vital|clock|readiness|scanner|printer|keypad|pager|language|brand)\.|^error\.(enrol|pin|clock|diagonal|beacon|stick)|^slip\.picture`)

// Texts returns all that the residents' pages say: the sentences of the screens, every
// text of the catalogue in the languages in which it is whole, and the parts of
// numbers. Each stands once, ordered by language and text.
func Texts(words *locale.Words, c *kiosk.Catalogue) []Text {
	seen := map[Text]bool{}
	add := func(lang kiosk.Lang, text string) {
		if text = normal(text); text != "" && len(atomsOf(text)) > 0 {
			seen[Text{lang, text}] = true
		}
	}
	for _, lang := range kiosk.Langs() {
		for _, part := range Parts(lang) {
			add(lang, part)
		}
		for _, key := range words.Keys(kiosk.Chinese) {
			if ofStaff.MatchString(key) {
				continue
			}
			sentence := words.Say(lang, key)
			for _, f := range whole(sentence) {
				add(lang, f)
			}
			if one := words.Say(lang, key, "n", 1); one != strings.ReplaceAll(sentence, "{n}", "1") {
				for _, f := range whole(one) { // a singular of its own
					add(lang, f)
				}
			}
		}
	}
	eachText(reflect.ValueOf(c), func(t kiosk.Text) {
		for lang, text := range t {
			if slices.Contains(c.Languages, lang) {
				add(lang, text)
			}
		}
	})
	out := make([]Text, 0, len(seen))
	for t := range seen {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b Text) int {
		return strings.Compare(string(a.Lang)+"\n"+a.Text, string(b.Lang)+"\n"+b.Text)
	})
	return out
}

// Leaflets returns the names of the clips that say what is there to be read at leisure:
// the sections of the services' information. They are half of all that is said.
func Leaflets(c *kiosk.Catalogue) map[ID]bool {
	all := map[ID]bool{}
	for _, f := range c.Functions {
		for _, s := range f.Services {
			if s.Info == nil {
				continue
			}
			eachText(reflect.ValueOf(s.Info.Sections), func(t kiosk.Text) {
				for lang, text := range t {
					all[IDOf(lang, text)] = true
				}
			})
		}
	}
	return all
}

// whole returns a sentence without holes, or the fragments of one with holes.
func whole(sentence string) []string {
	if hole.MatchString(sentence) {
		return Fragments(sentence)
	}
	return []string{sentence}
}

var textType = reflect.TypeFor[kiosk.Text]()

// eachText calls say for every text within v, whatever holds it: a field that a
// service gets one day is said without a change here.
func eachText(v reflect.Value, say func(kiosk.Text)) {
	if !v.IsValid() {
		return
	}
	if v.Type() == textType {
		if v.CanInterface() {
			say(v.Interface().(kiosk.Text))
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			eachText(v.Elem(), say)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			eachText(v.Index(i), say)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachText(v.Field(i), say)
			}
		}
	}
}
