package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// mark tells later whether a page is still the one that was loaded.
var mark = chromedp.Evaluate[chromedp.Void]("window.marked = true")

// refused is what a browser logs when nobody listens.
const refused = `Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|SOCKET_NOT_CONNECTED)`

// hurry shortens the page's times. The page reads them from its own attributes.
func (b *tab) hurry(idle, countdown, door time.Duration) {
	b.t.Helper()
	b.do("hurry", chromedp.Evaluate[chromedp.Void](fmt.Sprintf("Object.assign(document.body.dataset, { idle: %d, countdown: %d, doorCountdown: %d })",
		idle.Milliseconds(), countdown.Milliseconds(), door.Milliseconds())))
}

// TestNobodyIsThere leaves a half-filled form alone.
func TestNobodyIsThere(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	b := open(t, common(), d.booth)
	b.visit("/")
	b.change(`[data-lang="en"]`)
	b.change("[data-type]")
	b.change("[data-contrast]")
	b.step(b.reach(`a[href="/f/3"]`))
	b.step(b.reach(`a[href="/s/3.1"]`))
	b.step(forward)
	b.tap(".option:nth-child(2)")
	chosen := eval[string](b, "document.querySelector(':checked').value")
	if got := b.cookies(); !slices.Contains(got, "lang") || !slices.Contains(got, "type") || !slices.Contains(got, "contrast") {
		t.Errorf("cookies are %q", got)
	}

	b.hurry(1500*time.Millisecond, 6*time.Second, 3*time.Second)
	b.awaitSeen("[data-idle-dialog]", patience)
	b.report("countdown: ", append(b.measure().judge(common()), b.axe()...))
	b.tap("[data-idle-stay]")
	b.awaitGone("[data-idle-dialog]", patience)
	if got := eval[string](b, "document.querySelector(':checked')?.value ?? ''"); got != chosen {
		t.Errorf("after “stay” the choice is %q, was %q", got, chosen)
	}

	b.awaitSeen("[data-idle-dialog]", patience)
	b.await("home", "document.body.dataset.page === 'home' && document.readyState === 'complete'")
	b.wiped(chosen)
}

// wiped checks that nothing of a visit is left.
func (b *tab) wiped(answer string) {
	b.t.Helper()
	if got := eval[string](b, "location.pathname"); got != "/" {
		b.t.Errorf("the address is %s", got)
	}
	if got := b.cookies(); slices.Contains(got, "lang") || slices.Contains(got, "type") || slices.Contains(got, "contrast") {
		b.t.Errorf("cookies are left: %q", got)
	}
	if !b.is("document.documentElement.lang === 'zh' && !document.documentElement.matches('.large, .contrast')") {
		b.t.Error("language, type size or contrast is left")
	}
	b.back()
	if b.is(fmt.Sprintf("document.documentElement.outerHTML.includes(%q)", `value="`+answer+`" checked`)) || b.is("document.querySelector(':checked')") {
		b.t.Error("going back shows the answers of the visit before")
	}
}

// back goes back in the browser's history, to wherever that leads.
func (b *tab) back() {
	b.t.Helper()
	entries := call(b, page.GetNavigationHistory, cdp.Empty{})
	if entries.CurrentIndex == 0 {
		return
	}
	call(b, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: entries.Entries[entries.CurrentIndex-1].ID})
	time.Sleep(time.Second) // there may be nothing to wait for
}

// TestTheDoorShortensTheCountdown: one contact cannot tell who went in or out, so
// the door alone never wipes.
func TestTheDoorShortensTheCountdown(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	b := open(t, common(), d.booth)
	b.visit("/s/3.1/form")
	b.tap(".option")
	b.hurry(time.Second, time.Minute, 4*time.Second)
	b.awaitSeen("[data-idle-dialog]", patience)
	if n := eval[int](b, "Number(document.querySelector('[data-idle-count]').textContent)"); n < 30 {
		t.Fatalf("the countdown begins at %d", n)
	}
	press(t, d.booth, "door-open")
	time.Sleep(time.Second) // longer than a contact bounces
	press(t, d.booth, "door-close")
	b.await("a short countdown", "Number(document.querySelector('[data-idle-count]')?.textContent ?? 99) <= 4")
	if !b.seen("[data-idle-dialog]") || !b.is("document.querySelector(':checked')") {
		t.Error("the door wiped the screen at once")
	}
	b.await("home", "document.body.dataset.page === 'home'")
}

