package assets_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"redstation/web/assets"
	"redstation/web/locale"
)

func TestSetServesHashedNames(t *testing.T) {
	extra := fstest.MapFS{"city/a.css": {Data: []byte("a{}\n")}, "city/b.css": {Data: []byte("b{}\n")}}
	s, err := assets.New([]assets.Bundle{{Name: "city.css", Parts: []string{"css/tokens.css", "city/*.css"}}}, extra)
	if err != nil {
		t.Fatal(err)
	}
	url, err := s.URL("city.css")
	if err != nil || !regexp.MustCompile(`^/assets/city\.[0-9a-f]{16}\.css$`).MatchString(url) {
		t.Fatalf("got %q %v, want a hashed name", url, err)
	}
	for _, packed := range []bool{false, true} {
		r := httptest.NewRequest("GET", url, nil)
		if packed {
			r.Header.Set("Accept-Encoding", "gzip")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var body io.Reader = w.Body
		if packed {
			if body, err = gzip.NewReader(w.Body); err != nil {
				t.Fatal(err)
			}
		}
		text, err := io.ReadAll(body)
		if err != nil || !strings.HasPrefix(string(text), "/* The colours") || !strings.HasSuffix(string(text), "a{}\nb{}\n") {
			t.Errorf("packed %v: got %q %v, want the parts in order", packed, text, err)
		}
		if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("cache: got %q", got)
		}
	}
	for _, path := range []string{"/assets/city.css", "/assets/fonts/../assets.go", "/assets/fonts/", "/assets/fonts"} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 404 {
			t.Errorf("%s: got %d, want 404", path, w.Code)
		}
	}
	if _, err := s.URL("nothing.css"); err == nil {
		t.Error("an unknown name has an address")
	}
	if _, err := assets.New([]assets.Bundle{{Name: "x.css", Parts: []string{"css/none*.css"}}}); err == nil {
		t.Error("a bundle of nothing was made")
	}
}

// TestFontsAreWhole holds fonts.css against the slices: each has the name of its
// content's hash, each is named, and none is missing.
func TestFontsAreWhole(t *testing.T) {
	s, err := assets.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	css, err := fs.ReadFile(assets.Files(), "fonts.css")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`url\((fonts/[0-9a-f]{16}\.woff2)\)`).FindAllStringSubmatch(string(css), -1)
	for _, m := range named {
		body, err := fs.ReadFile(assets.Files(), m[1])
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(body); m[1] != "fonts/"+hex.EncodeToString(sum[:8])+".woff2" {
			t.Errorf("%s: its content hashes to %x", m[1], sum[:8])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/assets/"+m[1], nil))
		if w.Code != 200 || w.Body.Len() != len(body) {
			t.Errorf("%s: got %d with %d bytes, want %d", m[1], w.Code, w.Body.Len(), len(body))
		}
	}
	files, err := fs.Glob(assets.Files(), "fonts/*.woff2")
	if err != nil || len(files) != len(named) || len(files) == 0 {
		t.Errorf("got %d files and %d names, %v", len(files), len(named), err)
	}
}

// TestRareNamesCanBeShown looks for the characters of names that ordinary web fonts lack:
// each must be in the range of a slice.
func TestRareNamesCanBeShown(t *testing.T) {
	css, err := fs.ReadFile(assets.Files(), "fonts.css")
	if err != nil {
		t.Fatal(err)
	}
	var ranges [][2]rune
	for _, m := range regexp.MustCompile(`(?i)U\+([0-9a-f]+)(?:-([0-9a-f]+))?`).FindAllStringSubmatch(string(css), -1) {
		from, err := strconv.ParseInt(m[1], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		to := from
		if m[2] != "" {
			if to, err = strconv.ParseInt(m[2], 16, 32); err != nil {
				t.Fatal(err)
			}
		}
		ranges = append(ranges, [2]rune{rune(from), rune(to)})
	}
	for _, r := range "喆堃䶮𬭎㛃犇頔𬱖𫍯龑燊驿" {
		if !slices.ContainsFunc(ranges, func(x [2]rune) bool { return r >= x[0] && r <= x[1] }) {
			t.Errorf("no slice has %c (U+%04X)", r, r)
		}
	}
}

// TestScriptsShareNoName finds a function or constant that two parts of the touch
// screen's script define: they share one scope, in which the later one wins in silence.
func TestScriptsShareNoName(t *testing.T) {
	parts, err := fs.Glob(assets.Files(), "js/touch/*.js")
	if err != nil || len(parts) < 10 {
		t.Fatal(parts, err)
	}
	owner := map[string]string{}
	for _, part := range parts {
		body, err := fs.ReadFile(assets.Files(), part)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^(?:async )?(?:function|const|let) ([A-Za-z]+)`).FindAllStringSubmatch(string(body), -1) {
			if owner[m[1]] != "" {
				t.Errorf("%s and %s both define %s", owner[m[1]], part, m[1])
			}
			owner[m[1]] = part
		}
	}
}

// TestEveryHangulIsThere holds the words of the Korean pages against the slices.
func TestEveryHangulIsThere(t *testing.T) {
	css, err := fs.ReadFile(assets.Files(), "fonts.css")
	if err != nil {
		t.Fatal(err)
	}
	type span struct{ from, to rune }
	var spans []span
	for _, list := range regexp.MustCompile(`Noto Sans KR Variable[^}]*unicode-range: ?([^;}]*)`).FindAllStringSubmatch(string(css), -1) {
		for _, r := range strings.Split(list[1], ",") {
			from, to, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(r), "U+"), "-")
			if to == "" {
				to = from
			}
			a, errA := strconv.ParseInt(from, 16, 32)
			b, errB := strconv.ParseInt(to, 16, 32)
			if errA != nil || errB != nil {
				t.Fatalf("unicode-range %q", r)
			}
			spans = append(spans, span{rune(a), rune(b)})
		}
	}
	for _, syllable := range "한힝각값쯧괜" {
		if !slices.ContainsFunc(spans, func(s span) bool { return s.from <= syllable && syllable <= s.to }) {
			t.Errorf("no slice holds %c", syllable)
		}
	}
	words, err := fs.ReadFile(locale.Shared(), "ko.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range string(words) {
		if unicode.Is(unicode.Hangul, r) && !slices.ContainsFunc(spans, func(s span) bool { return s.from <= r && r <= s.to }) {
			t.Errorf("no slice holds %c", r)
		}
	}
}

func TestIconsAreInline(t *testing.T) {
	s, err := assets.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	svg, ok := s.Icon("house")
	if !ok || !strings.HasPrefix(string(svg), `<svg class="icon"`) || !strings.Contains(string(svg), `aria-hidden="true"`) ||
		strings.ContainsAny(string(svg), "\n") || strings.Contains(string(svg), "<!--") {
		t.Errorf("got %v %s", ok, svg)
	}
	if other, ok := s.Icon("no-such-icon"); ok || other == "" {
		t.Errorf("unknown icon: got %v %q, want the fallback and false", ok, other)
	}
}

func TestScriptsComeWithoutRemarks(t *testing.T) {
	extra := fstest.MapFS{"x/a.js": {Data: []byte("// why\nconst a = 'http://b'; // what\n  // more\n\nlet c;\n")}}
	s, err := assets.New([]assets.Bundle{{Name: "x.js", Parts: []string{"x/*.js"}}}, extra)
	if err != nil {
		t.Fatal(err)
	}
	url, err := s.URL("x.js")
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", url, nil))
	if got, want := w.Body.String(), "(() => {\n'use strict';\nconst a = 'http://b'; // what\n\nlet c;\n})();\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
