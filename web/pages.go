package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"redstation/kiosk"
	"redstation/web/assets"
	"redstation/web/locale"
)

// PagesOpts is what pages are made with. Words and Assets are required.
type PagesOpts struct {
	Words  *locale.Words
	Assets *assets.Set
	Langs  []kiosk.Lang     // nil = Chinese and English
	Funcs  template.FuncMap // more functions for the templates
	// Say returns the clips that say a text, divided by spaces; nil = nothing is read aloud.
	Say func(lang kiosk.Lang, text string) string
}

// Pages are the parsed templates of one surface, once for every language. They are
// safe for concurrent use.
//
// The folder holds a page in each *.html and shared parts in layout/*.html. A page
// defines the blocks that the layout's template "layout" calls. Templates have these
// functions besides the caller's:
//
//	T "key" "name" value ...   a sentence in the page's language (package locale)
//	lang                       that language ("zh")
//	icon "house"               an inline SVG (package assets)
//	asset "touch.css"          the address of a file (package assets)
//	say "text" ...             an attribute that names the clips of what the element says
type Pages struct {
	byLang map[kiosk.Lang]map[string]*template.Template
	bufs   sync.Pool
}

// ParsePages parses every page with the layout, in every language. It is an error
// if a template does not parse, or names with a literal a sentence, an icon or an
// asset that does not exist.
func ParsePages(fsys fs.FS, o PagesOpts) (*Pages, error) {
	if o.Langs == nil {
		o.Langs = []kiosk.Lang{kiosk.Chinese, kiosk.English}
	}
	p := &Pages{byLang: make(map[kiosk.Lang]map[string]*template.Template)}
	p.bufs.New = func() any { return new(bytes.Buffer) }
	names, err := fs.Glob(fsys, "*.html")
	if err != nil {
		return nil, fmt.Errorf("list pages: %w", err)
	}
	for _, lang := range o.Langs {
		layout, err := template.New("layout").Option("missingkey=error").Funcs(funcs(o, lang)).ParseFS(fsys, "layout/*.html")
		if err != nil {
			return nil, fmt.Errorf("parse layout: %w", err)
		}
		pages := make(map[string]*template.Template, len(names))
		for _, name := range names {
			t, err := template.Must(layout.Clone()).ParseFS(fsys, name)
			if err != nil {
				return nil, fmt.Errorf("parse page: %w", err)
			}
			if err := checkLiterals(t, o, lang); err != nil {
				return nil, fmt.Errorf("page %s in %s: %w", name, lang, err)
			}
			pages[strings.TrimSuffix(path.Base(name), ".html")] = t
		}
		p.byLang[lang] = pages
	}
	return p, nil
}

// funcs returns the functions of the templates in one language.
func funcs(o PagesOpts, lang kiosk.Lang) template.FuncMap {
	f := template.FuncMap{
		"T":     func(key string, args ...any) string { return o.Words.Say(lang, key, args...) },
		"lang":  func() string { return string(lang) },
		"icon":  func(name string) template.HTML { svg, _ := o.Assets.Icon(name); return svg },
		"asset": o.Assets.URL,
		"say":   func(texts ...string) template.HTMLAttr { return sayAttr(o, lang, texts) },
	}
	for name, fn := range o.Funcs {
		f[name] = fn
	}
	return f
}

// sayAttr marks an element that is read aloud: data-say names its clips in order, and
// is empty where one is missing.
func sayAttr(o PagesOpts, lang kiosk.Lang, texts []string) template.HTMLAttr {
	var clips []string
	for _, text := range texts {
		if text == "" || o.Say == nil {
			continue
		}
		ids := o.Say(lang, text)
		if ids == "" {
			return `data-say=""`
		}
		clips = append(clips, ids)
	}
	return template.HTMLAttr(`data-say="` + strings.Join(clips, " ") + `"`)
}

// Names returns the pages' names, in no order.
func (p *Pages) Names() []string {
	var names []string
	for _, pages := range p.byLang {
		for name := range pages {
			names = append(names, name)
		}
		break
	}
	return names
}

// Write renders a page and sends it. Nothing is sent when rendering fails. A
// language without pages is shown in Chinese.
func (p *Pages) Write(c echo.Context, status int, lang kiosk.Lang, name string, data any) error {
	buf := p.bufs.Get().(*bytes.Buffer)
	defer p.bufs.Put(buf)
	buf.Reset()
	if err := p.render(buf, lang, name, data); err != nil {
		return err
	}
	return c.HTMLBlob(status, buf.Bytes())
}

// Bytes renders a page into memory of its own.
func (p *Pages) Bytes(lang kiosk.Lang, name string, data any) ([]byte, error) {
	var buf bytes.Buffer
	err := p.render(&buf, lang, name, data)
	return buf.Bytes(), err
}

func (p *Pages) render(buf *bytes.Buffer, lang kiosk.Lang, name string, data any) error {
	pages := p.byLang[lang]
	if pages == nil {
		pages = p.byLang[kiosk.Chinese]
	}
	t, ok := pages[name]
	if !ok {
		return kiosk.Errorf(kiosk.CodeInternal, "error.internal", "no page named %q", name)
	}
	if err := t.ExecuteTemplate(buf, "layout", data); err != nil {
		return kiosk.Errorf(kiosk.CodeInternal, "error.internal", "render page %s: %w", name, err)
	}
	return nil
}

// SeeOther answers a POST with the address of the page that shows its result.
func SeeOther(c echo.Context, url string) error { return c.Redirect(http.StatusSeeOther, url) }
