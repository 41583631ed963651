package city

import (
	"io/fs"

	"redstation/kiosk"
	"redstation/web"
	"redstation/web/assets"
)

// LoadWords is loadWords for tests.
var LoadWords = loadWords

// LocalPath is localPath for tests.
var LocalPath = localPath

// Unformula is unformula for tests.
var Unformula = unformula

// RenderZero renders every page with the zero value of its view and returns the
// pages by name; it fails for a page that is not listed here.
func RenderZero(lang kiosk.Lang) (map[string][]byte, error) {
	set, err := assets.New([]assets.Bundle{{Name: "city.css", Parts: []string{"css/city/*.css"}},
		{Name: "city.js", Parts: []string{"js/city/*.js"}}, {Name: "mark.svg", Parts: []string{"mark.svg"}}}, files)
	if err != nil {
		return nil, err
	}
	words, err := loadWords()
	if err != nil {
		return nil, err
	}
	dir, err := fs.Sub(files, "templates")
	if err != nil {
		return nil, err
	}
	pages, err := web.ParsePages(dir, web.PagesOpts{Words: words, Assets: set, Funcs: templateFuncs()})
	if err != nil {
		return nil, err
	}
	views := map[string]any{"station": stationPage{}, "log": logPage{}, "record": recordPage{}, "audit": auditPage{}, "consent": consentPage{}, "loan": loanPage{},
		"login": loginPage{}, "password": passwordPage{}, "fault": faultPage{}, "row": logRow{}, "cases": casesPage{}, "case": casePage{}}
	out := map[string][]byte{}
	for _, name := range pages.Names() {
		if out[name], err = pages.Bytes(lang, name, views[name]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
