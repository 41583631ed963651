package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fillNumber types a number that every question of the pack takes.
func (b *tab) fillNumber() {
	b.t.Helper()
	switch name := eval[string](b, `document.querySelector('[data-digits]').name`); {
	case name == "a.systolic":
		b.digits("135")
	case name == "a.diastolic":
		b.digits("85")
	case b.seen(`[data-key="."]`):
		b.digits("5.6")
	default:
		b.digits("72")
	}
}

// lend borrows the first thing of a service by touch, and returns the loan's number.
func (b *tab) lend(function, service, tag string) receipt {
	b.t.Helper()
	b.step(b.reach(`a[href="/f/` + function + `"]`))
	b.step(b.reach(`a[href="/s/` + service + `"]`))
	b.step(b.reach(`#main a[href="/s/` + service + `/form"]`))
	b.tap(".option:not(:has(:disabled))")
	b.step(forward)
	if tag != "" {
		b.digits(strings.ReplaceAll(tag, "-", ""))
		if got := eval[string](b, `document.querySelector('[data-digits]').value`); got != tag {
			b.t.Errorf("the keypad wrote %q, want %q", got, tag)
		}
	}
	b.step(forward)
	b.fill()
	b.step(forward)
	return b.receipt(way{function, service, "request"})
}

// bring brings a thing back by the number on it.
func (b *tab) bring(tag string) receipt {
	b.t.Helper()
	b.step(b.reach(`a[href="/f/12"]`))
	b.step(b.reach(`a[href="/s/12.1"]`))
	b.step(b.reach(`#main a[href="/return"]`))
	b.step("[data-type-tag]")
	b.digits(strings.ReplaceAll(tag, "-", ""))
	b.step(forward)
	b.step("[data-back-it]")
	return b.receipt(way{"12", "12.1", "return"})
}

// staff signs in and stays signed in.
func (b *tab) staff(path string) {
	b.t.Helper()
	b.visit("/staff")
	for range 2 { // a booth without a PIN asks for a new one twice
		if b.seen("[data-digits=pin]") {
			b.digits(staffPIN)
			b.step(forward)
		}
	}
	b.visit(path)
	if at := eval[string](b, "location.pathname"); at != path {
		b.t.Fatalf("got to %s, want %s", at, path)
	}
}

// TestLendingByTouch lends an umbrella at one booth and brings it back at another, with
// the line up and down, calls a ticket on two screens, and prints what was measured.
func TestLendingByTouch(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	_, home := c.booth(t, "07", 7, "--setup", "never")
	_, away := c.booth(t, "12", 7, "--setup", "never")
	b, other := open(t, panels()[0], home), open(t, panels()[0], away)

	b.staff("/staff/lending/12.1/umbrella")
	if got := b.text("[data-here]"); got != "6" {
		t.Errorf("%s umbrellas here, want the 6 of the pack", got)
	}
	b.step(`[data-stickers="1"]`)
	b.await("the stickers", "document.querySelector('[data-slip-picture]').naturalWidth > 200")
	src := eval[string](b, "document.querySelector('[data-slip-picture]').getAttribute('src')")
	tag := strings.TrimPrefix(readQR(t, download(t, home+src)), "RA1:")

	b.visit("/")
	lent := b.lend("12", "12.1", tag)
	b.done()
	other.visit("/")
	back := other.bring(tag)
	if back.number != tag {
		t.Errorf("the slip of the return says %q, want %q", back.number, tag)
	}
	other.done()
	soon(t, "the lender knows that it is back", time.Minute, func() bool {
		b.visit("/")
		b.staff("/staff/lending/out")
		return !b.is(fmt.Sprintf("document.querySelector('[data-loan=%q]')", lent.number))
	})
	b.staff("/staff/lending/12.1/umbrella")
	if !strings.Contains(b.text("main"), tag) {
		t.Errorf("the page does not say where %s is: %s", tag, b.text("main"))
	}

	c.hub.kill() // from here on with no line
	b.visit("/")
	second := b.lend("12", "12.1", "")
	b.done()
	book := b.lend("10", "10.4", "")
	b.done()
	tool := b.lend("8", "8.4", "")
	b.done()
	b.staff("/staff/lending/out")
	for _, r := range []receipt{second, book, tool} {
		if !b.is(fmt.Sprintf("document.querySelector('[data-loan=%q]')", r.number)) {
			t.Errorf("loan %s is not on the staff's page", r.number)
		}
	}
	b.visit("/")
	b.bring(tag) // carried home
	b.done()
	b.measures(t, c)
	b.callsTickets(t, home)
}

// measures prints what was measured, and finds it in no file of the booth.
func (b *tab) measures(t *testing.T, c *city) {
	b.step(b.reach(`a[href="/f/6"]`))
	b.step(b.reach(`a[href="/s/6.2"]`))
	b.step(b.reach(`#main a[href="/s/6.2/form"]`))
	for _, typed := range []string{"287", "193", "", "23.7"} {
		b.digits(typed)
		b.step(forward)
	}
	b.tap(".option")
	b.step(forward)
	b.step(forward)
	b.await("its picture", "document.querySelector('[data-slip-picture]').naturalWidth > 200")
	b.done()
	err := filepath.WalkDir(c.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil //nolint:nilerr // files come and go
		}
		text, _ := os.ReadFile(path)
		if strings.Contains(string(text), "23.7") || strings.Contains(string(text), "287 mmHg") {
			t.Errorf("%s holds what was measured", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// callsTickets draws two tickets and calls them.
func (b *tab) callsTickets(t *testing.T, home string) {
	display := open(t, panel{"second", 1920, 1080, 24}, home)
	display.visit("/calls")
	var labels []string
	for range 2 {
		b.visit("/")
		b.step(b.reach(`a[href="/f/5"]`))
		b.step(b.reach(`a[href="/s/5.2"]`))
		b.step(forward)
		labels = append(labels, b.receipt(way{"5", "5.2", "ticket"}).number)
	}
	b.await("one ahead", "/1/.test(document.querySelector('.ahead').textContent)")
	b.staff("/staff/calls")
	b.step("[data-next]")
	display.await("the number on the second screen", fmt.Sprintf("document.querySelector('.call-now')?.textContent.trim() === %q && document.querySelector('.flash')", labels[0]))
	b.step("[data-skip-call]")
	b.step("[data-next]")
	display.await("the next number", fmt.Sprintf("document.querySelector('.call-now')?.textContent.trim() === %q", labels[1]))
	b.tap("[data-call-back]")
	display.await("the one that had been skipped", fmt.Sprintf("document.querySelector('.call-now')?.textContent.trim() === %q", labels[0]))
}
