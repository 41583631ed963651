package web_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"redstation/kiosk"
	"redstation/web"
	"redstation/web/assets"
	"redstation/web/locale"
)

func opts(t *testing.T) web.PagesOpts {
	t.Helper()
	words, err := locale.Load(fstest.MapFS{
		"zh.json": {Data: []byte(`{"cat.title":"猫","cat.count":"{n} 只猫"}`)},
		"en.json": {Data: []byte(`{"cat.title":"Cat","cat.count":{"one":"{n} cat","other":"{n} cats"}}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	set, err := assets.New([]assets.Bundle{{Name: "cat.css", Parts: []string{"css/tokens.css"}}})
	if err != nil {
		t.Fatal(err)
	}
	return web.PagesOpts{Words: words, Assets: set}
}

const catLayout = `{{define "layout"}}<html lang="{{lang}}">{{template "main" .}}{{end}}`

func TestPagesSpeakEveryLanguage(t *testing.T) {
	p, err := web.ParsePages(fstest.MapFS{
		"layout/base.html": {Data: []byte(catLayout)},
		"cat.html":         {Data: []byte(`{{define "main"}}{{T "cat.title"}}: {{T "cat.count" "n" .N}} {{.Name}}{{end}}`)},
	}, opts(t))
	if err != nil {
		t.Fatal(err)
	}
	type cat struct {
		N    int
		Name string
	}
	tests := []struct {
		lang kiosk.Lang
		n    int
		want string
	}{
		{"zh", 1, `<html lang="zh">猫: 1 只猫 &lt;b&gt;`},
		{"en", 1, `<html lang="en">Cat: 1 cat &lt;b&gt;`},
		{"en", 2, `<html lang="en">Cat: 2 cats &lt;b&gt;`},
		{"ko", 2, `<html lang="zh">猫: 2 只猫 &lt;b&gt;`},
	}
	for _, tt := range tests {
		got, err := p.Bytes(tt.lang, "cat", cat{tt.n, "<b>"})
		if err != nil || string(got) != tt.want {
			t.Errorf("%s %d: got %q %v, want %q", tt.lang, tt.n, got, err, tt.want)
		}
	}
	if _, err := p.Bytes("zh", "cat", struct{ N int }{1}); err == nil {
		t.Error("a view without a field was rendered")
	}
	if _, err := p.Bytes("zh", "dog", nil); kiosk.CodeOf(err) != kiosk.CodeInternal {
		t.Errorf("unknown page: got %v, want an internal error", err)
	}
}

func TestParsePagesFindsMisspeltNames(t *testing.T) {
	tests := map[string]string{
		`{{T "cat.tilte"}}`: `no sentence "cat.tilte"`,
		`{{if .}}{{range .}}{{icon "hous"}}{{end}}{{end}}`: `no icon "hous"`,
		`{{asset "dog.css"}}`:                              `no asset named "dog.css"`,
		`{{with (T "cat.nope")}}{{.}}{{end}}`:              `no sentence "cat.nope"`,
		`{{nope}}`:                                         `function "nope" not defined`,
	}
	for page, want := range tests {
		_, err := web.ParsePages(fstest.MapFS{
			"layout/base.html": {Data: []byte(catLayout)},
			"cat.html":         {Data: []byte(`{{define "main"}}` + page + `{{end}}`)},
		}, opts(t))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", page, err, want)
		}
	}
}
