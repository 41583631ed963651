package touch_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/web/touch"
)

func TestHomeShowsTwelveTiles(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	p := r.get("/").want(200, "政策服务", "歇脚应急", `href="/s/12.2/call"`, "求助")
	if n := strings.Count(p.body, `class="tile"`); n != 12 {
		t.Errorf("got %d tiles, want 12", n)
	}
	for _, c := range []string{"style=", "<script>", "onclick", "javascript:"} {
		if strings.Contains(p.body, c) {
			t.Errorf("the page holds %q, which its policy forbids", c)
		}
	}
	t.Run("and follows the line at once", func(t *testing.T) {
		r.NoteUplink(kiosk.Uplink{Known: true, Behind: 7})
		r.get("/").want(200, `data-line="down"`, "待上报 7 条")
		r.NoteUplink(kiosk.Uplink{Known: true, Up: true})
		r.get("/").want(200, `data-line="up"`)
	})
}

func TestFunctionPageTellsWhatIsOpen(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	p := r.get("/f/9").want(200, `href="/s/9.1"`, "今日未开放", "爱心物资领取核销")
	if strings.Contains(p.body, `href="/s/9.4"`) {
		t.Error("a service that is not built has a live tile")
	}
	r.get("/f/13").want(404, "没有找到这一页")
	r.get("/f/x").want(404)
	r.get("/s/9.4").want(503, "这项服务今天没有开放")
	r.get("/s/99.9").want(404)
	r.get("/slip/zz").want(404)
	r.get("/slip/00000000000000000000000000000000").want(404)
}

func TestTicket(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	r.withPrinter()
	p := r.get("/s/2.3").want(200, "取号", `action="/s/2.3/ticket"`)
	slip := r.post("/s/2.3/ticket", p.form()).want(200, "S001", "听工作人员叫号")
	if again := r.post("/s/2.3/ticket", p.form()); number(again) != "S001" {
		t.Errorf("a second tap got %s", number(again))
	}
	if next := r.post("/s/2.3/ticket", r.get("/s/2.3").form()); number(next) != "S002" {
		t.Errorf("the next ticket is %s, want S002", number(next))
	}
	if pic := r.get(slip.url + "/picture.png"); pic.status != 200 || pic.header.Get("Content-Type") != "image/png" {
		t.Errorf("picture: got %d %s", pic.status, pic.header.Get("Content-Type"))
	}
	r.until(slip.url, "请取走小票。</span>", `data-print="done"`)
	t.Run("it can be printed again three times", func(t *testing.T) {
		for range 3 {
			r.post(slip.url+"/reprint", nil).want(200, "S001")
			r.until(slip.url, `data-print="done"`)
		}
		p := r.post(slip.url+"/reprint", nil).want(503, "S001", "已经补打三次")
		if strings.Contains(p.body, "data-again") {
			t.Error("the button is still there")
		}
	})
}

func TestThePageSaysHowThePaperIs(t *testing.T) {
	for _, tt := range []struct {
		job  kiosk.SlipState
		st   kiosk.Status
		want string
	}{
		{kiosk.SlipQueued, kiosk.Status{Printer: kiosk.PrinterReady}, "printing"},
		{kiosk.SlipQueued, kiosk.Status{Printer: kiosk.PrinterReady, Stalled: true}, "later"},
		{kiosk.SlipQueued, kiosk.Status{Printer: kiosk.PrinterUnknown, Stalled: true}, "later"},
		{kiosk.SlipQueued, kiosk.Status{Printer: kiosk.PrinterNoPaper, Stalled: true}, "no_paper"}, // what can be mended goes first
		{kiosk.SlipQueued, kiosk.Status{Printer: kiosk.PrinterCover}, "cover_open"},
		{kiosk.SlipQueued, kiosk.Status{Printer: kiosk.PrinterOffline}, "trouble"},
		{kiosk.SlipDone, kiosk.Status{Printer: kiosk.PrinterNoPaper}, "done"},
		{kiosk.SlipUnknown, kiosk.Status{Printer: kiosk.PrinterReady}, "failed"},
	} {
		if got := touch.PrintOf(tt.job, tt.st); got != tt.want {
			t.Errorf("%s with %+v: got %s, want %s", tt.job, tt.st, got, tt.want)
		}
	}
}

