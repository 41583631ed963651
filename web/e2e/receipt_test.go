package e2e_test

import (
	"strconv"
	"strings"
	"testing"
)

// show opens a receipt on the screen with the keys, as a resident types it.
func (b *tab) show(number, code string) {
	b.t.Helper()
	b.visit("/receipt")
	b.step(`a[href="/receipt/type"]`)
	b.press(number)
	b.step(forward)
	b.press(code)
	b.step(forward)
}

// press presses the keys of a receipt's number or code, turning layers where the panel
// shows one at a time.
func (b *tab) press(text string) {
	b.t.Helper()
	for _, key := range text {
		selector := `[data-paper-key="` + string(key) + `"]`
		for n := 0; !b.seen(selector) && n < 3; n++ {
			b.tap(`[data-paper-key="layer"]`)
		}
		b.tap(selector)
	}
}

func TestZZLook(t *testing.T) {
	for _, p := range panels() {
		t.Run(p.name, func(t *testing.T) {
			d := newDemo(t, "--diagonal", strconv.FormatFloat(p.diagonal, 'f', -1, 64))
			b := open(t, p, d.booth)
			b.visit("/")
			b.step(b.reach(`a[href="/f/3"]`))
			r := b.serve2(way{"3", "3.1", "request"})
			number, code, _ := strings.Cut(strings.TrimPrefix(readQR(t, download(t, d.booth+r.slip+"/picture.png")), "RS1:"), ".")
			for _, v := range variants()[:4] {
				b.prefer(v.lang, v.size)
				b.visit("/receipt")
				t.Log(b.pictureAs("/tmp/cases/" + p.name + v.String() + "-ask.png"))
				for _, w := range b.measure().judge(p) {
					t.Log("ask", v, w)
				}
				b.step(`a[href="/receipt/type"]`)
				b.pictureAs("/tmp/cases/" + p.name + v.String() + "-number.png")
				for _, w := range b.measure().judge(p) {
					t.Log("number", v, w)
				}
				b.press(number)
				b.step(forward)
				b.press(code[:6])
				b.pictureAs("/tmp/cases/" + p.name + v.String() + "-code.png")
				for _, w := range b.measure().judge(p) {
					t.Log("code", v, w)
				}
				b.press(code[6:])
				b.step(forward)
				b.pictureAs("/tmp/cases/" + p.name + v.String() + "-open.png")
				for _, w := range b.measure().judge(p) {
					t.Log("open", v, w)
				}
				b.step(`form[action="/receipt/other"] button`)
			}
		})
	}
}

func (b *tab) serve2(w way) receipt {
	b.step(b.reach(`a[href="/s/` + w.service + `"]`))
	b.step(forward)
	b.fill()
	b.step(forward)
	return b.receipt(w)
}
