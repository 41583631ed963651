package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAResidentBooksATime goes by touch from the home screen to the paper: a day, a
// time, and the words on the slip; then the last place of that time is gone.
func TestAResidentBooksATime(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	b := open(t, common(), d.booth)
	b.visit("/")
	r := b.serve(way{"5", "5.1", "request"})
	when := b.text(".booked-when")
	if !strings.Contains(when, "09:00–09:30") {
		t.Errorf("the confirmation says %q", when)
	}
	b.awaitSeen(`[data-when-print="done"]`, patience)
	b.shoot("booked")
	if qr := readQR(t, download(t, d.booth+r.slip+"/picture.png")); !strings.Contains(qr, r.number) {
		t.Errorf("the QR of the slip says %q", qr)
	}
	b.done()
	soon(t, "the booking is at the hub", atHub, func() bool { return has(pull(t, d.hub, d.token), r) })

	b.step(b.reach(`a[href="/f/5"]`))
	b.step(b.reach(`a[href="/s/5.1"]`))
	b.step(forward)
	b.tap(".option")
	b.step(forward)
	b.shoot("days")
	b.tap(".option.best")
	b.step(forward)
	b.shoot("times")
	if first := b.text(".option:first-child .free"); !strings.Contains(first, "候补") {
		t.Errorf("the time that is taken says %q", first)
	}
	b.tap(".option:first-child")
	b.step(forward)
	b.fill()
	b.step(forward)
	if state := b.text(".booked-state"); !strings.Contains(state, "候补 · 排在第 1 位") {
		t.Errorf("the confirmation says %q", state)
	}
	b.awaitSeen(`[data-when-print="done"]`, patience)
	b.shoot("waiting")
}

// shoot saves a picture where -shots names a folder.
func (b *tab) shoot(name string) {
	b.t.Helper()
	if *shots == "" {
		return
	}
	time.Sleep(300 * time.Millisecond)
	b.t.Log(b.pictureAs(filepath.Join(*shots, "booking-"+name+".png")))
}