// until asks for a page until it has the texts.
func (r *rig) until(path string, texts ...string) page {
	r.t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		p := r.get(path)
		missing := false
		for _, text := range texts {
			missing = missing || !strings.Contains(p.body, text)
		}
		if !missing {
			return p
		}
		if time.Now().After(deadline) {
			p.want(200, texts...)
			return p
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestLeaflet(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	r.withPrinter()
	r.get("/s/2.4").want(200, `href="/s/2.4/ticket"`, `href="/s/2.4/info"`)
	p := r.get("/s/2.4/info").want(200, "来之前", "更新：2026-11-23")
	r.post("/s/2.4/leaflet", p.form()).want(200, "送去打印")
}

func TestPreferencesReturnToThePage(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	tests := []struct{ name, back, want string }{
		{"a function", "/f/3", "/f/3"},
		{"a service", "/s/2.4/info", "/s/2.4/info"},
		{"never another site", "//evil.example/", "/"},
		{"never another site by its name", "https://evil.example/", "/"},
		{"nowhere else here", "/sim", "/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := r.post("/prefs", with(url.Values{}, "go", "type", "return", tt.back)); got.url != tt.want {
				t.Errorf("got %s, want %s", got.url, tt.want)
			}
		})
	}
	r.post("/prefs", with(url.Values{}, "go", "lang", "return", "/f/3")).want(200, `lang="en"`, "Say what is wrong")
	r.post("/end", nil).want(200, `<html lang="zh">`)
}

func TestHealth(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	r.get("/healthz").want(200, `"screen_seconds":-1`)
	r.post("/alive", nil).want(204)
	var h struct {
		Screen float64 `json:"screen_seconds"`
	}
	if err := json.Unmarshal([]byte(r.get("/healthz").want(200).body), &h); err != nil || h.Screen < 0 || h.Screen > 60 {
		t.Errorf("got a heartbeat %v seconds ago, %v, want one just now", h.Screen, err)
	}
	r.get("/readyz").want(200, "true")
	r.get("/sim").want(404)
}

func TestPanelKnowsItsDiagonal(t *testing.T) {
	for _, tt := range []struct {
		inches        float64
		rule, compact string
	}{
		{7, "/177.80)", "(min-aspect-ratio: 1367/1000)"},
		{15.6, "/396.24)", "(min-aspect-ratio: 3639/1000)"},
		{3, "/76.20)", `media="all"`},
	} {
		r := newRig(t, catalogueOf(t), touch.Opts{DiagonalInch: tt.inches})
		r.get("/panel.css").want(200, tt.rule)
		r.get("/").want(200, tt.compact)
	}
}

// TestAnEmptyVisitEndsInTheUsualTimes pins the times that the pages are given: a
// minute without a touch, twenty seconds of countdown, ten where the door was opened
// and closed.
func TestAnEmptyVisitEndsInTheUsualTimes(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	r.get("/").want(200, `data-idle="60000" data-countdown="20000" data-door-countdown="10000"`)
}

// panel tells how it is switched.
type panel chan bool

func (p panel) Switch(_ context.Context, on bool) error {
	p <- on
	return nil
}

func TestATouchLightsTheScreen(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	p := make(panel, 16)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.RunScreen(ctx, p, time.Millisecond) }()
	want := func(on bool) {
		t.Helper()
		select {
		case got := <-p:
			if got != on {
				t.Fatalf("got %v, want %v", got, on)
			}
		case <-time.After(time.Minute):
			t.Fatalf("the screen was not switched, want %v", on)
		}
	}
	want(true)
	r.clock.Advance(time.Second)
	want(false)
	r.post("/alive", nil).want(204) // a page that nobody touches is no person
	r.post("/alive?touched", nil).want(204)
	want(true)
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestEventsTellWhatChanges(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	resp, err := http.Get(r.server.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	next := func() string {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return data
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return ""
	}
	if got := next(); !strings.Contains(got, `"line":"unknown"`) {
		t.Errorf("first event: %s", got)
	}
	r.NoteUplink(kiosk.Uplink{Known: true, Behind: 3})
	if got := next(); !strings.Contains(got, `"line":"down","behind":3`) {
		t.Errorf("after the line broke: %s", got)
	}
	if err := r.NoteDoor(t.Context(), kiosk.DoorOpened); err != nil {
		t.Fatal(err)
	}
	if got := next(); !strings.Contains(got, `"door":"opened","doors":1`) {
		t.Errorf("after the door opened: %s", got)
	}
	r.NoteScan(kiosk.Scan{Text: "SECRET"})
	if got := next(); !strings.Contains(got, `"scans":1`) || strings.Contains(got, "SECRET") {
		t.Errorf("after a scan: %s", got)
	}
}
