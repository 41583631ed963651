package touch_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/web/touch"
)

// filed files a request with the booth's printer running, and returns its number and
// the code on its paper.
func (r *rig) filed(service string, answers kiosk.Answers) (kiosk.Slip, kiosk.PaperCode) {
	r.t.Helper()
	p := &kiosktest.Printer{}
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan error, 1)
	go func() { done <- r.RunPrinter(ctx, p) }()
	slip, err := r.File(r.t.Context(), kiosk.RandomID(), service, answers, kiosk.Chinese)
	if err != nil {
		r.t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for len(p.Receipts()) == 0 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil || len(p.Receipts()) == 0 {
		r.t.Fatalf("no paper came: %v", err)
	}
	for _, l := range p.Receipts()[0].Lines {
		if l.QR != "" {
			number, code, err := kiosk.ParsePaperQR(l.QR)
			if err != nil || number != slip.Number {
				r.t.Fatalf("the paper's QR: %q, %v", number, err)
			}
			return slip, code
		}
	}
	r.t.Fatal("the paper has no QR")
	return slip, ""
}

func theWorry() kiosk.Answers {
	return kiosk.Answers{"category": {Value: "lighting"}, "place": {Value: "beishan"}, "consent": {Value: "no"}}
}

// typed opens a receipt as a resident does who types it.
func (r *rig) typed(number, code string) page {
	r.t.Helper()
	p := r.get("/receipt/type").want(200, "请输入回执上的编号")
	p = r.post("/receipt/type", with(p.form(), "number", number, "go", "next")).want(200, "代码")
	return r.post("/receipt/type", with(p.form(), "code", code, "go", "next"))
}

func TestAReceiptIsOpenedByWhoeverHoldsIt(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{Wedge: true})
	slip, code := r.filed("3.1", theWorry())
	t.Run("from the services that lead to it", func(t *testing.T) {
		for _, path := range []string{"/s/3.2", "/s/3.3"} {
			if p := r.get(path).want(200, "请出示您的回执", `data-awaits-scan="/receipt/scan"`, `href="/f/3"`); p.url != "/receipt" {
				t.Errorf("%s leads to %s", path, p.url)
			}
		}
		r.get("/s/3.2/form").want(503)
	})
	t.Run("typed, as people type", func(t *testing.T) {
		lower := strings.ToLower(strings.ReplaceAll(code.Groups(), "0", "o"))
		r.typed(" "+strings.ReplaceAll(slip.Number, "-", "－")+" ", lower).want(200, slip.Number, "烦心事登记", "摸底", "评价", "已在驿站登记")
		r.get("/receipt").want(200, slip.Number)
	})
	t.Run("and let go of", func(t *testing.T) {
		r.post("/receipt/other", nil).want(200, "请出示您的回执")
		r.typed(slip.Number, string(code)).want(200, slip.Number)
		r.post("/end", nil).want(200)
		if p := r.get("/receipt"); strings.Contains(p.body, slip.Number) {
			t.Error("it is still open after the end of the visit")
		}
		r.typed(slip.Number, string(code)).want(200, slip.Number)
		r.get("/")
		if p := r.get("/receipt"); strings.Contains(p.body, slip.Number) {
			t.Error("it is still open after the home page")
		}
	})
	t.Run("scanned", func(t *testing.T) {
		r.get("/receipt").want(200)
		r.post("/scan", url.Values{"text": {kiosk.PaperQR(slip.Number, code)}}).want(204)
		r.post("/receipt/scan", nil).want(200, slip.Number, "已在驿站登记")
		r.post("/receipt/other", nil)
		r.get("/receipt").want(200)
		r.post("/scan", url.Values{"text": {"SB1:7K3QF9TZ2M"}}).want(204)
		r.post("/receipt/scan", nil).want(422, "这不是驿站回执上的码")
		r.post("/receipt/scan", nil).want(200, "请出示您的回执") // a scan counts once
	})
	t.Run("by one visitor at a time", func(t *testing.T) {
		r.typed(slip.Number, string(code)).want(200, slip.Number)
		other := r.other()
		if p := other.get("/receipt"); strings.Contains(p.body, slip.Number) {
			t.Error("another browser sees it")
		}
		if p := r.get("/receipt"); strings.Contains(p.body, slip.Number) {
			t.Error("it is held although somebody else is there")
		}
	})
	t.Run("and the code stands nowhere", func(t *testing.T) {
		for _, secret := range []string{string(code), code.Groups(), slip.Number} {
			if strings.Contains(r.log.String(), secret) || strings.Contains(strings.Join(r.visited, " "), secret) {
				t.Errorf("%q is in an address or in the log", secret)
			}
		}
	})
}

