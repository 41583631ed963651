package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// What is left of a visit when it is over: nothing that was typed, anywhere.

// typed are the words of one visit, which stand nowhere else.
var typed = []string{"zq7wipe", "漏雨的阳台", "13843217788", "138 4321 7788"}

// openProfile opens a browser with a profile of its own in dir.
func openProfile(t *testing.T, base, dir string) *tab {
	t.Helper()
	return open(t, common(), base, chromedp.UserDataDir(dir))
}

// enterWords fills the worry's form with the typed words, and stops at the question
// for the phone number, which is entered and not yet sent.
func (b *tab) enterWords() {
	b.t.Helper()
	b.load("/")
	b.step(b.reach(`a[href="/f/3"]`))
	b.step(b.reach(`a[href="/s/3.1"]`))
	b.step(forward)
	for range 2 {
		b.tap(".option")
		b.step(forward)
	}
	b.tap("[data-words]")
	b.typeText(typed[0])
	b.step(forward)
	b.tap("[data-words]")
	b.typeText(typed[1])
	b.step(forward)
	b.step("[data-yes]")
	b.tap("[data-words]")
	b.typeText("王")
	b.step(forward)
	for _, d := range typed[2] {
		b.tap(fmt.Sprintf(`[data-key="%c"]`, d))
	}
	b.await("the number", fmt.Sprintf("document.querySelector('[data-phone]').value === %q", typed[3]))
	time.Sleep(time.Second) // what is being entered has gone to the program
}

// alive checks that the words are there before they are wiped: a test that looks in
// the wrong place finds nothing, too.
func (b *tab) alive() {
	b.t.Helper()
	all := eval[string](b, "[...document.querySelectorAll('input, textarea')].map((e) => e.value).join(' ')")
	for _, word := range typed[:3] {
		if !strings.Contains(strings.ReplaceAll(all, " ", ""), word) {
			b.t.Fatalf("the page does not hold %q: %s", word, all)
		}
	}
}

// gone checks the page, what lies behind it, and what the program remembers.
func (b *tab) gone(when string) {
	b.t.Helper()
	const js = `(async () => JSON.stringify({
		page: location.pathname + ' ' + document.body.dataset.page,
		dom: document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map((e) => e.value).join(' '),
		cookies: document.cookie,
		storage: JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + window.name,
		caches: (await caches.keys()).join(' ') + (await indexedDB.databases()).map((d) => d.name).join(' '),
		again: await (await fetch('/s/3.1/form')).text(),
	}))()`
	var found map[string]string
	if err := json.Unmarshal([]byte(eval[string](b, js)), &found); err != nil {
		b.t.Fatal(err)
	}
	if found["page"] != "/ home" {
		b.t.Errorf("%s: the screen is at %s", when, found["page"])
	}
	if found["storage"] != "{}{}" || found["caches"] != "" {
		b.t.Errorf("%s: stored: %q %q", when, found["storage"], found["caches"])
	}
	if !strings.Contains(found["again"], `name="a.category"`) {
		b.t.Errorf("%s: the program goes on with the form of the visit before", when)
	}
	for _, e := range call(b, page.GetNavigationHistory, cdp.Empty{}).Entries {
		found["history"] += e.URL + " " + e.Title + "\n"
	}
	for _, c := range b.cookies() {
		found["cookies"] += " " + c
	}
	for where, text := range found {
		for _, word := range typed {
			if strings.Contains(text, word) {
				b.t.Errorf("%s: %s holds %q", when, where, word)
			}
		}
	}
	b.back()
	for _, word := range typed {
		if b.is(fmt.Sprintf("(document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map((e) => e.value)).includes(%q)", word)) {
			b.t.Errorf("%s: going back shows %q", when, word)
		}
	}
}

// clean looks through all files below a folder for the typed words, in the encodings
// that browsers write. seen must be found there: it shows that the search can find.
func clean(t *testing.T, when, dir, seen string) {
	t.Helper()
	found := false
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // a file that has gone in the meantime
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		found = found || bytes.Contains(b, []byte(seen))
		for _, word := range typed {
			wide := make([]byte, 0, 2*len(word))
			for _, u := range utf16.Encode([]rune(word)) {
				wide = append(wide, byte(u), byte(u>>8))
			}
			if bytes.Contains(b, []byte(word)) || bytes.Contains(b, wide) {
				t.Errorf("%s: %s holds %q", when, path, word)
			}
		}
		return nil
	})
	if err != nil || !found {
		t.Errorf("%s: %s holds no %q either: the search finds nothing (%v)", when, dir, seen, err)
	}
}

