package e2e_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// What an administrator does at a desk.

const (
	newPassword = "a long enough phrase 2026"
	reason      = "核实来电：回访居民"
)

// TestTheConsole goes from the one-time password to what a resident typed.
func TestTheConsole(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	resident := open(t, common(), d.booth)
	resident.visit("/s/3.1/form")
	resident.fill()
	resident.step(forward)
	r := resident.receipt(way{"3", "3.1", "request"})
	soon(t, "the request is at the hub", atHub, func() bool { return has(pull(t, d.hub, d.token), r) })

	b := open(t, common(), d.hub)
	b.expect("status of (403|404|422)")
	b.signIn(d.password)
	b.showsTheBooth()
	record := b.findRequest(r)
	b.opensSealed(record)
	if t.Failed() {
		return
	}
	for _, p := range []panel{panels()[1], panels()[2]} {
		for _, dark := range []bool{false, true} {
			t.Run(fmt.Sprintf("%dx%d dark %v", p.w, p.h, dark), func(t *testing.T) { b.in(t).lookAtConsole(p, dark, record) })
		}
	}
	b.signOut()
}

// at checks where the browser is.
func (b *tab) at(path string) {
	b.t.Helper()
	b.await("the page "+path, fmt.Sprintf("location.pathname + location.search === %q && document.readyState === 'complete'", path))
}

// enter types into an entry of a form.
func (b *tab) enter(selector, text string) {
	b.t.Helper()
	b.tap(selector)
	b.do("empty "+selector, chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).value = ''", selector)))
	b.typeText(text)
}

// signIn is sent to the login page, mistypes, comes in, and must change the password.
func (b *tab) signIn(oneTime string) {
	b.t.Helper()
	b.visit("/log?kind=request.filed")
	b.at("/login?next=%2Flog%3Fkind%3Drequest.filed")
	b.report("login: ", b.axe())
	b.enter("#name", "admin")
	b.enter("#password", "not the password")
	b.step("main .primary")
	if b.text("#login-error") == "" {
		b.t.Error("a wrong password is not told")
	}
	b.report("login refused: ", b.axe())
	b.enter("#password", oneTime)
	b.step("main .primary")
	b.at("/password")
	b.visit("/log")
	b.at("/password") // and nowhere else
	b.report("password: ", b.axe())
	b.enter("#old", oneTime)
	b.enter("#new", newPassword)
	b.enter("#again", newPassword+"x")
	b.step("main .primary")
	if b.text("#again-error") == "" {
		b.t.Error("two passwords that differ are not told")
	}
	b.report("password refused: ", b.axe())
	b.enter("#old", oneTime)
	b.enter("#new", newPassword)
	b.enter("#again", newPassword)
	b.step("main .primary")
	b.at("/")
}

func (b *tab) showsTheBooth() {
	b.t.Helper()
	if got := b.text("table.booths tbody"); !strings.Contains(got, "07") || !strings.Contains(got, "北山街道") {
		b.t.Errorf("the page of booths says %q", got)
	}
	// The page keeps itself fresh.
	b.do("mark the table", chromedp.Evaluate[chromedp.Void]("window.marked = true; document.querySelector('table.booths').dataset.old = ''"))
	b.await("the page is fresh", "!document.querySelector('table.booths[data-old]')")
	if !b.is("window.marked") {
		b.t.Error("the page of booths was loaded anew as a whole")
	}
}

// findRequest filters the log and follows it to the record of a receipt.
func (b *tab) findRequest(r receipt) string {
	b.t.Helper()
	b.step(`.main-nav a[href="/log"]`)
	b.at("/log")
	b.do("choose a kind", chromedp.Evaluate[chromedp.Void]("document.querySelector('#kind').value = 'request.filed'"))
	b.step(".filters .primary")
	if !b.is("new URLSearchParams(location.search).get('kind') === 'request.filed'") {
		b.t.Errorf("the filter is not in the address: %s", eval[string](b, "location.search"))
	}
	rows := eval[[]string](b, "[...document.querySelectorAll('table.log tbody tr')].map((e) => e.innerText)")
	if len(rows) != 1 || !strings.Contains(rows[0], r.number) {
		b.t.Fatalf("the log has %q", rows)
	}
	if strings.Contains(eval[string](b, "document.documentElement.outerHTML"), phone) {
		b.t.Error("the log shows what is sealed")
	}
	b.step("table.log tbody th a")
	b.await("the record", "/^\\/log\\/[0-9]+$/.test(location.pathname)")
	if got := b.text("main"); !strings.Contains(got, r.number) || strings.Contains(got, phone) {
		b.t.Errorf("the record says %q", got)
	}
	return eval[string](b, "location.pathname")
}

// opensSealed opens what the resident typed: not without a reason, and not without
// a line in the audit.
func (b *tab) opensSealed(record string) {
	b.t.Helper()
	b.post(record+"/open", map[string]string{"reason": ""})
	if b.text("#reason-error") == "" || strings.Contains(b.text("main"), phone) {
		b.t.Errorf("without a reason: %q", b.text("main"))
	}
	b.visit(record)
	b.enter("#reason", reason)
	b.step(".sealed .primary")
	got := strings.ReplaceAll(b.text(".opened"), " ", "")
	if !strings.Contains(got, phone) || !strings.Contains(got, "王李") || !strings.Contains(got, "12") {
		b.t.Errorf("opened it says %q", got)
	}
	b.step(`.main-nav a[href="/audit"]`)
	if got := b.text("table.audit tbody"); !strings.Contains(got, reason) || !strings.Contains(got, "admin") {
		b.t.Errorf("the audit says %q", got)
	}
	b.back()
	if strings.Contains(b.text("body"), phone) {
		b.t.Error("going back shows what was opened")
	}
}

// lookAtConsole judges every page at a desk's size.
func (b *tab) lookAtConsole(p panel, dark bool, record string) {
	b.dark(dark)
	b.do("resize", chromedp.EmulateViewport(p.w, p.h))
	pages := []string{"/", "/log", "/log?kind=none", "/log?since=never", record, "/audit", "/password", "/nothing"}
	for _, lang := range []string{"zh", "en"} {
		for _, page := range pages {
			if lang == "en" && !slices.Contains([]string{"/", "/log", record}, page) {
				continue
			}
			b.visit(page)
			if lang == "en" {
				b.step(".top-end [name=to]")
			}
			b.judgeDesk(lang + " " + page + ": ")
			if lang == "en" {
				b.step(".top-end [name=to]")
			}
		}
	}
	b.post(record+"/open", map[string]string{"reason": reason})
	b.judgeDesk("opened: ")
}

// judgeDesk judges a page that is no touch screen: it may be long, not wide.
func (b *tab) judgeDesk(when string) {
	b.t.Helper()
	s := b.measure()
	wrong := b.axe()
	if s.ScrollWidth > s.Width {
		wrong = append(wrong, fmt.Sprintf("overflows to the right by %.0f px", s.ScrollWidth-s.Width))
	}
	b.report(when, wrong)
}

// signOut ends the session everywhere.
func (b *tab) signOut() {
	b.t.Helper()
	b.visit("/log")
	b.step(`form[action="/sign-out"] button`)
	b.at("/login")
	b.visit("/log")
	b.at("/login?next=%2Flog")
	if resp := download(b.t, b.base+"/log.csv"); bytes.Contains(resp, []byte("request.filed")) {
		b.t.Error("an export is served to nobody in particular")
	}
}