// TestTheScreenWakes lets a page rest and the booth put its panel out. The door and a
// finger wake both.
func TestTheScreenWakes(t *testing.T) {
	t.Parallel()
	lit := filepath.Join(t.TempDir(), "lit")
	_, at := newCity(t).booth(t, "07", common().diagonal, "--screen-on-cmd", "touch "+lit, "--screen-off-cmd", "rm "+lit, "--screen-away", "3s")
	b := open(t, common(), at)
	rests := func(want bool) {
		t.Helper()
		b.await(fmt.Sprint("a page that rests: ", want), fmt.Sprintf("document.documentElement.classList.contains('rest') === %v", want))
	}
	panel := func(want bool) {
		t.Helper()
		for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
			if _, err := os.Stat(lit); (err == nil) == want {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("the panel is not lit %v", want)
			}
		}
	}
	dark := func() {
		t.Helper()
		b.hurry(time.Second, time.Minute, time.Minute)
		rests(true)
		panel(false)
		b.hurry(time.Hour, time.Minute, time.Minute) // once awake it stays so
	}
	b.visit("/")
	dark()
	press(t, at, "door-open")
	rests(false)
	panel(true)
	press(t, at, "door-close")
	dark()
	b.tap("[data-attract]")
	rests(false)
	panel(true)
}

// TestTheBoothDiesUnderThePage kills the program between check and submission: the
// page waits, submits when there is someone again, and a second POST of the same
// form finds the same number.
func TestTheBoothDiesUnderThePage(t *testing.T) {
	t.Parallel()
	city := newCity(t)
	booth, at := city.booth(t, "07", common().diagonal)
	b := open(t, common(), at)
	b.expect(refused)
	b.visit("/s/3.1/form")
	b.fill()
	form := eval[string](b, "new URLSearchParams(new FormData(document.querySelector('#form'))).toString()")
	booth.kill()
	b.awaitSeen("[data-wait]", time.Minute)
	booth.start()
	b.awaitGone("[data-wait]", time.Minute)
	booth.kill()
	b.do("submit", chromedp.Evaluate[chromedp.Void]("document.querySelector('[data-forward]').click()")) // nobody to tell
	b.awaitSeen("[data-wait]", patience)
	b.report("waiting: ", append(b.measure().judge(common()), b.axe()...))
	booth.start()
	b.awaitSeen("[data-number]", time.Minute)
	r := b.receipt(way{"3", "3.1", "request"})

	again := eval[string](b, fmt.Sprintf(`fetch('/s/3.1/submit', { method: 'POST', body: new URLSearchParams(%q) }).then((r) => new URL(r.url).pathname)`, form))
	if again != r.slip {
		t.Errorf("the same form again led to %s, first to %s", again, r.slip)
	}
	b.visit(again)
	if got := b.text("[data-number]"); got != r.number {
		t.Errorf("the same form again says %s, first %s", got, r.number)
	}
	soon(t, "the request is at the hub", time.Minute, func() bool { return has(pull(t, city.url, city.token), r) })
	arrived(t, pull(t, city.url, city.token), []receipt{r})
}

// TestNothingIsFiledTwice taps twice, loads the confirmation anew, and goes back.
func TestNothingIsFiledTwice(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	b := open(t, common(), d.booth)
	b.visit("/s/3.1/form")
	b.fill()
	time.Sleep(tremor)
	p := b.find("[data-forward]")
	b.do("tap twice", chromedp.TapXY(p.X, p.Y), chromedp.TapXY(p.X, p.Y))
	b.awaitSeen("[data-number]", patience)
	r := b.receipt(way{"3", "3.1", "request"})
	b.do("load anew", chromedp.Reload())
	if got := b.text("[data-number]"); got != r.number {
		t.Errorf("loaded anew it says %q, first %q", got, r.number)
	}
	b.back()
	b.visit(r.slip)
	b.done()
	soon(t, "the request is at the hub", atHub, func() bool { return has(pull(t, d.hub, d.token), r) })
	arrived(t, pull(t, d.hub, d.token), []receipt{r})
	if n := len(requestsOf(pull(t, d.hub, d.token))); n != 1 {
		t.Errorf("%d requests were filed", n)
	}
}

func requestsOf(records []record) []record {
	return slices.DeleteFunc(slices.Clone(records), func(r record) bool { return r.Kind != "request.filed" })
}

