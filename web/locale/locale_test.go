package locale_test

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"redstation/kiosk"
	"redstation/web/locale"
)

// TestEveryLanguageIsComplete finds a key, a placeholder or a plural that one language
// has and another lacks.
func TestEveryLanguageIsComplete(t *testing.T) {
	w, err := locale.Load(locale.Shared())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(w.Keys(kiosk.Chinese)); n < 400 {
		t.Fatalf("got %d sentences in Chinese", n)
	}
	for _, lang := range kiosk.Langs() {
		for _, key := range w.Keys(kiosk.Chinese) {
			if !w.Has(lang, key) {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
		for _, key := range w.Keys(lang) {
			if !w.Has(kiosk.Chinese, key) {
				t.Errorf("%s stands in %s and not in Chinese", key, lang)
			}
			if strings.TrimSpace(w.Say(lang, key)) == "" {
				t.Errorf("%s is empty in %s", key, lang)
			}
			if got, want := holes(w.Say(lang, key)), holes(w.Say(kiosk.Chinese, key)); !slices.Equal(got, want) {
				t.Errorf("%s in %s: got %v, want %v as in Chinese", key, lang, got, want)
			}
		}
	}
}

// holes returns the names in a sentence that stand for arguments.
func holes(sentence string) []string {
	found := regexp.MustCompile(`\{[a-z_]+\}`).FindAllString(sentence, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// TestPlurals holds what counts things against its languages: in English a number
// of things has a singular of its own, in Chinese and Korean none has.
func TestPlurals(t *testing.T) {
	raw := map[kiosk.Lang]map[string]any{}
	for _, lang := range kiosk.Langs() {
		body, err := fs.ReadFile(locale.Shared(), string(lang)+".json")
		if err != nil {
			t.Fatal(err)
		}
		set := map[string]any{}
		if err := json.Unmarshal(body, &set); err != nil {
			t.Fatal(err)
		}
		raw[lang] = set
	}
	counted := 0
	for key, value := range raw[kiosk.English] {
		forms, plural := value.(map[string]any)
		if !plural {
			continue
		}
		counted++
		if forms["one"] == nil || forms["other"] == nil || len(forms) != 2 {
			t.Errorf("%s in English: got the forms %v, want one and other", key, forms)
		}
		for _, lang := range []kiosk.Lang{kiosk.Chinese, kiosk.Korean} {
			if forms, ok := raw[lang][key].(map[string]any); ok && (len(forms) != 1 || forms["other"] == nil) {
				t.Errorf("%s in %s: got the forms %v, want other only", key, lang, forms)
			}
		}
	}
	if counted == 0 {
		t.Error("nothing is counted")
	}
}

func TestSay(t *testing.T) {
	w, err := locale.Load(
		fstest.MapFS{"zh.json": {Data: []byte(`{"a":"第 {step} 步，共 {steps} 步","b":"{n} 页"}`)},
			"en.json": {Data: []byte(`{"b":{"one":"{n} page","other":"{n} pages"}}`)}},
		fstest.MapFS{"zh.json": {Data: []byte(`{"c":"丙"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		lang kiosk.Lang
		key  string
		args []any
		want string
	}{
		{"zh", "a", []any{"step", 2, "steps", 4}, "第 2 步，共 4 步"},
		{"en", "a", []any{"step", 2, "steps", 4}, "第 2 步，共 4 步"},
		{"en", "b", []any{"n", 1}, "1 page"},
		{"en", "b", []any{"n", 11}, "11 pages"},
		{"zh", "b", []any{"n", 1}, "1 页"},
		{"ko", "c", nil, "丙"},
		{"zh", "missing.key", nil, "missing.key"},
	}
	for _, tt := range tests {
		if got := w.Say(tt.lang, tt.key, tt.args...); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.lang, tt.key, got, tt.want)
		}
	}
}

func TestLoadRefusesBadSets(t *testing.T) {
	a := fstest.MapFS{"zh.json": {Data: []byte(`{"a":"甲"}`)}}
	for name, sets := range map[string]fstest.MapFS{
		"a key twice":          a,
		"a plural in half":     {"zh.json": {Data: []byte(`{"p":{"one":"x"}}`)}},
		"a number for a value": {"zh.json": {Data: []byte(`{"p":3}`)}},
		"no JSON":              {"zh.json": {Data: []byte(`{`)}},
	} {
		if _, err := locale.Load(a, sets); err == nil {
			t.Errorf("%s was loaded", name)
		}
	}
}

// TestNoKeyStandsTwice looks at the text, since a JSON decoder takes the last of
// two in silence.
func TestNoKeyStandsTwice(t *testing.T) {
	files, err := fs.Glob(locale.Shared(), "*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		raw, err := fs.ReadFile(locale.Shared(), f)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, m := range regexp.MustCompile(`(?m)^\s*"([a-z_.]+)":`).FindAllStringSubmatch(string(raw), -1) {
			if seen[m[1]] {
				t.Errorf("%s: %s stands twice", f, m[1])
			}
			seen[m[1]] = true
		}
	}
}
