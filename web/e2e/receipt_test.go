package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
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

// worry files one and returns what stands on its paper.
func (b *tab) worry() (number, code string) {
	b.t.Helper()
	b.visit("/")
	r := b.serve(way{"3", "3.1", "request"})
	number, code, _ = strings.Cut(strings.TrimPrefix(readQR(b.t, download(b.t, b.base+r.slip+"/picture.png")), "RS1:"), ".")
	return number, code
}

// act lets the city do something to a case, as one of its systems does.
func (c *city) act(t *testing.T, token, number string, version int, rest string) {
	t.Helper()
	body := fmt.Sprintf(`{"booth":%q,"number":%q,"version":%d,%s}`, strings.Split(number, "-")[0], number, version, rest)
	req, err := http.NewRequest(http.MethodPost, c.url+"/api/v1/cases/do", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", body, resp.Status)
	}
}

// TestAReceiptIsShownAnsweredAndJudged types a receipt, sees what the city did with the
// line up, answers, sees the same with the line down, and scans it again.
func TestAReceiptIsShownAnsweredAndJudged(t *testing.T) {
	t.Parallel()
	city := newCity(t)
	token := strings.TrimSpace(run(t, "hub", "--data", city.data(), "token", "--name", "desk", "--scope", "cases"))
	p := panels()[0]
	_, at := city.booth(t, "11", p.diagonal, "--scanner", "wedge:")
	b := open(t, p, at)
	b.expect(`network: Failed to load resource: the server responded with a status of (409|422)`)
	number, code := b.worry()
	b.show(number, code)
	b.awaitSeen("[data-receipt]", patience)
	soon(t, "the city has it", atHub, func() bool { b.visit("/receipt"); return b.is(`document.querySelectorAll('.flow-done').length === 1`) })
	city.act(t, token, number, 1, `"deed":"accepted"`)
	city.act(t, token, number, 2, `"deed":"asked","text":{"zh":"请问是几号楼几单元的灯不亮？","en":"Which building and entrance?","ko":"몇 동입니까?"}`)
	soon(t, "the question arrives", atHub, func() bool { b.visit("/receipt"); return b.seen(`a[href="/receipt/say/answered"]`) })
	for _, v := range append(variants(), variant{"ko", "normal"}) {
		for i, path := range []string{"", "/words", "/data", "/say/answered", "/say/data_asked"} {
			if i > 0 && v != usual && !drawn(3, v.String(), path) {
				continue
			}
			b.prefer(v.lang, v.size)
			b.visit("/receipt" + path)
			b.report(v.String()+" "+path+": ", append(b.measure().judge(p), b.axe()...))
		}
	}
	b.prefer(usual.lang, usual.size)
	b.visit("/receipt")
	b.step(`a[href="/receipt/say/answered"]`)
	if got := b.text("h1"); !strings.Contains(got, "几号楼") {
		t.Errorf("the answer is asked for with %q", got)
	}
	b.tap("[data-phrase]")
	b.step(forward)
	b.step(forward)
	b.awaitSeen("[data-receipt]", patience)
	soon(t, "the city hears the answer", atHub, func() bool {
		b.visit("/receipt")
		return !b.seen(`a[href="/receipt/say/answered"]`) && !b.is(`document.querySelector('[data-receipt] .banner')`)
	})
	city.act(t, token, number, 4, `"deed":"done","outcome":"fixed","text":{"zh":"修好了"}`)
	soon(t, "the result arrives", atHub, func() bool { b.visit("/receipt"); return b.seen(`a[href="/receipt/say/rated"]`) })

	city.hub.stop()
	b.step(`form[action="/receipt/other"] button`)
	b.await("the page listens", "status.last !== null")
	b.keys("body", "RS1:"+number+"."+code)
	b.awaitSeen("[data-receipt]", patience)
	soon(t, "the receipt says since when it knows nothing", 2*time.Minute, func() bool { b.visit("/receipt"); return b.seen(".as-of") })
	b.report("line down: ", append(b.measure().judge(p), b.axe()...))
	b.step(`a[href="/receipt/say/rated"]`)
	b.tap(".option")
	b.step(forward)
	b.step(forward)
	b.step(forward)
	b.awaitSeen("[data-receipt] .banner", patience)
	if b.is(fmt.Sprintf("document.cookie.includes(%q) || location.href.includes(%q)", code, code)) {
		t.Error("the code stands in a cookie or an address")
	}
	city.hub.start()
}
