package touch_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/kiosk/catalog"
	"redstation/web/assets"
	"redstation/web/touch"
)

func TestEveryPageRendersInEveryLanguage(t *testing.T) {
	pages, words, err := touch.Pages()
	if err != nil {
		t.Fatal(err)
	}
	views := touch.Views()
	for _, name := range pages.Names() {
		if len(views[name]) == 0 {
			t.Errorf("page %s has no view in the test", name)
		}
		for _, lang := range kiosk.Langs() {
			for i, view := range views[name] {
				body, err := pages.Bytes(lang, name, view)
				if err != nil {
					t.Errorf("%s %s %d: %v", name, lang, i, err)
					continue
				}
				for _, key := range words.Keys(lang) {
					if strings.Contains(string(body), ">"+key+"<") {
						t.Errorf("%s %s %d: shows the key %s", name, lang, i, key)
					}
				}
			}
		}
	}
}

// TestSentencesAreSaid holds the sentences against the templates and the code:
// none is missing, none is left over.
func TestSentencesAreSaid(t *testing.T) {
	pages, words, err := touch.Pages()
	if err != nil {
		t.Fatal(err)
	}
	said := touch.Spoken()
	for _, key := range said {
		if !words.Has(kiosk.Chinese, key) {
			t.Errorf("no sentence %s", key)
		}
	}
	pages.Literals("T", func(key string) { said = append(said, key) })
	for _, key := range words.Keys(kiosk.Chinese) {
		if !strings.HasPrefix(key, "error.") && !slices.Contains(said, key) {
			t.Errorf("nothing says %s", key)
		}
	}
}

// TestErrorsHaveSentences finds the keys of the domain's errors in its source: a
// resident must not read a key. Those listed never reach a screen.
func TestErrorsHaveSentences(t *testing.T) {
	_, words, err := touch.Pages()
	if err != nil {
		t.Fatal(err)
	}
	silent := []string{"error.closing", "error.door", "error.epoch", "error.header", "error.key", "error.lane", "error.night",
		"error.no_picture", "error.number", "error.pack", "error.sealed", "error.slip_gone", "error.card", "error.clone", "error.enrolment", "error.schema", "error.notice"}
	key := regexp.MustCompile(`"(error\.[a-z_]+)"`)
	for _, glob := range []string{"../../kiosk/*.go", "../../kiosk/sqlite/*.go", "*.go"} {
		files, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			src, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range key.FindAllStringSubmatch(string(src), -1) {
				if !words.Has(kiosk.Chinese, m[1]) && !slices.Contains(silent, m[1]) {
					t.Errorf("%s: no sentence %s", f, m[1])
				}
			}
		}
	}
}

func TestIconsOfThePackAreThere(t *testing.T) {
	set, err := assets.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range catalog.Icons(catalogueOf(t)) {
		if _, ok := set.Icon(name); !ok {
			t.Errorf("no icon %q: add it to assets/icons.txt and run assets/update.sh", name)
		}
	}
}
