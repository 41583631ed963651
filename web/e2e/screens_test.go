package e2e_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

//go:embed testdata/crawl.js
var crawlJS string

// screenPage is a page of the touch screen as crawl.js found it.
type screenPage struct {
	Name, URL, Kind string
	Fields          map[string]string // of the form that it answers; nil = a GET
	Status          int
}

// variant is how a resident may want the screen.
type variant struct{ lang, size string }

func (v variant) String() string { return v.lang + "-" + v.size }

// usual is the variant in which every page is looked at on every panel.
var usual = variant{"zh", "normal"}

func variants() []variant {
	return []variant{usual, {"zh", "large"}, {"en", "normal"}, {"en", "large"}, {"ko", "normal"}, {"ko", "large"}, {"zh", "contrast"}}
}

// seed chooses the pages of the other variants: another part each day, the same
// all day.
func seed() string {
	if s := os.Getenv("E2E_SEED"); s != "" {
		return s
	}
	return time.Now().UTC().Format("20060102")
}

// drawn says whether a page's lot came up today: one page in n.
func drawn(n uint32, lot ...string) bool {
	if os.Getenv("E2E_ALL") == "1" {
		return true
	}
	h := fnv.New32a()
	h.Write([]byte(seed() + "\n" + strings.Join(lot, "\n")))
	return h.Sum32()%n == 0
}

// crawl returns all pages of the booth's screen.
func (b *tab) crawl() []screenPage {
	b.t.Helper()
	b.visit("/")
	var pages []screenPage
	if err := json.Unmarshal(eval[[]byte](b, crawlJS), &pages); err != nil {
		b.t.Fatalf("crawl: %v", err)
	}
	return pages
}

// TestScreensFit looks at every page of the touch screen on four panels: sizes and
// gaps in millimetres, nothing cut or covered or beside the panel, axe clean.
func TestScreensFit(t *testing.T) {
	need(t, "chromium")
	t.Logf("seed %s (E2E_SEED repeats it, E2E_ALL=1 takes all)", seed())
	city := newCity(t)
	for i, p := range panels() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			_, at := city.booth(t, fmt.Sprintf("%02d", 11+i), p.diagonal)
			b := open(t, p, at)
			b.expect(`network: Failed to load resource: the server responded with a status of (404|409|422|503)`)
			pages, now := b.crawl(), listen(t, at)
			shown(t, pages)
			for _, v := range variants() {
				t.Run(v.String(), func(t *testing.T) { b.in(t).look(p, v, pages, now) })
			}
		})
	}
}

// look goes through the pages in one variant.
func (b *tab) look(p panel, v variant, pages []screenPage, now said) {
	b.prefer(v.lang, v.size)
	kinds := map[string]bool{}
	looked := 0
	for _, page := range pages {
		first := !kinds[page.Kind]
		switch {
		case v == usual && first: // one of each kind on every panel
		case lot(p, v, page.Name):
		default:
			continue
		}
		kinds[page.Kind] = true
		looked++
		b.t.Run(page.Name, func(t *testing.T) { b.in(t).lookAt(p, v, page, now) })
	}
	b.t.Run("over the pages", func(t *testing.T) { b.in(t).lookOver(p) })
	b.t.Logf("%d of %d pages", looked, len(pages))
}

// lookOver judges what lies over a page: the question whether anybody is there, and
// the page that waits for the booth.
func (b *tab) lookOver(p panel) {
	b.visit("/s/3.1/form")
	b.hurry(time.Millisecond, time.Minute, time.Minute)
	b.awaitSeen("[data-idle-dialog]", patience)
	b.report("idle: ", b.measure().judge(p))
	b.visit("/s/3.1/form")
	b.do("wait", chromedp.Evaluate[chromedp.Void]("document.querySelector('[data-wait]').hidden = false"))
	b.report("waiting: ", b.measure().judge(p))
}

// lot says whether a page is looked at on this panel and in this variant today: half
// of the pages each day, each in another one of all of them.
func lot(p panel, v variant, page string) bool {
	if os.Getenv("E2E_ALL") == "1" {
		return true
	}
	h := fnv.New32a()
	h.Write([]byte(seed() + "\n" + page))
	all := variants()
	n := int(h.Sum32() % uint32(2*len(panels())*len(all)))
	return n < len(panels())*len(all) && panels()[n/len(all)].name == p.name && all[n%len(all)] == v
}

// lookAt judges one page, then what it becomes when it is turned, and when things go
// wrong.
func (b *tab) lookAt(p panel, v variant, page screenPage, now said) {
	if page.Fields == nil {
		b.visit(page.URL)
	} else {
		b.post(page.URL, page.Fields)
	}
	if got := eval[int](b, "performance.getEntriesByType('navigation')[0].responseStatus"); got != page.Status {
		b.t.Errorf("status %d, want %d", got, page.Status)
	}
	if page.Kind == "desk" {
		b.judgeDesk("")
		return
	}
	s := b.measure()
	if s.Lang != v.lang {
		b.t.Errorf("lang is %q, want %q", s.Lang, v.lang)
	}
	if !s.Font {
		b.t.Error("the embedded font does not load")
	}
	b.report("", append(s.judge(p), b.axe()...))
	for n := 2; b.is("document.querySelector('[data-pager-next]:not([disabled])')?.checkVisibility()") && n < 20; n++ {
		b.do("turn the page", chromedp.Evaluate[chromedp.Void]("document.querySelector('[data-pager-next]').click()"))
		b.report(fmt.Sprintf("turned to %d: ", n), b.measure().judge(p))
	}
	if b.is("document.querySelector('.banner[data-when-line=down]')") {
		b.hearing(now.trouble(page.URL), func() { b.lookInTrouble(p, page) })
	}
}

// lookInTrouble judges a page with its banner: the line is down, the paper does not come.
func (b *tab) lookInTrouble(p panel, page screenPage) {
	b.visit(page.URL)
	b.await("the page hears it", "document.body.dataset.line === 'down'")
	if where := page.Kind; !b.seen(`[data-when-line="down"]`) && (where == "home" || where == "slip ticket" || where == "slip request") {
		b.t.Error("in trouble: the page does not say that the line is down") // others on a low panel show its sign only
	}
	b.report("in trouble: ", b.measure().judge(p))
}

// report fails the test with what is wrong, if anything, and leaves a picture.
func (b *tab) report(when string, wrong []string) {
	b.t.Helper()
	if len(wrong) == 0 {
		return
	}
	for _, w := range wrong {
		b.t.Errorf("%s%s", when, w)
	}
	b.t.Logf("picture: %s", b.picture(b.t.Name()+" "+when))
}