func TestAPaperThatOpensNothingIsToldWhy(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	slip, code := r.filed("3.1", theWorry())
	for _, tt := range []struct{ name, number, code, want string }{
		{"a typo in the code", slip.Number, "0000 0000 0000 0000", "代码和编号对不上"},
		{"a code too short", slip.Number, "0000", "代码是 16 位"},
		{"a number that was not given", "07-999", string(code), "本驿站没有这个编号"},
		{"a paper of another booth", "08-001", string(code), "别的驿站的"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if p := r.typed(tt.number, tt.code); p.status < 400 || !strings.Contains(p.body, tt.want) {
				t.Errorf("got %d\n%s", p.status, p.main())
			}
		})
	}
	t.Run("no number at all", func(t *testing.T) {
		p := r.get("/receipt/type")
		r.post("/receipt/type", with(p.form(), "number", "喂", "go", "next")).want(422, "编号不对", "请输入回执上的编号")
	})
	t.Run("one that a reprint made void", func(t *testing.T) {
		r.typed(slip.Number, string(code)).want(200, slip.Number)
		r.withPrinter()
		if _, err := r.Reprint(t.Context(), slip.ID); err != nil {
			t.Fatal(err)
		}
		r.get("/receipt").want(409, "已经作废")
		r.typed(slip.Number, string(code)).want(409, "已经作废")
	})
	t.Run("keys and language change without a loss", func(t *testing.T) {
		p := r.get("/receipt/type")
		p = r.post("/receipt/type", with(p.form(), "number", "07-1", "go", "lang")).want(200, `value="07-1"`, "Type the number")
		p = r.post("/receipt/type", with(p.form(), "number", "07-1", "go", "next")).want(200, "16 characters")
		p = r.post("/receipt/type", with(p.form(), "code", "ABCD", "go", "type")).want(200, `value="ABCD"`, `value="07-1"`)
		r.post("/receipt/type", with(p.form(), "go", "back")).want(200, "Type the number", `value="07-1"`)
	})
}

func TestWithAReceiptAResidentSaysWhatShallHappen(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	r.get("/receipt/say/withdrawn").want(200, "请出示您的回执") // nobody has shown one
	r.get("/receipt/data").want(200, "请出示您的回执")
	r.get("/receipt/say/done").want(404)
	slip, code := r.filed("3.1", theWorry())
	r.typed(slip.Number, string(code)).want(200, `href="/receipt/say/withdrawn"`, `href="/receipt/data"`)
	t.Run("not what does not fit the case", func(t *testing.T) {
		if p := r.get("/receipt/say/rated"); p.url != "/receipt" {
			t.Errorf("a rating is asked for: %s", p.url)
		}
	})
	t.Run("a wish about the data, with a paper", func(t *testing.T) {
		r.get("/receipt/data").want(200, "类别", "电话", "办结后90天删除", `href="/receipt/say/data_asked"`, `href="/receipt/say/refused"`)
		p := r.get("/receipt/say/data_asked").want(200, "您要怎么做", "更正内容")
		r.post("/receipt/say/data_asked", with(p.form(), "go", "next")).want(422, "请点一项")
		p = r.post("/receipt/say/data_asked", with(p.form(), "a.choice", "correct", "go", "next")).want(200, "要更正什么")
		p = r.post("/receipt/say/data_asked", with(p.form(), "a.words", "电话错了", "go", "next")).want(200, "更正内容", "电话错了", "十五个工作日")
		paper := r.post("/receipt/send/data_asked", p.form()).want(200, slip.Number, "申请登记好了")
		if again := r.post("/receipt/send/data_asked", p.form()).want(200); again.url != paper.url {
			t.Errorf("a second tap made another paper: %s, %s", paper.url, again.url)
		}
		r.get("/receipt").want(200, "个人信息申请", "还没有确认")
	})
	t.Run("that it is taken back, once", func(t *testing.T) {
		p := r.get("/receipt/say/withdrawn").want(200)
		p = r.post("/receipt/say/withdrawn", with(p.form(), "a.choice", "solved", "go", "next")).want(200, "已经好了", "城市不再办理")
		r.post("/receipt/say/withdrawn", with(p.form(), "go", "to:choice")).want(200, "checked")
		done := r.post("/receipt/send/withdrawn", p.form()).want(200, "撤回", "还没有确认")
		if strings.Contains(done.body, `href="/receipt/say/withdrawn"`) {
			t.Error("it can be taken back again")
		}
		r.post("/receipt/send/withdrawn", with(p.form(), "key", kiosk.RandomID().String())).want(409, "事情已有变化")
	})
	t.Run("and nothing of it is in the log", func(t *testing.T) {
		if strings.Contains(r.log.String(), "电话错了") {
			t.Error("words are in the log")
		}
	})
}
