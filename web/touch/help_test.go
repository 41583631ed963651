package touch_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/web/touch"
)

// filled answers the rest of a worry's form from its first question on.
func (r *rig) filled(p page) page {
	r.t.Helper()
	for _, answer := range [][2]string{{"a.category", "drains"}, {"a.place", "beishan"}, {"d.place", "3号楼"}, {"a.matter", "管道堵了"},
		{"a.consent", "yes"}, {"a.name", name}, {"a.phone", phone}} {
		p = r.post(worry, with(p.form(), answer[0], answer[1])).want(200)
	}
	return p
}

func TestAHelperFillsInAndTheResidentConfirms(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	r.get("/s/3.1").want(200, `href="/help/3.1"`)
	r.get("/help/3.1").want(200, `href="/s/3.1/form?helped"`)
	check := r.filled(r.get(worry+"?helped")).want(200, "提交")
	asked := r.post("/s/3.1/submit", check.form()).want(200, "data-yes", "data-no", "管道堵了")
	if strings.Contains(asked.body, "data-number") {
		t.Fatal("it was filed without the resident's word")
	}
	r.get(worry).want(200, "data-yes", "管道堵了") // loaded anew
	t.Run("no leads back to the answers", func(t *testing.T) {
		r.post(worry, with(asked.form(), "go", "back")).want(200, `data-change="matter"`)
	})
	t.Run("what is wrong is asked again first", func(t *testing.T) {
		r.post("/s/3.1/submit", with(check.form(), "a.phone", "12")).want(422, "号码不对")
	})
	r.post("/s/3.1/submit", asked.form()).want(200, "data-number")
	if facts := r.facts(kiosk.KindRequestFiled); !strings.Contains(facts, `"helped":true`) {
		t.Errorf("the record says %s", facts)
	}
	t.Run("a form without a helper needs no second word", func(t *testing.T) {
		r.post("/s/3.1/submit", r.fill().form()).want(200, "data-number")
		if facts := r.facts(kiosk.KindRequestFiled); strings.Contains(facts, "helped") {
			t.Errorf("the record says %s", facts)
		}
	})
}

func TestThePrivacyNoticeIsPrintedInMidForm(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	r.withPrinter()
	p := r.post(worry, with(r.half().form(), "a.matter", "管道堵了")).want(200, `formaction="/s/3.1/notice"`)
	printed := r.post("/s/3.1/notice", p.form()).want(200, `value="yes"`, "已送去打印")
	if got := printed.form().Get("a.matter"); got != "管道堵了" {
		t.Errorf("printing lost an answer: %q", got)
	}
	r.post("/s/3.1/notice", p.form()).want(200)
	if n := r.count(kiosk.KindNoticePrinted); n != 1 {
		t.Errorf("pressed twice it printed %d notices", n)
	}
	r.post(worry, with(p.form(), "go", "lang"))
	r.post("/s/3.1/notice", p.form()).want(200, "Sent to the printer")
	if facts := r.facts(kiosk.KindNoticePrinted); r.count(kiosk.KindNoticePrinted) != 2 || !strings.Contains(facts, `"lang":"en"`) {
		t.Errorf("the notice in English is recorded as %s", facts)
	}
	r.post("/s/1.1/notice", p.form()).want(503)
}

var twinOnPage = regexp.MustCompile(`data-number>(\d{8})<`)

func TestAPaperFormIsTypedInByStaff(t *testing.T) {
	r := newStaffRig(t)
	r.withPrinter()
	help := r.get("/help/3.1").want(200, `action="/s/3.1/twin"`)
	slip := r.post("/s/3.1/twin", help.form()).want(200, "表格编号")
	m := twinOnPage.FindStringSubmatch(slip.body)
	if m == nil {
		t.Fatalf("no number on the page\n%s", slip.main())
	}
	if again := r.post("/s/3.1/twin", help.form()); again.url != slip.url || r.count(kiosk.KindTwinPrinted) != 1 {
		t.Errorf("two taps printed %d papers, at %s and %s", r.count(kiosk.KindTwinPrinted), slip.url, again.url)
	}
	if facts := r.facts(kiosk.KindTwinPrinted); !strings.Contains(facts, m[1]) {
		t.Errorf("the record says %s", facts)
	}

	r.signedIn()
	r.get("/").want(200) // staff are signed out
	if got := r.get("/staff/twins"); got.url != "/staff/enter" {
		t.Errorf("a resident is led to %s", got.url)
	}
	r.post("/staff/enter", with(url.Values{}, "digits", pin)).want(200)
	r.get("/staff/twins").want(200, `href="/staff/twins/3.1"`)
	r.get("/staff/twins/3.1").want(200, "编号")
	wrong := []byte(m[1])
	wrong[3] = '0' + (wrong[3]-'0'+1)%10
	r.post("/staff/twins/3.1", with(url.Values{}, "digits", string(wrong))).want(422, "八位数字")
	first := r.post("/staff/twins/3.1", with(url.Values{}, "digits", "P"+m[1][:4]+" "+m[1][4:])).want(200, `name="a.category"`, m[1])
	check := r.filled(first).form()
	filed := r.post("/s/3.1/submit", check).want(200, "data-number")
	if facts := r.facts(kiosk.KindRequestFiled); !strings.Contains(facts, `"paper":"`+m[1]+`"`) {
		t.Errorf("the record says %s", facts)
	}
	t.Run("twice is once", func(t *testing.T) {
		again := r.post("/staff/twins/3.1", with(url.Values{}, "digits", m[1]))
		if again.url != filed.url || number(again) != number(filed) {
			t.Errorf("it leads to %s", again.url)
		}
	})
	t.Run("only staff", func(t *testing.T) {
		r.another().post(worry, check).want(403)
		r.another().post("/s/3.1/submit", check).want(403)
	})
}
