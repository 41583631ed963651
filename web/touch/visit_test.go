package touch_test

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"redstation/kiosk"
	"redstation/web/touch"
)

const worry = "/s/3.1/form"

// another returns the rig with a browser that knows nothing yet.
func (r *rig) another() *rig {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	fresh, browser := *r, *r.browser
	browser.Jar = jar
	fresh.browser = &browser
	return &fresh
}

// listen opens the event stream of the browser's page, and waits for its first word.
func (r *rig) listen() (stop func()) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", r.server.URL+"/events", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := r.browser.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := resp.Body.Read(make([]byte, 1)); err != nil {
		r.t.Fatal(err)
	}
	return func() {
		cancel()
		resp.Body.Close()
	}
}

// half fills the worry's form up to the question of the matter.
func (r *rig) half() page {
	r.t.Helper()
	p := r.post(worry, with(r.get(worry).form(), "a.category", "drains"))
	p = r.post(worry, with(p.form(), "a.place", "beishan"))
	return r.post(worry, with(p.form(), "d.place", "3号楼")).want(200, `name="a.matter"`)
}

func TestAPageThatIsLoadedAnewGoesOnWhereItWas(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	was := r.half()
	again := r.get(worry).want(200, `name="a.matter"`)
	if got, want := again.form().Encode(), was.form().Encode(); got != want {
		t.Errorf("the form carries %s, before %s", got, want)
	}
	t.Run("also after going back to the service", func(t *testing.T) {
		p := r.post(worry, with(again.form(), "a.matter", "管道堵了", "go", "to:category"))
		r.post(worry, with(p.form(), "go", "back")).want(200, "data-forward")
		p = r.get(worry).want(200, `name="a.category"`)
		if v := p.form(); v.Get("a.matter") != "管道堵了" || v.Get("d.place") != "3号楼" {
			t.Errorf("answers were lost: %v", v)
		}
	})
	t.Run("and one form begun does not lose the other", func(t *testing.T) {
		r.get("/s/3.1").want(200)
		if v := r.get(worry).form(); v.Get("d.place") != "3号楼" {
			t.Errorf("answers were lost: %v", v)
		}
	})
	t.Run("with what was being entered", func(t *testing.T) {
		p := r.get(worry)
		if kept := r.post(worry, with(p.form(), "a.category", "noise", "go", "keep")); kept.status != 204 || kept.body != "" {
			t.Errorf("keeping answers with %d", kept.status)
		}
		r.get(worry).want(200, `value="noise" checked`)
	})
	t.Run("but not in another browser", func(t *testing.T) {
		r.another().get(worry).want(200, `name="a.category"`)
	})
}

func TestHomeAsksBeforeItWipes(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	p := r.half()
	r.post(worry, with(p.form(), "a.matter", "管道堵了", "go", "home")).want(200, "data-erase", "data-stay")
	r.get("/").want(200, "data-erase")
	if v := r.get(worry).want(200, "管道堵了").form(); v.Get("d.place") != "3号楼" {
		t.Errorf("asking lost answers: %v", v)
	}
	if got := r.post("/leave", nil).want(200, "data-n=\"12\""); got.url != "/" {
		t.Errorf("leaving leads to %s", got.url)
	}
	r.get(worry).want(200, `name="a.category"`)
	t.Run("where nothing was typed it does not ask", func(t *testing.T) {
		if got := r.post(worry, with(r.get(worry).form(), "go", "home")); got.url != "/" {
			t.Errorf("got %s", got.url)
		}
	})
	t.Run("language and type size stay with the resident", func(t *testing.T) {
		r.post("/prefs", with(url.Values{}, "go", "lang"))
		r.half()
		r.post("/leave", nil).want(200, `<html lang="en"`)
		r.half()
		r.post("/end", nil).want(200, `<html lang="zh"`)
		r.get(worry).want(200, `name="a.category"`)
	})
}

