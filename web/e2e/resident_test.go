package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a resident does with a finger.

const (
	phone   = "13843215678"
	forward = ".foot [data-forward], .take-form [data-forward]"
)

// receipt is what a resident has in the end.
type receipt struct {
	service, what string // "3.1", "request"
	number        string // "" on a leaflet
	slip          string // path of its page
	first, taps   int    // touches from the home screen to the first question, or to what is asked first, and to the receipt
}

// way is a service and what can be done with it: the path of a leaf of the screen.
type way struct{ function, service, what string }

// ways lists everything that is open, as the pages offer it.
func (b *tab) ways() []way {
	b.t.Helper()
	const js = `(async () => {
		const page = async (url) => new DOMParser().parseFromString(await (await fetch(url)).text(), 'text/html');
		const hrefs = (doc, start) => [...doc.querySelectorAll('a[href^="' + start + '"]')].map((a) => a.getAttribute('href'));
		const found = [];
		for (let f = 1; f <= 12; f++) {
			for (const s of hrefs(await page('/f/' + f), '/s/')) {
				const doc = await page(s);
				const more = hrefs(doc, s + '/').map((w) => w.split('/').pop());
				const own = [...doc.querySelectorAll('form[action^="' + s + '"]')].map((e) => e.getAttribute('action').split('/').pop());
				for (const what of more.length ? more : own) found.push([String(f), s.slice(3), what]);
			}
		}
		return found;
	})()`
	var found [][3]string
	if err := json.Unmarshal(eval[[]byte](b, js), &found); err != nil {
		b.t.Fatal(err)
	}
	var ways []way
	for _, f := range found {
		if !slices.Contains([]string{"form", "ticket", "info", "leaflet"}, f[2]) {
			continue // it ends in no slip: results, a call, a thing that is brought back
		}
		ways = append(ways, way{f[0], f[1], map[string]string{"form": "request", "leaflet": "info"}[f[2]]})
		if w := &ways[len(ways)-1]; w.what == "" {
			w.what = f[2]
		}
	}
	return ways
}

// reach turns the pages of a list until what the selector names can be touched.
func (b *tab) reach(selector string) string {
	b.t.Helper()
	for range 20 {
		if b.seen(selector) {
			return selector
		}
		b.tap("[data-pager-next]")
	}
	b.t.Fatalf("%s is on no page of the list", selector)
	return ""
}

// serve goes from the home screen to the receipt of one way, and leaves it shown.
func (b *tab) serve(w way) receipt {
	b.t.Helper()
	before := *b.touches
	b.step(b.reach(`a[href="/f/` + w.function + `"]`))
	b.step(b.reach(`a[href="/s/` + w.service + `"]`))
	fork := `#main a[href="/s/` + w.service + `/` + map[string]string{"request": "form", "ticket": "ticket", "info": "info"}[w.what] + `"]`
	if b.is(fmt.Sprintf("document.querySelector(%q)", fork)) {
		b.step(b.reach(fork))
	} else if w.what == "request" {
		b.step(forward)
	}
	if w.what == "request" {
		if !b.is("document.querySelector('#form')") { // the fork led to the service's first page
			b.step(forward)
		}
	}
	first := *b.touches - before
	if w.what == "request" {
		b.fill()
	}
	b.step(forward)
	r := b.receipt(w)
	r.first, r.taps = first, *b.touches-before
	return r
}

