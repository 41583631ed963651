package e2e_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPagesOfAVisitFit looks at the pages that stand around a form, on every panel
// and in every language and size: those that are drawn today, with E2E_ALL=1 all.
func TestPagesOfAVisitFit(t *testing.T) {
	need(t, "chromium")
	city := newCity(t)
	answers := map[string]string{"key": "00112233445566778899aabbccddeeff", "check": "1", "a.category": "lighting", "a.place": "beishan",
		"d.place": "3号楼2单元", "a.matter": "灯不亮了。管道堵了。漏水。", "a.consent": "yes", "a.name": "王女士", "a.phone": "13843217788", "helped": "1"}
	with := func(pairs ...string) map[string]string {
		m := maps.Clone(answers)
		for i := 0; i+1 < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	asks := with("at", "matter", "go", "next")
	delete(asks, "check")
	delete(asks, "a.consent")
	pages := []screenPage{
		{Name: "help", URL: "/help/3.1", Status: 200},
		{Name: "consent", URL: "/s/3.1/form", Fields: asks, Status: 200},
		{Name: "confirm", URL: "/s/3.1/submit", Fields: answers, Status: 200},
		{Name: "leave", URL: "/s/3.1/form", Fields: with("at", "check", "go", "home"), Status: 200},
	}
	for i, p := range panels() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			_, at := city.booth(t, fmt.Sprintf("%02d", 31+i), p.diagonal)
			b := open(t, p, at)
			for _, lang := range []string{"zh", "en", "ko"} {
				for _, size := range []string{"normal", "large"} {
					v := variant{lang, size}
					b.load("/")
					b.prefer(lang, size)
					for _, page := range pages {
						if v != usual && !drawn(6, p.name, v.String(), page.Name) {
							continue
						}
						t.Run(v.String()+" "+page.Name, func(t *testing.T) { b.in(t).lookAround(p, v, page) })
					}
				}
			}
		})
	}
}

func (b *tab) lookAround(p panel, v variant, page screenPage) {
	if page.Fields == nil {
		b.visit(page.URL)
	} else {
		b.post(page.URL, page.Fields)
	}
	s := b.measure()
	if s.Lang != v.lang {
		b.t.Errorf("lang is %q, want %q", s.Lang, v.lang)
	}
	b.report("", append(s.judge(p), b.axe()...))
	for n := 2; b.is("document.querySelector('[data-pager-next]:not([disabled])')?.checkVisibility()") && n < 20; n++ {
		b.do("turn the page", chromedp.Evaluate[chromedp.Void]("document.querySelector('[data-pager-next]').click()"))
		b.report(fmt.Sprintf("turned to %d: ", n), b.measure().judge(p))
	}
}
