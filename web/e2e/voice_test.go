package e2e_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// overhear notes what a page plays: the clip, how loud, and what is pointed at or written
// in its caption at that moment. It plays fast, since nobody listens.
const overhear = `
window.heard = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  this.playbackRate = 8;
  window.noted = false; // a change of the rate is told as another beginning
  if (!window.player) {
    window.player = this;
    this.addEventListener('playing', () => {
      if (window.noted) return;
      window.noted = true;
      const said = document.querySelector('.said');
      const caption = document.querySelector('[data-caption]');
      window.heard.push({ clip: this.src.split('/').pop().replace('.opus', ''), loud: this.volume,
        text: (said?.textContent ?? '').replace(/\s+/g, ' ').trim(), caption: caption.hidden ? '' : caption.textContent, of: said?.dataset.say ?? '' });
    });
  }
  return play.call(this);
};`

// played is one clip as a page played it.
type played struct {
	Clip, Text, Caption, Of string
	Loud                    float64
}

// clipOf returns the name of the clip for a text: the rule of package voice, written once more.
func clipOf(lang, text string) string {
	sum := sha256.Sum256([]byte(lang + "\n" + text))
	return hex.EncodeToString(sum[:8])
}

// listenTo presses the button and returns what was played until the page was silent again.
func (b *tab) listenTo() []played {
	b.t.Helper()
	b.do("forget", chromedp.Evaluate[chromedp.Void]("window.heard.length = 0"))
	b.tap("[data-read]")
	if !b.seen(`[data-when-reading="yes"]`) {
		b.t.Error("while it reads, the button does not say how to stop")
	}
	soon(b.t, "the page has been read", 2*time.Minute, func() bool { return b.seen(`[data-when-reading="no"]`) })
	var heard []played
	if err := json.Unmarshal([]byte(eval[string](b, "JSON.stringify(window.heard)")), &heard); err != nil {
		b.t.Fatal(err)
	}
	return heard
}

// marked returns the clips of what is visible, in the order of the page.
func (b *tab) marked() []string {
	b.t.Helper()
	return strings.Fields(eval[string](b, `[...document.querySelectorAll('[data-say]')].filter((e) => {
  const sheet = e.closest('[data-pager-text]')?.getBoundingClientRect(), box = e.getBoundingClientRect();
  return e.checkVisibility() && (!sheet || box.left >= sheet.left - 2 && box.right <= sheet.right + 2);
}).map((e) => e.dataset.say).join(' ')`))
}

// TestPagesAreReadAloud listens to five kinds of pages.
func TestPagesAreReadAloud(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	b := open(t, common(), d.booth)
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: overhear})
	toConsent := func() {
		b.visit("/s/3.1/form")
		for range 9 {
			if b.seen("[data-yes]") {
				return
			}
			if b.seen(".option") && !b.is("document.querySelector(':checked')") {
				b.tap(".option")
			}
			b.step(forward)
		}
		b.t.Fatal("the form does not ask for consent")
	}
	for _, tt := range []struct {
		name, lang string
		reach      func()
		first      string // what is said first
		also       string // what is said as well
	}{
		{"home", "zh", func() { b.visit("/") }, "您想办什么事？", "诉求直通"},
		{"home in Korean", "ko", func() { b.visit("/") }, "무엇을 도와드릴까요?", "민원 직통"},
		{"a question", "zh", func() { b.visit("/s/3.1/form") }, "是哪一类的事？", "噪声扰民"},
		{"consent", "zh", toConsent, "留个联系方式，可以吗？", "您的称呼和电话。"},
		{"a page to read", "zh", func() { b.visit("/s/12.4") }, "应急防汛停水停电通知", "急用电话"},
		{"a slip", "zh", func() { b.visit("/s/2.3"); b.step(".take-form " + forward) }, "取好了。您的号码", "请在驿站内坐等，听工作人员叫号。"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := b.in(t)
			b.prefer(tt.lang, "normal")
			tt.reach()
			want := b.marked()
			heard := b.listenTo()
			var got []string
			also := false
			for _, h := range heard {
				got = append(got, h.Clip)
				also = also || h.Clip == clipOf(tt.lang, tt.also)
				if !strings.Contains(" "+h.Of+" ", " "+h.Clip+" ") {
					t.Errorf("while %s is said, the page points at %q (%s)", h.Clip, h.Text, h.Of)
				}
				if h.Loud != 0.75 {
					t.Errorf("volume is %v, want 0.75", h.Loud)
				}
			}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("got  %v\nwant %v, as the page is marked", got, want)
			}
			if len(got) == 0 || got[0] != clipOf(tt.lang, tt.first) || !also {
				t.Errorf("of %q first and %q too, got %v", tt.first, tt.also, got)
			}
			if tt.name == "home" && len(heard) > 0 && heard[0].Caption != tt.first {
				t.Errorf("the heading, which is not seen, has the caption %q", heard[0].Caption)
			}
		})
	}
}

// TestReadingStops presses the button, then does something else.
func TestReadingStops(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	b := open(t, common(), d.booth)
	b.expect("status of 404")
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: strings.Replace(overhear, "= 8", "= 1", 1)})
	speaking := func() {
		t.Helper()
		b.tap("[data-read]")
		b.await("it speaks", "window.player && !window.player.paused && document.querySelector('.said')")
	}
	silent := func(when string) {
		t.Helper()
		b.await("silence "+when, "window.player.paused && !document.querySelector('.said')")
	}
	b.visit("/")
	speaking()
	b.tap("[data-read]")
	silent("after another touch")
	speaking()
	b.step(b.reach(`a[href="/f/3"]`))
	silent("on another page")
	speaking()
	b.step("[data-home]")
	silent("at home")
	b.visit("/s/3.1/form")
	speaking()
	b.hurry(time.Millisecond, time.Minute, time.Minute)
	b.awaitSeen("[data-idle-dialog]", patience)
	silent("when it asks whether anybody is there")

	b.visit("/s/3.1/form")
	b.do("spoil a clip", chromedp.Evaluate[chromedp.Void](`{ const [, hint] = document.querySelectorAll('[data-say]'); hint.dataset.say = '0123456789abcdef'; }`))
	b.tap("[data-read]")
	b.await("what follows the missing clip is said", fmt.Sprintf("window.heard.some((h) => h.clip === %q)", clipOf("zh", "下水管道")))
	b.tap("[data-read]")
	b.visit("/")
	b.do("mute", chromedp.Evaluate[chromedp.Void](`document.body.dataset.volume = 0; document.dispatchEvent(new Event('page'))`))
	if b.seen("[data-read]") {
		t.Error("a booth without sound offers to read aloud")
	}
}