func TestNothingTypedIsLeft(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	ways := []struct {
		name string
		end  func(b *tab)
	}{
		{"home", func(b *tab) {
			b.step("[data-home]")
			b.report("leaving: ", append(b.measure().judge(common()), b.axe()...))
			b.step("[data-stay]")
			b.alive()
			b.step("[data-home]")
			b.step("[data-erase]")
		}},
		{"idle", func(b *tab) { b.hurry(time.Second, 2*time.Second, time.Second) }},
		{"the door", func(b *tab) {
			b.hurry(500*time.Millisecond, time.Minute, time.Second)
			b.awaitSeen("[data-idle-dialog]", patience)
			press(b.t, d.booth, "door-open")
			time.Sleep(time.Second) // longer than a contact bounces
			press(b.t, d.booth, "door-close")
		}},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Run("in the browser", func(t *testing.T) { // which has ended after it
				b := openProfile(t, d.booth, dir)
				b.enterWords()
				b.alive()
				way.end(b)
				b.await("home", "document.body.dataset.page === 'home' && document.readyState === 'complete'")
				b.gone("after " + way.name)
			})
			clean(t, "after "+way.name, dir, "/assets/")
		})
	}
	clean(t, "in the end", filepath.Dir(d.token), "redstation")
}

// kill ends the browser as the kernel does when memory is short.
func (b *tab) kill() {
	b.t.Helper()
	p := chromedp.FromContext(b.ctx).Browser.Process()
	if p == nil {
		b.t.Fatal("the browser has no process")
	}
	if err := p.Kill(); err != nil {
		b.t.Fatal(err)
	}
	b.complaints.expect(".*")
}

// TestTheBrowserDiesInMidForm kills the browser and starts one that knows nothing.
func TestTheBrowserDiesInMidForm(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	dirs := [3]string{t.TempDir(), t.TempDir(), t.TempDir()}
	first := openProfile(t, d.booth, dirs[0])
	first.enterWords()
	first.alive()
	first.kill()

	second := openProfile(t, d.booth, dirs[1])
	soon(t, "the new browser goes on at the question", patience, func() bool {
		second.load("/")
		return second.is("document.querySelector('[data-phone]')")
	})
	second.alive()
	second.step(forward)
	if !second.is("document.querySelector('.check')") {
		t.Fatalf("it does not go on to the answers but to %q", second.text("h1"))
	}
	second.do("load anew", chromedp.Reload())
	second.await("the answers", "document.querySelector('.check') && document.readyState === 'complete'")
	second.alive()

	t.Run("and again, and somebody else comes in", func(t *testing.T) {
		second.kill()
		press(t, d.booth, "door-open")
		time.Sleep(time.Second)
		press(t, d.booth, "door-close")
		time.Sleep(time.Second)
		third := openProfile(t, d.booth, dirs[2])
		third.load("/")
		third.await("home", "document.body.dataset.page === 'home'")
		third.gone("after a crash")
	})
	clean(t, "after a crash", dirs[2], "/assets/")
	clean(t, "after a crash", filepath.Dir(d.token), "redstation")
}

// TestThePageDiesInMidForm kills the page alone: the browser's own process for it.
func TestThePageDiesInMidForm(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	b := open(t, common(), d.booth)
	b.expect(".*")
	b.enterWords()
	ctx, cancel := context.WithTimeout(b.ctx, time.Second)
	defer cancel()
	chromedp.Call(ctx, page.Crash, cdp.Empty{}) //nolint:errcheck // the page cannot answer
	other := open(t, common(), d.booth)
	soon(t, "another page goes on at the question", patience, func() bool {
		other.load("/")
		return other.is("document.querySelector('[data-phone]')")
	})
	other.alive()
}

// TestTwoTabsFileOnce submits the same form in two tabs of one browser.
func TestTwoTabsFileOnce(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	b := open(t, common(), d.booth)
	b.visit("/s/3.1/form")
	b.fill()
	second := eval[string](b, `fetch('/s/3.1/form').then((r) => r.text()).then((text) => {
		const form = new DOMParser().parseFromString(text, 'text/html').querySelector('#form');
		return new URLSearchParams(new FormData(form)).toString(); })`)
	b.step(forward)
	r := b.receipt(way{"3", "3.1", "request"})
	resp, err := http.Post(d.booth+"/s/3.1/submit", "application/x-www-form-urlencoded", strings.NewReader(second))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.Request.URL.Path != r.slip || !bytes.Contains(body, []byte(r.number)) {
		t.Errorf("the second tab is led to %s, the first to %s", resp.Request.URL.Path, r.slip)
	}
}
