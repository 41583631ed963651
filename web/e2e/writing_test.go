package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
)

// Characters as a finger draws them, on a pad of 100 by 100: middle lines of
// hanzi-writer-data (kiosk/ink/ARPHICPL.TXT), rounded.
var handwritten = map[string][][][2]float64{
	"王": {{{30, 24}, {39, 25}, {74, 20}}, {{33, 51}, {42, 51}, {65, 47}, {71, 47}}, {{48, 26}, {52, 33}, {49, 74}}, {{12, 78}, {20, 81}, {84, 74}, {93, 78}}},
	"喆": {{{8, 42}, {38, 37}, {45, 38}}, {{22, 13}, {27, 17}, {24, 55}}, {{11, 58}, {17, 59}, {42, 56}}, {{11, 69}, {15, 73}, {19, 93}},
		{{17, 69}, {32, 67}, {37, 67}, {36, 80}, {33, 82}}, {{20, 85}, {33, 85}, {40, 86}}, {{49, 37}, {61, 36}, {88, 32}, {93, 33}}, {{63, 8}, {69, 14}, {66, 50}},
		{{52, 53}, {77, 51}, {83, 51}}, {{50, 64}, {54, 69}, {58, 89}}, {{56, 65}, {77, 61}, {83, 65}, {77, 77}}, {{59, 81}, {62, 82}, {82, 80}, {84, 80}}},
}

// stroke draws one line on the pad with a finger.
func (b *tab) stroke(line [][2]float64) {
	b.t.Helper()
	at := eval[struct{ X, Y, W, H float64 }](b, `(() => { const r = document.querySelector('[data-pad]').getBoundingClientRect(); return {X: r.x, Y: r.y, W: r.width, H: r.height}; })()`)
	touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
		call(b, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
	}
	kind := input.DispatchTouchEventTypeTouchStart
	size := min(at.W, at.H) * 0.9
	for _, p := range line {
		touch(kind, &input.TouchPoint{X: at.X + at.W/2 + (p[0]-50)/100*size, Y: at.Y + at.H/2 + (p[1]-50)/100*size})
		kind = input.DispatchTouchEventTypeTouchMove
	}
	touch(input.DispatchTouchEventTypeTouchEnd)
}

// draw writes a character on the pad and takes it from the candidates.
func (b *tab) draw(char string) {
	b.t.Helper()
	for _, line := range handwritten[char] {
		b.stroke(line)
	}
	b.take(char)
}

// take turns the candidates' pages until the text is there, and taps it.
func (b *tab) take(text string) {
	b.t.Helper()
	key := fmt.Sprintf(`[...document.querySelectorAll('[data-take]')].find((e) => e.textContent === %q)`, text)
	for range 12 {
		b.await("the candidates for all that was drawn", `(() => { const d = document.querySelector('[data-writing]').dataset; return d.asked === d.told; })()`)
		if b.is(key) {
			eval[bool](b, key+".dataset.e2e = 'take', true")
			b.tap("[data-e2e=take]")
			return
		}
		b.tap("[data-more-found]")
	}
	b.t.Fatalf("%s is no candidate; a page has %q", text, b.text("[data-found]"))
}

// pressKeys types on keys that are named by an attribute.
func (b *tab) pressKeys(attribute string, values ...string) {
	b.t.Helper()
	for _, v := range values {
		b.tap(fmt.Sprintf("[%s=%q]", attribute, v))
	}
}

func (b *tab) written(want string) {
	b.t.Helper()
	b.await("the field holds "+want, fmt.Sprintf("document.querySelector('[data-words]').value === %q", want))
}

// toName goes through the form of a worry to the question for the name.
func (b *tab) toName() {
	b.t.Helper()
	b.visit("/s/3.1/form")
	for range 12 {
		if b.is(`document.querySelector('textarea[name="a.name"]')`) {
			return
		}
		switch kind := eval[string](b, `document.querySelector('#form').className.match(/kind-(\w+)/)[1]`); kind {
		case "choice", "place", "date":
			b.tap(".option")
		case "consent":
			b.step("[data-yes]")
			continue
		}
		b.step(forward)
	}
	b.t.Fatal("the form does not ask for a name")
}

// covered lists the parts of the panel that lie over the field.
const coveredField = `(() => {
	const f = document.querySelector('[data-words]').getBoundingClientRect();
	return [...document.querySelectorAll('[data-writing], [data-writing] *')].filter((e) => {
		const r = e.getBoundingClientRect();
		return r.width > 0 && r.right > f.left + 1 && r.left < f.right - 1 && r.bottom > f.top + 1 && r.top < f.bottom - 1;
	}).map((e) => e.className || e.localName).join(' ');
})()`

// judgeWriting judges the page as it stands: sizes, gaps, and a field that nothing covers.
func (b *tab) judgeWriting(p panel, when string) {
	b.t.Helper()
	b.report(when+": ", append(b.measure().judge(p), b.axe()...))
	if over := eval[string](b, coveredField); over != "" {
		b.t.Errorf("%s: the field is covered by %s", when, over)
	}
	if *shots != "" {
		b.t.Log(b.picture(b.t.Name() + " " + when))
	}
}

