package e2e_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

const staffPIN = "204816"

// loneBooth runs a booth that belongs to no city.
func loneBooth(t *testing.T, diagonal float64) (*process, string) {
	t.Helper()
	addr := freeAddr(t)
	at := "http://" + addr
	return launch(t, at+"/readyz", "booth", "--data", filepath.Join(t.TempDir(), "booth"), "--addr", addr, "--printer", "sim:",
		"--door", "sim:", "--scanner", "sim:", "--setup", "never", "--diagonal", strconv.FormatFloat(diagonal, 'f', -1, 64)), at
}

// statusOf asks for a page as the browser would and returns the answer's status.
func (b *tab) statusOf(page screenPage) int {
	b.t.Helper()
	return eval[int](b, fmt.Sprintf(`fetch(%q, { method: %q, body: %s }).then((r) => r.status)`, page.URL, method(page), body(page)))
}

func method(page screenPage) string {
	if page.Fields == nil {
		return "GET"
	}
	return "POST"
}

func body(page screenPage) string {
	if page.Fields == nil {
		return "null"
	}
	js := "new URLSearchParams({"
	for name, value := range page.Fields {
		js += fmt.Sprintf("%q: %q,", name, value)
	}
	return js + "})"
}

// hold rests a finger on what a selector names.
func (b *tab) hold(selector string, d time.Duration) {
	b.t.Helper()
	p := b.find(selector)
	call(b, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: p.X, Y: p.Y}}})
	time.Sleep(d)
	call(b, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}})
}

// digits taps them on the keypad.
func (b *tab) digits(text string) {
	b.t.Helper()
	for _, d := range text {
		b.tap(fmt.Sprintf(`[data-key="%c"]`, d))
	}
}

func fields(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// TestStaffPagesFit looks at every page of the staff on four panels, as
// TestScreensFit does at those of the residents.
func TestStaffPagesFit(t *testing.T) {
	need(t, "chromium")
	for _, p := range panels() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			_, at := loneBooth(t, p.diagonal)
			b := open(t, p, at)
			b.expect(`network: Failed to load resource: the server responded with a status of (403|422|503)`)
			b.visit("/")
			look := func(name, url string, fields map[string]string) {
				t.Helper()
				b.lookAtStaff(p, screenPage{Name: name, URL: url, Fields: fields, Kind: "staff"})
			}
			look("new PIN", "/staff/pin", nil)
			look("short PIN", "/staff/pin", fields("digits", "12"))
			look("PIN again", "/staff/pin", fields("digits", staffPIN))
			b.post("/staff/pin", fields("digits", staffPIN, "first", staffPIN))
			b.at("/staff")
			for _, page := range b.staffPages() {
				look(page.Name, page.URL, page.Fields)
			}
			press(t, at, "paper-out")
			press(t, at, "door-open")
			b.visit("/staff/printer")
			b.awaitSeen(".state-fault", patience)
			look("printer without paper", "/staff/printer", nil)
			look("door open", "/staff/door", nil)
			press(t, at, "scan")
			look("scanner after a scan", "/staff/scanner", nil)
			look("overview in trouble", "/staff", nil)
			look("paper forms", "/staff/twins", nil)
			b.post("/staff/leave", fields())
			look("enter", "/staff/enter", nil)
			look("wrong PIN", "/staff/enter", fields("digits", "000001"))
			for range 4 {
				b.statusOf(screenPage{URL: "/staff/enter", Fields: fields("digits", "000001")})
			}
			look("locked out", "/staff/enter", fields("digits", staffPIN))
		})
	}
}

// staffPages lists the pages behind the PIN.
func (b *tab) staffPages() []screenPage {
	b.t.Helper()
	b.visit("/staff/printer")
	key := eval[string](b, "document.querySelector('[name=key]').value")
	slip := eval[string](b, fmt.Sprintf(`fetch('/staff/readiness', { method: 'POST', body: new URLSearchParams({key: %q}) }).then((r) => new URL(r.url).pathname)`, key))
	return []screenPage{
		{Name: "overview", URL: "/staff"},
		{Name: "printer", URL: "/staff/printer"},
		{Name: "self-check", URL: slip},
		{Name: "door", URL: "/staff/door"},
		{Name: "scanner", URL: "/staff/scanner"},
		{Name: "machine", URL: "/staff/board"},
		{Name: "network", URL: "/staff/network"},
		{Name: "log", URL: "/staff/log"},
		{Name: "clock", URL: "/staff/clock"},
		{Name: "clock wrong", URL: "/staff/clock", Fields: fields("digits", "19700101")},
		{Name: "clock check", URL: "/staff/clock", Fields: fields("digits", time.Now().AddDate(0, 1, 0).Format("200601021504"))},
		{Name: "language", URL: "/staff/language"},
		{Name: "on duty", URL: "/staff/duty"},
		{Name: "expected today", URL: "/staff/bookings"},
		{Name: "calls", URL: "/staff/calls"},
		{Name: "lending", URL: "/staff/lending"},
		{Name: "lent", URL: "/staff/lending/out"},
		{Name: "duty phone", URL: "/staff/phone"},
		{Name: "volume", URL: "/staff/volume"},
		{Name: "call for help", URL: "/staff/help"},
		{Name: "another PIN", URL: "/staff/pin"},
	}
}

