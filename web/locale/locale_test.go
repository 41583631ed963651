package locale_test

import (
	"io/fs"
	"regexp"
	"slices"
	"testing"
	"testing/fstest"

	"redstation/kiosk"
	"redstation/web/locale"
)

func TestChineseAndEnglishAreComplete(t *testing.T) {
	w, err := locale.Load(locale.Shared())
	if err != nil {
		t.Fatal(err)
	}
	zh, en := w.Keys(kiosk.Chinese), w.Keys(kiosk.English)
	for _, k := range zh {
		if !slices.Contains(en, k) {
			t.Errorf("%s stands in Chinese only", k)
		}
	}
	for _, k := range en {
		if !slices.Contains(zh, k) {
			t.Errorf("%s stands in English only", k)
		}
	}
	for _, k := range w.Keys(kiosk.Korean) {
		if !slices.Contains(zh, k) {
			t.Errorf("%s stands in Korean only", k)
		}
	}
}

// TestPlaceholdersAgree finds a {name} that one language has and another lacks.
func TestPlaceholdersAgree(t *testing.T) {
	w, err := locale.Load(locale.Shared())
	if err != nil {
		t.Fatal(err)
	}
	hole := regexp.MustCompile(`\{[a-z_]+\}`)
	holes := func(lang kiosk.Lang, key string) []string {
		found := hole.FindAllString(w.Say(lang, key), -1)
		slices.Sort(found)
		return slices.Compact(found)
	}
	for _, lang := range []kiosk.Lang{kiosk.English, kiosk.Korean} {
		for _, key := range w.Keys(lang) {
			if got, want := holes(lang, key), holes(kiosk.Chinese, key); !slices.Equal(got, want) {
				t.Errorf("%s in %s: got %v, want %v as in Chinese", key, lang, got, want)
			}
		}
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
