package catalog_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"redstation/kiosk"
	"redstation/kiosk/catalog"
)

// FuzzLoad puts any bytes in the place of one function. Whatever they are, the pack
// loads and is sound, or is refused in lines that begin with a file's name.
func FuzzLoad(f *testing.F) {
	good := pack(f, nil)
	for name, file := range good {
		if strings.HasPrefix(name, "functions/") {
			f.Add(string(file.Data))
		}
	}
	f.Add("a: &a [*a]")
	f.Add("services: [[[[[[")
	f.Add("number: 1\n---\nnumber: 2")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := catalog.Load(pack(t, map[string]string{"functions/03-tell.yaml": text}))
		if err != nil {
			checkRefusal(t, err)
			return
		}
		for _, s := range all(c) {
			if s.Open() && (len(s.Outcome) < 2 || len(s.Hours) < 2 || s.Route == "") {
				t.Errorf("%s is open and not whole: %+v", s.ID, s)
			}
		}
	})
}

// checkRefusal checks that an editor of packs can use the error.
func checkRefusal(t *testing.T, err error) {
	t.Helper()
	var e *kiosk.Error
	if !errors.As(err, &e) || e.Code != kiosk.CodeInvalid {
		t.Fatalf("got %v, want CodeInvalid", err)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) > 21 {
		t.Errorf("got %d lines, want 21 at most", len(lines))
	}
	for _, line := range lines {
		known := strings.HasPrefix(line, "functions/") || strings.HasPrefix(line, "and ")
		if !known || !utf8.ValidString(line) {
			t.Errorf("got the line %q", line)
		}
	}
}