// lookAtStaff looks at one page of the staff: in the usual variant always, in the
// others where its lot came up. A wrong PIN is one of five that there are.
func (b *tab) lookAtStaff(p panel, page screenPage) {
	b.t.Helper()
	page.Status = b.statusOf(page)
	for _, v := range variants() {
		if v != usual && (page.Name == "wrong PIN" || !drawn(4, p.name, v.String(), "staff "+page.Name)) {
			continue
		}
		b.prefer(v.lang, v.size)
		b.t.Run(page.Name+" "+v.String(), func(t *testing.T) {
			b := b.in(t)
			b.lookAt(p, v, page, nil)
			if *shots != "" {
				b.pictureAs(filepath.Join(*shots, unfit.ReplaceAllString(fmt.Sprintf("staff %s %s %s", page.Name, p.name, v), "-")+".png"))
			}
		})
	}
	b.prefer(usual.lang, usual.size)
}

// TestStaffComeInByALongPress goes the way of a person: rests a finger on the clock,
// sets the PIN of a new booth, tries printer and door, and leaves; after that
// nothing leads in without the PIN.
func TestStaffComeInByALongPress(t *testing.T) {
	t.Parallel()
	_, at := loneBooth(t, common().diagonal)
	b := open(t, common(), at)
	b.expect(`status of 403`)
	b.visit("/")
	b.hold(".clock", 800*time.Millisecond)
	time.Sleep(3 * time.Second)
	if !b.is("document.body.dataset.page === 'home'") {
		t.Fatal("a short touch leads to the staff's pages")
	}
	b.hold(".clock", 3500*time.Millisecond)
	b.awaitSeen("[data-digits=pin]", patience)
	for range 2 {
		b.digits(staffPIN)
		b.step(forward)
	}
	b.at("/staff")

	b.step(`a[href="/staff/printer"]`)
	b.step(forward)
	b.awaitSeen(`[data-when-print="done"]`, patience)
	b.await("the picture of the paper", "document.querySelector('[data-slip-picture]').naturalWidth > 300")
	b.step("[data-back]")
	b.step("[data-back]")
	b.step(`a[href="/staff/door"]`)
	b.awaitSeen(`[data-door="closed"]`, patience)
	press(t, at, "door-open")
	b.awaitSeen(`[data-door="open"]`, patience)
	press(t, at, "door-close")
	b.awaitSeen(`[data-door="closed"]`, patience)
	b.step("[data-back]")
	b.step(`a[href="/staff/scanner"]`)
	press(t, at, "scan")
	b.awaitSeen(`[data-scans="1"]`, patience)
	b.step("[data-back]")

	b.step("[data-home]")
	b.hold(".brand", 3500*time.Millisecond)
	b.at("/staff/enter")
	b.awaitSeen("[data-digits=pin]", patience)
	b.digits("000001")
	b.step(forward)
	b.errorIn("zh")
	b.digits(staffPIN)
	b.step(forward)
	b.at("/staff")
	b.step("[data-leave]")
	b.visit("/staff/door")
	b.at("/staff/enter")
}

// TestStaffComeInByKeyboard finds the link that no finger finds.
func TestStaffComeInByKeyboard(t *testing.T) {
	t.Parallel()
	_, at := loneBooth(t, common().diagonal)
	b := open(t, common(), at)
	b.visit("/")
	if b.seen("[data-staff-way]") {
		t.Error("the link shows to everybody")
	}
	b.do("focus by key", chromedp.Evaluate[chromedp.Void]("document.body.focus()"), chromedp.KeyEvent("\t"))
	b.awaitSeen("[data-staff-way]:focus", patience)
	b.report("", b.axe())
	if !b.is(fmt.Sprintf("document.querySelector('[data-staff-way]').getBoundingClientRect().height >= %v", leastTarget*common().mm())) {
		t.Error("the link is too small to be touched")
	}
	b.do("enter", chromedp.KeyEvent("\r"))
	b.awaitSeen("[data-digits=pin]", patience)
}

// TestTheScreenThatIsWipedSignsStaffOut leaves a staff page alone.
func TestTheScreenThatIsWipedSignsStaffOut(t *testing.T) {
	t.Parallel()
	_, at := loneBooth(t, common().diagonal)
	b := open(t, common(), at)
	b.visit("/")
	b.post("/staff/pin", fields("digits", staffPIN, "first", staffPIN))
	b.at("/staff")
	b.hurry(time.Second, time.Second, time.Second)
	b.await("home", "document.body.dataset.page === 'home'")
	b.visit("/staff")
	b.at("/staff/enter")
}