// fill answers all questions of a form, up to the check page.
func (b *tab) fill() {
	b.t.Helper()
	for range 20 {
		switch kind := eval[string](b, `document.querySelector('#form').className.match(/kind-(\S+)|check/).filter(Boolean).pop()`); kind {
		case "check":
			return
		case "choice", "place", "date", "item":
			b.tap(".option:not(:has(:disabled))")
		case "slot", "slot_time", "event":
			b.tap(b.reach(".option:not(.off)"))
		case "phone":
			if !b.seen("[data-phone]") { // a number, or the tag of a thing, which need not be told
				if b.seen("[data-digits=number]") {
					b.fillNumber()
				}
				break
			}
			for _, digit := range phone {
				b.tap(`[data-key="` + string(digit) + `"]`)
			}
			if got := eval[string](b, `document.querySelector('[data-phone]').value`); got != "138 4321 5678" {
				b.t.Errorf("the keypad wrote %q", got)
			}
		case "text", "detail":
			if b.seen("[data-phrase]") {
				b.tap("[data-phrase]")
				b.tap("[data-phrase]:nth-child(2)")
			}
		case "consent":
			b.step("[data-yes]")
			continue
		default:
			b.t.Fatalf("what is a question of kind %q?", kind)
		}
		b.step(forward)
	}
	b.t.Fatal("the form does not end")
}

// receipt reads the confirmation that is shown.
func (b *tab) receipt(w way) receipt {
	b.t.Helper()
	if !b.is("document.querySelector('[data-slip]')") {
		b.t.Fatalf("service %s: no confirmation but the page %q", w.service, b.text("h1"))
	}
	r := receipt{service: w.service, what: w.what, number: b.text("[data-number]"), slip: eval[string](b, "location.pathname")}
	if r.number == "" && r.what == "request" {
		r.what = "print" // what is on the paper is kept nowhere
	}
	return r
}

// done leaves the confirmation.
func (b *tab) done() {
	b.t.Helper()
	b.step("[data-done]")
	b.await("home", "document.body.dataset.page === 'home'")
}

// download gets a file of the booth.
func download(t *testing.T, url string) []byte {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("get %s: %s, %v", url, resp.Status, err)
	}
	return body
}

// readQR reads the QR of a picture with a program that is not ours.
func readQR(t *testing.T, png []byte) string {
	t.Helper()
	tool := need(t, "zbarimg")
	file := filepath.Join(t.TempDir(), "receipt.png")
	if err := os.WriteFile(file, png, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file).Output()
	if err != nil {
		t.Fatalf("zbarimg reads nothing from %d bytes: %v", len(png), err)
	}
	return strings.TrimSpace(string(out))
}

// arrived checks that the hub has each receipt once, and every stream without a gap.
func arrived(t *testing.T, records []record, receipts []receipt) {
	t.Helper()
	times := map[string]int{}
	kinds := map[string]string{"ticket.issued": "ticket", "request.filed": "request", "booking.made": "request", "registration.made": "request", "loan.lent": "request", "survey.answered": "request", "duty.taken": "duty"}
	for _, r := range records {
		if what := kinds[r.Kind]; what != "" {
			times[what+" "+r.number()]++
		}
		if what := map[string]string{"leaflet.taken": "info", "print.made": "print"}[r.Kind]; what != "" {
			times[what]++
		}
	}
	numberless := map[string]int{}
	for _, r := range receipts {
		if r.what == "follow" || r.what == "call" {
			continue // they have no number: see arrivedCalls
		}
		if r.what == "info" || r.what == "print" {
			numberless[r.what]++
		} else if n := times[r.what+" "+r.number]; n != 1 {
			t.Errorf("the hub has %s %s of service %s %d times", r.what, r.number, r.service, n)
		}
	}
	for _, what := range []string{"info", "print"} {
		if times[what] != numberless[what] {
			t.Errorf("the hub has %d of %s, want %d", times[what], what, numberless[what])
		}
	}
	next := map[string]uint64{}
	for _, r := range records {
		stream := r.Booth + " " + r.Epoch + " " + r.Lane
		if r.Seq != next[stream]+1 {
			t.Errorf("stream %s: record %d comes after %d", stream, r.Seq, next[stream])
		}
		next[stream] = r.Seq
	}
}

// has says whether the hub has a receipt.
func has(records []record, r receipt) bool {
	return slices.ContainsFunc(records, func(x record) bool { return r.number != "" && x.number() == r.number })
}
