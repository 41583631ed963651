package touch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"redstation/web/touch"
)

const (
	phone = "13843215678"
	name  = "赵铁柱"
)

// fill answers "Report a worry" up to the check page.
func (r *rig) fill() page {
	r.t.Helper()
	const form = "/s/3.1/form"
	r.post("/leave", nil).want(200) // else it would go on where an earlier one stopped
	p := r.get(form).want(200, "是哪一类的事？", `name="a.category"`)
	p = r.post(form, with(p.form(), "a.category", "drains")).want(200, `name="a.place"`)
	p = r.post(form, with(p.form(), "a.place", "beishan")).want(200, "北山街道的哪里？", `name="d.place"`)
	p = r.post(form, with(p.form(), "d.place", "3号楼")).want(200, `name="a.matter"`)
	p = r.post(form, with(p.form(), "a.matter", "管道堵了")).want(200, `name="a.consent" value="yes"`)
	p = r.post(form, with(p.form(), "a.consent", "yes")).want(200, `name="a.name"`)
	p = r.post(form, with(p.form(), "a.name", name)).want(200, `name="a.phone"`)
	return r.post(form, with(p.form(), "a.phone", "138 4321 5678")).want(200, "下水管道", "北山街道 3号楼", "138 4321 5678", "提交")
}

func TestRequestFromFirstQuestionToSlip(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	form := r.fill().form()
	slip := r.post("/s/3.1/submit", form).want(200, "data-number", "已登记")
	if !strings.HasPrefix(slip.url, "/slip/") {
		t.Fatalf("the slip is at %s", slip.url)
	}
	t.Run("the same form again finds the same slip", func(t *testing.T) {
		again := r.post("/s/3.1/submit", form)
		if again.url != slip.url || number(again) != number(slip) {
			t.Errorf("got %s %s, want %s %s", again.url, number(again), slip.url, number(slip))
		}
	})
	t.Run("no address, log line or file names the resident", func(t *testing.T) {
		texts := map[string]string{"log": r.log.String(), "addresses": strings.Join(r.visited, "\n")}
		files, err := filepath.Glob(filepath.Join(r.dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			texts[f] = string(b)
		}
		for where, text := range texts {
			for _, secret := range []string{phone, name, "管道堵了", "3号楼", "%E8%B5%B5"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s holds %q", where, secret)
				}
			}
		}
	})
	t.Run("nothing is kept by the browser", func(t *testing.T) {
		if got := slip.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control is %q", got)
		}
	})
}

// number returns the big number of a slip's page.
func number(p page) string {
	_, rest, _ := strings.Cut(p.body, "data-number>")
	n, _, _ := strings.Cut(rest, "<")
	return n
}

func TestWrongAnswersAreToldBesideTheQuestion(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	const form = "/s/3.1/form"
	first := r.get(form)
	r.post(form, first.form()).want(422, "请点一项", `name="a.category"`)
	r.post(form, with(first.form(), "a.category", "no-such")).want(422, "请点一项")

	check := r.fill()
	phonePage := r.post(form, with(check.form(), "go", "to:phone")).want(200, `value="13843215678"`)
	wrong := r.post(form, with(phonePage.form(), "a.phone", "12")).want(422, "号码不对", `value="12"`, `aria-invalid="true"`)
	if v := wrong.form(); v.Get("a.name") != name || v.Get("a.matter") != "管道堵了" || v.Get("d.place") != "3号楼" {
		t.Errorf("entries were lost: %v", v)
	}
	r.post(form, with(wrong.form(), "a.phone", phone)).want(200, "提交")

	sent := r.post("/s/3.1/submit", with(check.form(), "a.phone", "12")).want(422, "号码不对", `value="12"`)
	if sent.form().Get("a.name") != name {
		t.Error("a refused submission lost entries")
	}
	r.post("/s/3.1/submit", with(check.form(), "key", "not-a-key")).want(422, "这一页已经过期")
	r.post(form, with(check.form(), "go", "to:matter", "a.matter", strings.Repeat("长", 30000))).want(422)
}

func TestFormGoesBackAndForth(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	const form = "/s/3.1/form"
	p := r.get(form)
	key := p.form().Get("key")
	p = r.post(form, with(p.form(), "a.category", "noise"))
	p = r.post(form, with(p.form(), "a.place", "beishan", "go", "back")).want(200, `value="noise" checked`)
	if v := p.form(); v.Get("a.place") != "beishan" || v.Get("key") != key {
		t.Errorf("going back lost something: %v", v)
	}
	t.Run("language and type size keep the draft", func(t *testing.T) {
		p := r.post(form, with(p.form(), "a.category", "noise", "go", "lang")).want(200, `lang="en"`, "What is it about?", `value="noise" checked`)
		p = r.post(form, with(p.form(), "a.category", "noise", "go", "type")).want(200, `class="large"`)
		if v := p.form(); v.Get("a.place") != "beishan" || v.Get("key") != key {
			t.Errorf("the draft lost something: %v", v)
		}
		r.post("/end", nil).want(200, `<html lang="zh">`)
	})
	t.Run("back from the first question leads to the service", func(t *testing.T) {
		if got := r.post(form, with(r.get(form).form(), "go", "back")); got.url != "/s/3.1" {
			t.Errorf("got %s", got.url)
		}
	})
	t.Run("who changes the place is asked for its detail", func(t *testing.T) {
		p := r.post(form, with(r.fill().form(), "go", "to:place"))
		p = r.post(form, with(p.form(), "a.place", "longtan")).want(200, `name="d.place"`, "3号楼")
		r.post(form, with(p.form(), "d.place", "5号楼")).want(200, "龙潭街道 5号楼", "提交")
	})
	t.Run("who does not consent is not asked for more", func(t *testing.T) {
		p := r.post(form, with(r.fill().form(), "go", "to:consent"))
		p = r.post(form, with(p.form(), "a.consent", "no")).want(200, "不同意", "提交")
		if strings.Contains(p.main(), `data-change="phone"`) {
			t.Error("the phone number is still asked for")
		}
	})
}

func TestWhatIsTypedIsEscaped(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	p := r.post("/s/3.1/form", with(r.fill().form(), "go", "to:matter"))
	p = r.post("/s/3.1/form", with(p.form(), "a.matter", evil)).want(200, "&lt;script&gt;")
	for _, p := range []page{p, r.get("/s/" + strings.ReplaceAll(evil, "/", "")), r.post("/s/3.1/form", with(p.form(), "go", "to:matter"))} {
		if strings.Contains(p.body, "<script>alert") || strings.Contains(p.body, "<img src=x") {
			t.Errorf("%s lets markup through", p.url)
		}
	}
	if got := p.form().Get("a.matter"); got != evil {
		t.Errorf("the text came back as %q", got)
	}
}