// TestANameIsWrittenWithAFinger writes 王喆 on the pad and once more by pinyin, and
// finds it on the check page, on the lowest, the usual and the standing panel.
func TestANameIsWrittenWithAFinger(t *testing.T) {
	t.Parallel()
	need(t, "chromium")
	city := newCity(t)
	for i, p := range []panel{panels()[0], panels()[1], panels()[3]} {
		t.Run(p.name, func(t *testing.T) {
			_, at := city.booth(t, fmt.Sprintf("%02d", 31+i), p.diagonal)
			b := open(t, p, at)
			b.toName()
			if b.seen("[data-writing]") || !b.seen("[data-phrase]") {
				t.Error("words to tap do not come first")
			}
			b.tap("[data-writes]")
			b.judgeWriting(p, "an empty pad")
			b.stroke(handwritten["王"][0])
			b.stroke(handwritten["王"][1])
			b.await("candidates", "document.querySelectorAll('[data-take]').length > 5")
			b.judgeWriting(p, "two strokes")
			b.tap("[data-undo]")
			b.await("the second stroke has gone", "document.querySelectorAll('[data-pad] polyline').length === 1")
			b.tap("[data-clear]")
			b.await("the pad is empty", "document.querySelectorAll('[data-pad] polyline, [data-take]').length === 0")
			b.draw("王")
			b.draw("喆")
			b.written("王喆")
			b.tap("[data-undo]")
			b.written("王")
			b.tap("[data-clear]")
			b.written("")

			b.tap("[data-to-way=pinyin]")
			b.judgeWriting(p, "nine keys")
			wang, zhe := []string{"9", "2", "6", "4"}, []string{"9", "4", "3"}
			if b.seen("[data-type=z]") { // a standing panel has room for every letter
				wang, zhe = []string{"w", "a", "n", "g"}, []string{"z", "h", "e"}
			}
			b.pressKeys("data-type", wang...)
			b.take("王")
			b.pressKeys("data-type", zhe...)
			b.await("candidates", "document.querySelectorAll('[data-take]').length > 5")
			b.judgeWriting(p, "zhe")
			b.take("喆")
			b.written("王喆")
			b.tap("[data-to-way=abc]")
			b.judgeWriting(p, "letters")

			b.step(forward)
			b.fill()
			if main := eval[string](b, "document.querySelector('main').textContent"); !strings.Contains(main, "王喆") { // perhaps on a page that is not turned to
				t.Errorf("the check page does not show the name: %s", main)
			}
		})
	}
}

// TestWritingFits judges every way of writing in the languages and sizes that today's
// lot draws (E2E_ALL=1 takes all), on every panel.
func TestWritingFits(t *testing.T) {
	t.Parallel()
	need(t, "chromium")
	city := newCity(t)
	for i, p := range panels() {
		t.Run(p.name, func(t *testing.T) {
			_, at := city.booth(t, fmt.Sprintf("%02d", 35+i), p.diagonal)
			b := open(t, p, at)
			for _, lang := range []string{"zh", "en", "ko"} {
				for _, size := range []string{"normal", "large"} {
					if !drawn(6, "writing", p.name, lang, size) {
						continue
					}
					b.prefer(lang, size)
					b.toName()
					b.tap("[data-writes]")
					for _, way := range eval[[]string](b, "[...document.querySelectorAll('[data-to-way]')].map((e) => e.dataset.toWay)") {
						b.tap("[data-to-way=" + way + "]")
						if way == "draw" {
							b.stroke(handwritten["王"][0])
							b.await("candidates", "document.querySelector('[data-take]')")
						}
						b.judgeWriting(p, lang+" "+size+" "+way)
					}
				}
			}
		})
	}
}

// TestLettersAndHangulAreComposed types on the keys of the other languages.
func TestLettersAndHangulAreComposed(t *testing.T) {
	t.Parallel()
	need(t, "chromium")
	_, at := newCity(t).booth(t, "34", common().diagonal)
	b := open(t, common(), at)
	b.prefer("ko", "large")
	b.toName()
	b.tap("[data-writes]")
	b.judgeWriting(common(), "Hangul")
	for _, letter := range []string{"ㄱ", "ㅣ", "ㅁ", " ", "ㄱ", "ㅏ", "ㅂ", "ㅅ", "ㅇ", "ㅣ"} {
		for range 3 {
			if b.seen(fmt.Sprintf("[data-letter=%q]", letter)) {
				break
			}
			b.tap("[data-more-letters]")
		}
		b.pressKeys("data-letter", letter)
	}
	b.written("김 값이")
	b.tap("[data-clear]")
	b.tap("[data-to-way=abc]")
	b.pressKeys("data-letter", "A", "n", "n", " ", "L")
	b.tap("[data-undo]")
	b.written("Ann ")
	b.judgeWriting(common(), "letters")
}
