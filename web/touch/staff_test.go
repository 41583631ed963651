package touch_test

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/web/touch"
)

const pin = "204816"

// machine is what the staff's pages show in the tests.
type machine struct{ devices []kiosk.Device }

func (machine) Version() string                          { return "v1.2.3" }
func (m machine) Devices(context.Context) []kiosk.Device { return m.devices }
func (machine) Network() touch.Network {
	return touch.Network{Hub: "http://hub.example", Interfaces: []touch.Interface{{Name: "eth0", Addresses: []string{"10.0.0.2/24"}}}}
}
func (machine) Log() []touch.LogLine {
	return []touch.LogLine{{At: time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC), Level: slog.LevelWarn, Text: "door lost <b>"}}
}

func devices() []kiosk.Device {
	return []kiosk.Device{kiosk.PrinterNoPaper.Device("uart:/dev/serial0", "out of paper"), kiosk.DoorOpened.Device("gpio:GPIO17")}
}

func newStaffRig(t *testing.T) *rig {
	t.Helper()
	return newRig(t, catalogueOf(t), touch.Opts{Inspector: machine{devices()}})
}

// signedIn sets the PIN of a new booth, which signs in.
func (r *rig) signedIn() *rig {
	r.t.Helper()
	r.post("/staff/pin", with(url.Values{}, "digits", pin, "first", pin)).want(200)
	return r
}

// at fails unless the path leads to the page want.
func (r *rig) leads(path, want string) {
	r.t.Helper()
	if got := r.get(path).url; got != want {
		r.t.Errorf("%s leads to %s, want %s", path, got, want)
	}
}

func TestNothingOfStaffsWorksWithoutThePIN(t *testing.T) {
	r := newStaffRig(t)
	if err := r.SetPIN(t.Context(), pin); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/staff", "/staff/printer", "/staff/door", "/staff/network", "/staff/log", "/staff/clock",
		"/staff/language", "/staff/pin", "/staff/readiness/" + kiosk.RandomID().String()} {
		r.leads(path, "/staff/enter")
	}
	before := r.Settings()
	for _, path := range []string{"/staff/readiness", "/staff/clock", "/staff/clock/set", "/staff/language", "/staff/pin"} {
		form := with(url.Values{}, "key", kiosk.RandomID().String(), "digits", "202611251200", "language", "en", "first", "202611251200")
		if got := r.post(path, form).url; got != "/staff/enter" {
			t.Errorf("a form sent to %s leads to %s", path, got)
		}
	}
	if r.Settings() != before {
		t.Errorf("something was set: %+v", r.Settings())
	}
	none := newRig(t, catalogueOf(t), touch.Opts{})
	none.get("/staff").want(404)
	if strings.Contains(none.get("/").body, "/staff") {
		t.Error("a booth without pages for staff leads there")
	}
}

func TestStaffSignInAndOut(t *testing.T) {
	r := newStaffRig(t).signedIn()
	r.leads("/staff/enter", "/staff")
	r.post("/staff/leave", nil).want(200, "政策服务")
	r.leads("/staff/door", "/staff/enter")
	r.post("/staff/enter", with(url.Values{}, "digits", "000001")).want(403, "密码不对")
	r.post("/staff/enter", with(url.Values{}, "digits", pin)).want(200, "缺纸")
	for name, leave := range map[string]func(){
		"home":               func() { r.get("/") },
		"the end of a visit": func() { r.post("/end", nil) },
		"six idle minutes":   func() { r.clock.Advance(6 * time.Minute) },
		"a restart elsewhere": func() { // another page signs in: there is one screen
			other := *r.browser
			other.Jar = nil
			resp, err := other.PostForm(r.server.URL+"/staff/enter", url.Values{"digits": {pin}})
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		},
	} {
		r.post("/staff/enter", with(url.Values{}, "digits", pin)).want(200)
		r.leads("/staff/door", "/staff/door")
		leave()
		if got := r.get("/staff/door").url; got != "/staff/enter" {
			t.Errorf("after %s staff are still signed in", name)
		}
	}
	for _, said := range append(r.visited, r.log.String()) {
		if strings.Contains(said, pin) || strings.Contains(said, "000001") {
			t.Errorf("the PIN stands in %q", said)
		}
	}
}

func TestAPageThatRefreshesItselfKeepsNobodySignedIn(t *testing.T) {
	r := newStaffRig(t).signedIn()
	for range 7 {
		r.clock.Advance(time.Minute)
		r.live("/staff/door")
	}
	r.leads("/staff/door", "/staff/enter")
}

func TestTooManyWrongPINsSayHowLongToWait(t *testing.T) {
	r := newStaffRig(t)
	if err := r.SetPIN(t.Context(), pin); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		r.post("/staff/enter", with(url.Values{}, "digits", "000001")).want(403)
	}
	p := r.post("/staff/enter", with(url.Values{}, "digits", "000001")).want(503, "请过 5 分钟再试")
	if got := p.header.Get("Retry-After"); got != "300" {
		t.Errorf("Retry-After is %q, want 300", got)
	}
	r.clock.Advance(4*time.Minute + 30*time.Second)
	r.post("/staff/enter", with(url.Values{}, "digits", pin)).want(503, "请过 30 秒再试")
	r.clock.Advance(time.Minute)
	r.post("/staff/enter", with(url.Values{}, "digits", pin)).want(200, "缺纸")
}

