package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// panel is a screen of glass.
type panel struct {
	name     string
	w, h     int64
	diagonal float64 // inches
}

func panels() []panel {
	return []panel{
		{"7-inch-1024x600", 1024, 600, 7},
		{"10-inch-1280x800", 1280, 800, 10.1},
		{"15-inch-1920x1080", 1920, 1080, 15.6},
		{"21-inch-1080x1920", 1080, 1920, 21.5},
	}
}

// common is the panel of the drawings.
func common() panel { return panels()[1] }

// mm returns how many pixels a millimetre has.
func (p panel) mm() float64 { return math.Hypot(float64(p.w), float64(p.h)) / (p.diagonal * 25.4) }

// patience is how long a step of the browser may take. A shared machine is slow at times.
const patience = 20 * time.Second

// tab is a browser of its own with one page: a page in the background draws no
// frames, and what waits for a frame would wait for ever.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string // address of what it looks at
	*complaints
	taps    *[]tapped
	touches *int // how often a finger has touched
	// stream is what a page is sent in hearing.
	stream *string
}

// tapped is when and where a finger has touched.
type tapped struct {
	at time.Time
	point
}

// open starts a browser with an empty profile. It ends with the test, which fails
// if the page complained or asked for anything that is not ours.
func open(t *testing.T, p panel, base string, more ...chromedp.ExecAllocatorOption) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(need(t, "chromium")),
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", false),
		chromedp.WindowSize(int(p.w), int(p.h)))
	if os.Geteuid() == 0 { // the sandbox does not work for root
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	t.Cleanup(cancel)
	b := &tab{t: t, base: base, complaints: newComplaints(base), taps: &[]tapped{}, touches: new(int), stream: new(string)}
	b.ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(b.hear), chromedp.WithListener(func(event any) {
		if asked, ok := event.(*fetch.EventRequestPaused); ok {
			b.answer(asked)
		}
	}))
	t.Cleanup(cancel)
	if err := chromedp.Do(b.ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	b.do("prepare", chromedp.EmulateViewport(p.w, p.h, chromedp.EmulateTouch))
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: confess})
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("picture: %s", b.picture(t.Name()))
		}
		for _, c := range b.told() {
			t.Errorf("the page complained: %s", c)
		}
	})
	return b
}

// in returns the same page for a subtest.
func (b *tab) in(t *testing.T) *tab {
	c := *b
	c.t = t
	return &c
}

// do carries out steps, within patience.
func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

func call[P, R any](b *tab, cmd cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	r, err := chromedp.Call(ctx, cmd, params)
	if err != nil {
		b.t.Fatalf("%s: %v", cmd.Method, err)
	}
	return r
}

// eval returns what an expression of JavaScript is, or what its promise becomes.
func eval[T any](b *tab, js string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 3*patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluate %.120s: %v", js, err)
	}
	return v
}

// await waits until an expression is true.
func (b *tab) await(what, js string) {
	b.t.Helper()
	b.awaitFor(what, patience, js)
}

func (b *tab) awaitFor(what string, limit time.Duration, js string) {
	b.t.Helper()
	soon(b.t, what, limit, func() bool { return b.is(js) })
}

// is evaluates a condition; a page that is just being replaced has none.
func (b *tab) is(js string) bool {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+js+")"))
	return err == nil && yes
}

// visit loads a page as the browser's own, as a resident who has just come: what the
// one before has begun is left first.
func (b *tab) visit(path string) {
	b.t.Helper()
	b.leave()
	b.load(path)
}

// leave ends the visit, where the page shown is one of the booth's.
func (b *tab) leave() {
	b.t.Helper()
	eval[bool](b, `document.querySelector('[data-idle-dialog]') ?
		fetch('/leave', { method: 'POST', body: '', redirect: 'manual' }).then(() => true, () => false) : false`)
}

// load loads a page as the browser's own, in the visit that goes on.
func (b *tab) load(path string) {
	b.t.Helper()
	b.do("load "+path, chromedp.Navigate(b.base+path))
}

// post sends a form as the browser's own, which the page's script does not see.
func (b *tab) post(path string, fields map[string]string) {
	b.t.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		b.t.Fatal(err)
	}
	// A mark that the next page has not: the load event may still be that of the last.
	submit := fmt.Sprintf(`{ window.e2ePosted = true;
		const f = document.createElement('form'); f.method = 'post'; f.action = %q;
		for (const [name, value] of Object.entries(%s)) {
			const i = document.createElement('input'); i.type = 'hidden'; i.name = name; i.value = value; f.append(i);
		}
		document.body.append(f); f.submit(); }`, path, text)
	b.do("post "+path, chromedp.Evaluate[chromedp.Void](submit))
	b.await("the answer to the post of "+path, "!window.e2ePosted && document.readyState === 'complete'")
}