func TestABrowserThatDiedGoesOnAtTheQuestion(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	r.post("/prefs", with(url.Values{}, "go", "lang"))
	r.half()
	stop := r.listen()
	if got := r.another().get("/"); got.url != "/" {
		t.Fatalf("the visit of a page that lives was given away to %s", got.url)
	}
	stop()
	fresh := r.another()
	var p page
	soon(t, "the program sees that the page is dead", func() bool {
		if got := r.another().do("GET", "/", nil, "Sec-Fetch-Dest", "empty"); got.url != "/" {
			t.Errorf("what a page's script asks for is led to %s", got.url)
		}
		p = fresh.get("/")
		return p.url == worry
	})
	p.want(200, `<html lang="en"`, `name="a.matter"`)
	if p.url != worry || p.form().Get("d.place") != "3号楼" {
		t.Errorf("it goes on at %s with %v", p.url, p.form())
	}
	t.Run("one browser only", func(t *testing.T) {
		if got := r.another().get("/"); got.url != "/" {
			t.Errorf("a second browser was led to %s", got.url)
		}
		r.get(worry).want(200, `name="a.category"`)
	})
}

// soon waits until it is so.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not yet: %s", what)
		}
	}
}

func TestAVisitThatDiedIsNotForWhoeverCameIn(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	r.half()
	r.listen()()
	if err := r.NoteDoor(t.Context(), kiosk.DoorOpened); err != nil {
		t.Fatal(err)
	}
	soon(t, "the visit is forgotten", func() bool {
		if got := r.another().get("/"); got.url != "/" {
			t.Fatalf("whoever came in is led to %s", got.url)
		}
		return strings.Contains(r.live(worry).body, `name="a.category"`)
	})
}

func TestNothingIsFiledTwiceInAVisit(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	check := r.fill().form()
	second := r.get(worry).want(200, "提交").form() // a second tab
	slip := r.post("/s/3.1/submit", check).want(200, "data-number")
	for what, p := range map[string]page{
		"the second tab":             r.post("/s/3.1/submit", second),
		"a change in the second tab": r.post(worry, with(second, "go", "to:matter")),
		"the same again":             r.post("/s/3.1/submit", check),
	} {
		if p.url != slip.url || number(p) != number(slip) {
			t.Errorf("%s leads to %s with number %s, want %s with %s", what, p.url, number(p), slip.url, number(slip))
		}
	}
	p := r.get(worry).want(200, `name="a.category"`)
	if key := p.form().Get("key"); key == check.Get("key") || key == "" {
		t.Errorf("the next request has the key %q of the last", key)
	}
	if got := r.get("/"); strings.Contains(got.body, "data-erase") {
		t.Error("home asks about answers that were filed")
	}
}

// TestAVisitEndsOnThePackItBeganWith replaces what is offered in mid-form.
func TestAVisitEndsOnThePackItBeganWith(t *testing.T) {
	old := catalogueOf(t)
	r := newRig(t, old, touch.Opts{})
	p := r.half()
	fresh := *old
	fresh.Version = "without-anything"
	fresh.Functions = nil
	r.Offer(&fresh)
	p = r.post(worry, with(p.form(), "a.matter", "管道堵了")).want(200, `value="yes"`)
	p = r.post(worry, with(p.form(), "a.consent", "no")).want(200, "北山街道 3号楼", "提交")
	r.post("/s/3.1/submit", p.form()).want(200, "data-number", "烦心事登记")
	if facts := r.facts(kiosk.KindRequestFiled); !strings.Contains(facts, `"pack":"`+old.Version+`"`) {
		t.Errorf("the record says %s", facts)
	}
	r.post("/end", nil).want(200)
	r.get("/s/3.1").want(404)
}

func TestAVisitIsForgottenByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		vs := touch.NewVisits(80 * time.Second)
		vs.Keep("a", "x")
		time.Sleep(79 * time.Second)
		if vs.Held() != 1 {
			t.Fatal("it was forgotten too soon")
		}
		vs.See("a")
		time.Sleep(79 * time.Second)
		vs.Keep("b", "x")
		if vs.Held() != 2 {
			t.Fatal("a touch did not keep it")
		}
		time.Sleep(time.Second + time.Millisecond)
		synctest.Wait()
		if vs.Held() != 1 {
			t.Error("the first is still remembered")
		}
		time.Sleep(80 * time.Second)
		synctest.Wait()
		if vs.Held() != 0 {
			t.Error("the second is still remembered")
		}
	})
	vs := touch.NewVisits(time.Minute)
	for range 100 {
		vs.Keep(kiosk.RandomID().String(), "x")
	}
	if n := vs.Held(); n > 16 {
		t.Errorf("%d visits are remembered", n)
	}
}