func TestTheFirstPINIsSetOnANewBoothOnly(t *testing.T) {
	r := newStaffRig(t)
	r.leads("/staff", "/staff/pin")
	r.post("/staff/pin", with(url.Values{}, "digits", "123456")).want(422, "太容易猜")
	r.post("/staff/pin", with(url.Values{}, "digits", "12")).want(422, "6 到 12 位")
	r.post("/staff/pin", with(url.Values{}, "digits", pin, "first", "204817")).want(422, "两次输入不一样")
	if r.Settings().PIN {
		t.Fatal("a PIN was set")
	}
	again := r.post("/staff/pin", with(url.Values{}, "digits", pin)).want(200, "请再输入一次")
	newStaffRig(t).post("/staff/pin", with(again.form(), "digits", pin)).want(200, "打印机", "缺纸")
}

func TestStaffSeeTheDevices(t *testing.T) {
	r := newStaffRig(t).signedIn()
	r.NoteUplink(kiosk.Uplink{Known: true, Behind: 7})
	r.get("/staff").want(200, "state-fault", "缺纸", "state-warning", "待上报 7 条", "网络时间")
	r.get("/staff/printer").want(200, "请装上一卷新纸", "out of paper", "uart:/dev/serial0", `action="/staff/readiness"`)
	r.get("/staff/door").want(200, `data-door="closed"`, "动过 0 次")
	if err := r.NoteDoor(t.Context(), kiosk.DoorOpened); err != nil {
		t.Fatal(err)
	}
	r.get("/staff/door").want(200, `data-door="open"`, "动过 1 次")
	r.get("/staff/network").want(200, "http://hub.example", "eth0", "10.0.0.2/24", "线路中断")
	r.get("/staff/log").want(200, "11-23 12:00:00", "door lost &lt;b&gt;", `class="grave"`)
	r.get("/staff/scanner").want(404)
}

func TestStaffSeeThatAScanArrivesAndNotWhatItSays(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{Inspector: machine{[]kiosk.Device{{Kind: kiosk.DeviceScanner, State: kiosk.DeviceOK, Detail: "ready", Name: "sim:"}}}}).signedIn()
	r.get("/staff/scanner").want(200, "还没有扫到")
	r.NoteScan(kiosk.Scan{Text: "RS1:07-218.7K3QF9TZ2M4PXA0B"})
	p := r.get("/staff/scanner").want(200, "收到了", "上一个 27 个字符，共 1 次")
	if strings.Contains(p.body, "7K3QF9TZ") {
		t.Error("the page shows what was scanned")
	}
}

func TestTheReadinessSlip(t *testing.T) {
	r := newStaffRig(t).signedIn()
	r.withPrinter()
	p := r.post("/staff/readiness", r.get("/staff/printer").form()).want(200, "开机自检", "/picture.png")
	if !strings.HasPrefix(p.url, "/staff/readiness/") {
		t.Fatalf("it leads to %s", p.url)
	}
	r.until(p.url, `data-print="done"`)
	r.get(p.url).want(200, "打印机说打好了")
}

func TestTheClockIsSetByHandOnlyWhereNothingBetterKeepsIt(t *testing.T) {
	r := newStaffRig(t).signedIn()
	r.get("/staff/clock").want(200, "网络时间", "不用人工设定")
	typed := with(url.Values{}, "digits", "2026-11-25 12:30")
	r.post("/staff/clock", typed).want(503, "不用人工设定")
	r.post("/staff/clock/set", typed).want(422)

	r.clock.Set(time.Unix(0, 0), kiosk.ClockBelowBuild)
	r.get("/staff/clock").want(200, "1970-01-01 08:00", "肯定不对", "data-keypad")
	for digits, want := range map[string]string{"2026": "12 位数字", "202513011200": "12 位数字", "199911251230": "太早", "209911251230": "太晚"} {
		r.post("/staff/clock", with(url.Values{}, "digits", digits)).want(422, want)
	}
	check := r.post("/staff/clock", typed).want(200, "1970-01-01 08:00", "2026-11-25 12:30")
	if r.Now().State != kiosk.ClockBelowBuild {
		t.Fatal("the clock was set before it was confirmed")
	}
	r.post("/staff/clock/set", check.form()).want(200, "2026-11-25 12:30", "人工设定")
	if got := r.Now(); got.State != kiosk.ClockSetByHand || got.Wall.UTC().Hour() != 4 {
		t.Errorf("the clock reads %v, want 04:30 UTC by hand", got)
	}
}

func TestTheLanguageOfAFreshScreen(t *testing.T) {
	r := newStaffRig(t).signedIn()
	r.get("/staff/language").want(200, `value="zh" checked`)
	r.post("/staff/language", with(url.Values{}, "language", "xx")).want(422)
	r.post("/staff/language", with(url.Values{}, "language", "en")).want(200, `lang="en"`)
	p := r.get("/").want(200, `<html lang="en">`)
	if strings.Contains(p.body, "data-prefs") {
		t.Error("a fresh screen counts as one that a resident changed")
	}
	r.post("/prefs", with(url.Values{}, "go", "lang:zh", "return", "/")).want(200, `<html lang="zh">`, "data-prefs")
	r.post("/end", nil).want(200, `<html lang="en">`)
}

func TestThePanelIsWhatStaffSet(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	before := r.get("/").want(200, "10.1").body
	if err := r.SetDiagonal(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	r.get("/panel.css").want(200, "/177.80)")
	if after := r.get("/").want(200, "(min-aspect-ratio: 1367/1000)").body; after == before {
		t.Error("the home page is as before")
	}
}