// point is the middle of something on the screen.
type point struct{ X, Y float64 }

// find returns where the finger must go to touch what a selector names. It must
// be there, alive, and lie on top.
func (b *tab) find(selector string) point {
	b.t.Helper()
	js := fmt.Sprintf(`(() => {
		const el = [...document.querySelectorAll(%q)].find((e) => e.checkVisibility() && e.getBoundingClientRect().width > 1);
		if (!el || el.disabled) return null;
		const r = el.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
		const top = document.elementFromPoint(x, y);
		return el.contains(top) ? {X: x, Y: y} : null;
	})()`, selector)
	var p *point
	soon(b.t, selector+" can be touched", patience, func() bool {
		p = eval[*point](b, js)
		return p != nil
	})
	return *p
}

// The page takes a second tap at the same place within half a second for the
// tremor of a hand. A resident who means it waits, and so does tap.
const (
	tremor = 550 * time.Millisecond
	near   = 60 // px
)

// tap touches with a finger.
func (b *tab) tap(selector string) {
	b.t.Helper()
	p := b.find(selector)
	for _, before := range *b.taps {
		if math.Hypot(p.X-before.X, p.Y-before.Y) < near {
			time.Sleep(tremor - time.Since(before.at))
			p = b.find(selector)
		}
	}
	b.do("tap "+selector, chromedp.TapXY(p.X, p.Y))
	*b.touches++
	*b.taps = append(slices.DeleteFunc(*b.taps, func(t tapped) bool { return time.Since(t.at) > tremor }), tapped{time.Now(), p})
}

// step taps and waits for another page of the screen.
func (b *tab) step(selector string) {
	b.t.Helper()
	before := eval[string](b, "window.e2e ??= String(Math.random()); document.querySelector('main').dataset.e2e = window.e2e")
	b.tap(selector)
	b.await("another page after "+selector, fmt.Sprintf("document.querySelector('main') && document.querySelector('main').dataset.e2e !== %q", before))
}

// change presses one of the buttons for size, contrast and language, which stand on a
// sheet of their own.
func (b *tab) change(selector string) {
	b.t.Helper()
	b.tap("[data-look]")
	b.awaitSeen(selector, patience)
	b.step(selector)
}

// typeText types as a keyboard does, where the focus is.
func (b *tab) typeText(text string) {
	b.t.Helper()
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

// text returns the text of the first element that a selector names, "" for none.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`(document.querySelector(%q)?.innerText ?? '').trim()`, selector))
}

// seen says whether what a selector names is on the screen.
func (b *tab) seen(selector string) bool {
	return b.is(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.checkVisibility() && e.getBoundingClientRect().width > 1)`, selector))
}

func (b *tab) awaitSeen(selector string, limit time.Duration) {
	b.t.Helper()
	soon(b.t, selector+" shows", limit, func() bool { return b.seen(selector) })
}

func (b *tab) awaitGone(selector string, limit time.Duration) {
	b.t.Helper()
	soon(b.t, selector+" has gone", limit, func() bool { return !b.seen(selector) })
}

// prefer sets the language and the type size ("normal", "large", or "contrast" for normal
// type in high contrast) as the buttons of the sheet do.
func (b *tab) prefer(lang, size string) {
	b.t.Helper()
	contrast := "normal"
	if size == "contrast" {
		size, contrast = "normal", "high"
	}
	for name, value := range map[string]string{"lang": lang, "type": size, "contrast": contrast} {
		call(b, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.base + "/"})
	}
}

// cookies returns the names of the booth's cookies.
func (b *tab) cookies() []string {
	b.t.Helper()
	var names []string
	for _, c := range call(b, network.GetCookies, network.GetCookiesParams{URLs: []string{b.base + "/"}}).Cookies {
		names = append(names, c.Name)
	}
	return names
}

// dark chooses the colour scheme that the page is asked for.
func (b *tab) dark(on bool) {
	b.t.Helper()
	value := "light"
	if on {
		value = "dark"
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}}})
}

var unfit = regexp.MustCompile(`[^\pL\pN.-]+`)

// picture saves what the screen shows and returns where.
func (b *tab) picture(name string) string {
	dir, err := scratch()
	if err != nil {
		return err.Error()
	}
	return b.pictureAs(filepath.Join(dir, strings.Trim(unfit.ReplaceAllString(name, "_"), "_")+".png"))
}

func (b *tab) pictureAs(file string) string {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return err.Error()
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		return err.Error()
	}
	return file
}