// TestThePaperRunsOut: the number is on the screen whatever the printer does, the
// screen says what is the matter, and the paper comes when it can.
func TestThePaperRunsOut(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	b := open(t, common(), d.booth)
	for _, trouble := range []struct{ out, in, shows string }{
		{"paper-out", "paper-in", "no_paper"},
		{"cover-open", "cover-close", "cover_open"},
	} {
		t.Run(trouble.out, func(t *testing.T) {
			b := b.in(t)
			press(t, d.booth, trouble.out)
			b.visit("/")
			r := b.serve(way{"2", "2.3", "ticket"})
			if r.number == "" {
				t.Error("no number on the screen")
			}
			b.awaitSeen(`[data-when-print="`+trouble.shows+`"]`, patience)
			b.report("", append(b.measure().judge(common()), b.axe()...))
			press(t, d.booth, trouble.in)
			b.awaitSeen(`[data-when-print="done"]`, patience)
			b.step("[data-reprint]")
			b.awaitSeen(`[data-when-print="done"]`, patience)
			if got := b.text("[data-number]"); got != r.number {
				t.Errorf("after the reprint it says %q, first %q", got, r.number)
			}
			b.done()
		})
	}
}

// TestWhatIsWrongIsSaidAndNothingIsLost makes a mistake at each kind of question,
// in both languages.
func TestWhatIsWrongIsSaidAndNothingIsLost(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	b := open(t, common(), d.booth)
	b.expect("status of 422")
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			b := b.in(t)
			b.visit("/")
			b.is("fetch('/end', { method: 'POST' }).then((a) => a.ok)") // the visit of the other language
			b.prefer(lang, "normal")
			b.visit("/s/3.1/form")
			b.step(forward) // nothing chosen
			b.errorIn(lang)
			b.tap(".option:nth-child(3)")
			b.step(forward)
			b.step(forward)
			b.errorIn(lang)
			b.tap(".option")
			b.step(forward)
			b.step(forward) // the place's detail may be left out
			b.tap("[data-words]")
			b.typeText("灯坏了 <b>x</b>")
			b.change(`[data-lang="ko"]`)
			b.change(fmt.Sprintf("[data-lang=%q]", lang))
			if got := eval[string](b, "document.querySelector('[data-words]').value"); got != "灯坏了 <b>x</b>" {
				t.Errorf("after two changes of language the entry is %q", got)
			}
			b.step(forward)
			b.step("[data-yes]")
			b.tap("[data-phrase]")
			b.step(forward)
			b.tap(`[data-key="1"]`)
			b.step(forward)
			b.errorIn(lang)
			if got := eval[string](b, "document.querySelector('[data-phone]').value"); got != "1" {
				t.Errorf("the wrong number became %q", got)
			}
			carried := eval[string](b, "new URLSearchParams(new FormData(document.querySelector('#form'))).toString()")
			for _, field := range []string{"a.category=", "a.place=", "a.matter=", "a.consent=yes", "a.name="} {
				if !strings.Contains(carried, field) {
					t.Errorf("the page with the error no longer has %s", field)
				}
			}
		})
	}
}

// errorIn checks that the page says what is wrong, beside the question, in the
// screen's language.
func (b *tab) errorIn(lang string) {
	b.t.Helper()
	said := b.text("#error")
	chinese := strings.ContainsFunc(said, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff })
	if said == "" || chinese != (lang == "zh") {
		b.t.Errorf("the error in %s is %q", lang, said)
	}
	if !b.is("document.querySelector('[aria-describedby~=error]')") {
		b.t.Error("no entry is described by the error")
	}
}

// TestMarkupIsOnlyText types what would be a program on a careless page.
func TestMarkupIsOnlyText(t *testing.T) {
	t.Parallel()
	const evil = `"><img src=x onerror="window.evil=1"><script>window.evil=1</script>{{.}}`
	d := newDemo(t)
	b := open(t, common(), d.booth)
	b.visit("/s/3.1/form")
	for range 3 { // category, place, its detail
		if b.is("document.querySelector('.option')") {
			b.tap(".option")
		}
		b.step(forward)
	}
	b.tap("[data-words]")
	b.typeText(evil)
	b.step(forward)
	b.step("[data-no]")
	if !strings.Contains(b.text(".rows"), evil) {
		t.Errorf("the check page says %q", b.text(".rows"))
	}
	b.step(forward)
	b.awaitSeen("[data-number]", patience)
	if b.is("window.evil") {
		t.Error("the text ran as a program")
	}
}
