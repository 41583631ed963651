package e2e_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// keys types into the page as a scanner does that is a keyboard: all keys at once.
func (b *tab) keys(at, text string) {
	b.t.Helper()
	eval[int](b, fmt.Sprintf(`(() => {
		const at = document.querySelector(%q);
		const keys = [...%q, 'Enter'];
		return keys.filter((key) => at.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))).length;
	})()`, at, text))
}

// TestAScannerThatTypes holds a code before the demo's page: it wakes the screen, is
// told that the code has no use here, and the code itself is nowhere.
func TestAScannerThatTypes(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	b := open(t, common(), d.booth)
	b.visit("/s/3.1/form")
	b.do("watch", mark)
	eval[int](b, `(() => {
		window.scans = [], window.notes = 0;
		document.addEventListener('scan', () => window.scans.push(document.documentElement.className));
		new MutationObserver(() => { if (!document.querySelector('[data-scan-note]').hidden) window.notes++; })
			.observe(document.body, { attributes: true, subtree: true, attributeFilter: ['hidden'] });
		return 0;
	})()`)
	b.await("the state of the booth", "status.last !== null")
	b.keys("body", "short")
	b.keys("input", "SB1:INAFIELD")
	b.keys("body", "SB1:7K3QF9TZ2M")
	b.await("a note", "window.notes > 0")
	if n := eval[int](b, "window.scans.length"); n != 1 {
		t.Errorf("the page was told of %d scans, want 1", n)
	}
	b.awaitGone("[data-scan-note]", patience)
	if b.is("document.documentElement.outerHTML.includes('7K3QF9TZ2M') || location.href.includes('7K3Q')") {
		t.Error("the code stands in the page or in its address")
	}
	if strings.Contains(d.printed(), "7K3QF9TZ2M") {
		t.Error("the code stands in the log")
	}
	if !b.is("window.marked && document.body.dataset.page === 'question'") {
		t.Error("the code pressed a button")
	}
}

// TestTheNoteIsOneLine shows the note about a code that has no use, on every panel.
func TestTheNoteIsOneLine(t *testing.T) {
	t.Parallel()
	for _, p := range panels() {
		t.Run(p.name, func(t *testing.T) {
			b := open(t, p, newDemo(t, "--diagonal", strconv.FormatFloat(p.diagonal, 'f', -1, 64)).booth)
			for _, v := range variants() {
				b.prefer(v.lang, v.size)
				b.visit("/")
				eval[int](b, "document.querySelector('[data-scan-note]').hidden = false, 0")
				const lines = `(() => { const n = document.querySelector('[data-scan-note]'), s = getComputedStyle(n);
					return Math.round((n.clientHeight - parseFloat(s.paddingTop) - parseFloat(s.paddingBottom)) / parseFloat(s.lineHeight)); })()`
				if n := eval[int](b, lines); n != 1 {
					t.Errorf("%s: it has %d lines", v, n)
				}
				wrong := b.axe()
				if b.is("document.querySelector('.head').getBoundingClientRect().top === 0") { // a low panel has room only over a tile
					wrong = append(wrong, b.measure().judge(p)...)
				}
				b.report(v.String()+": ", wrong)
			}
		})
	}
}
