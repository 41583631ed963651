package touch_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/web/touch"
)

// city is what the first run needs of the machine, as a test says.
type city struct {
	mu      sync.Mutex
	fresh   bool
	known   bool
	answers bool
	joining touch.Joining
	awaited int
	stick   error
}

func (c *city) Fresh() bool                             { return c.fresh }
func (c *city) HubAnswers(context.Context) (bool, bool) { return c.known, c.answers }
func (c *city) JoinFromStick() error                    { return c.stick }

func (c *city) Await() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.awaited++
}

func (c *city) Joining() touch.Joining {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.joining
}

func (c *city) is(j touch.Joining) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.joining = j
}

// wired is a machine with devices as they are in the first run.
type wired struct {
	machine
	network touch.Network
}

func (w wired) Network() touch.Network { return w.network }

// newSetupRig is a booth on which nobody has set anything.
func newSetupRig(t *testing.T) (*rig, *city) {
	t.Helper()
	c := &city{fresh: true}
	ready := machine{[]kiosk.Device{kiosk.PrinterReady.Device("sim:", ""), {Kind: kiosk.DeviceDoor, State: kiosk.DeviceOK, Detail: "closed"}}}
	return newRig(t, catalogueOf(t), touch.Opts{Inspector: ready, Installer: c}), c
}

var setupPages = []string{"/setup", "/setup/overview", "/setup/language", "/setup/panel", "/setup/network", "/setup/enrol", "/setup/pin",
	"/setup/print", "/setup/door", "/setup/clock", "/setup/hand"}

var setupForms = map[string]url.Values{
	"/setup/language": {"language": {"en"}}, "/setup/panel": {"diagonal": {"7"}}, "/setup/enrol": {}, "/setup/done": {},
	"/setup/pin":   {"digits": {"731842"}, "first": {"731842"}},
	"/setup/print": {"key": {"0123456789abcdef0123456789abcdef"}}, "/setup/verdict": {"verdict": {"good"}}, "/setup/hand": {"digits": {"202611251200"}},
}

func TestAFreshBoothAsksToBeSetUp(t *testing.T) {
	r, c := newSetupRig(t)
	r.leads("/", "/setup/language")
	r.leads("/setup/door", "/setup/door")
	r.leads("/", "/setup/door") // where one was
	c.fresh = false
	r.leads("/", "/") // it was given to a city by other means
	c.fresh = true
	r.post("/setup/language", url.Values{"language": {"en"}}).want(200, `lang="en"`, "Does the ruler agree?", "2 / 8")
	c.fresh = false
	r.leads("/", "/setup/panel") // it has begun, and goes on whatever is set
	r.post("/setup/done", nil)
	r.leads("/", "/setup/pin") // it does not end without a PIN
	r.post("/setup/pin", url.Values{"digits": {pin}}).want(200, "Once more")
	r.post("/setup/pin", url.Values{"digits": {"204817"}, "first": {pin}}).want(422, "not the same")
	r.post("/setup/pin", url.Values{"digits": {"123456"}}).want(422, "easy to guess")
	r.post("/setup/pin", url.Values{"digits": {""}}).want(422, "6 to 12 digits")
	r.post("/setup/pin", url.Values{"digits": {pin}, "first": {pin}}).want(200, "Print a test slip")
	r.get("/setup/pin").want(200, "The PIN is set")
	r.post("/setup/pin", url.Values{"digits": {""}}).want(200, "Print a test slip")
	if got := r.post("/setup/done", nil).want(200).url; got != "/" {
		t.Errorf("the end leads to %s", got)
	}
	r.leads("/", "/")
	if s := r.Settings(); !s.FirstRun || !s.PIN || s.Language != kiosk.English {
		t.Errorf("set is %+v", s)
	}
}

func TestOnlyStaffComeBackToTheFirstRun(t *testing.T) {
	shut := func(t *testing.T, r *rig) {
		t.Helper()
		before := r.Settings()
		for _, path := range setupPages {
			r.leads(path, "/staff/enter")
		}
		for path, form := range setupForms {
			if got := r.post(path, form).url; got != "/staff/enter" {
				t.Errorf("a form sent to %s leads to %s", path, got)
			}
		}
		if r.Settings() != before {
			t.Errorf("something was set: %+v", r.Settings())
		}
	}
	t.Run("while it goes on and there is a PIN", func(t *testing.T) {
		r, _ := newSetupRig(t)
		r.post("/setup/pin", url.Values{"digits": {pin}, "first": {pin}}).want(200)
		r.post("/staff/leave", nil)
		shut(t, r)
		r.post("/staff/enter", url.Values{"digits": {pin}}).want(200, "/ 8")
	})
	t.Run("of a booth that serves", func(t *testing.T) {
		r, _ := newSetupRig(t)
		r.post("/setup/pin", url.Values{"digits": {pin}, "first": {pin}}).want(200)
		r.post("/setup/done", nil).want(200)
		shut(t, r)
		r.post("/staff/enter", url.Values{"digits": {pin}}).want(200, `href="/setup/overview"`)
		r.get("/setup/overview").want(200, `href="/setup/panel"`)
		r.post("/setup/panel", url.Values{"diagonal": {"7"}}).want(200)
		r.leads("/", "/")
	})
	t.Run("of a booth that was never set up, but belongs to a city", func(t *testing.T) {
		r, c := newSetupRig(t)
		c.fresh = false
		shut(t, r)
		if got := r.post("/staff/pin", url.Values{"digits": {pin}, "first": {pin}}).url; got != "/staff/enter" || r.Settings().PIN {
			t.Errorf("a resident could set the PIN: %s", got)
		}
	})
	t.Run("from another site", func(t *testing.T) {
		r, _ := newSetupRig(t)
		req, err := http.NewRequestWithContext(t.Context(), "POST", r.server.URL+"/setup/panel", strings.NewReader("diagonal=7"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		resp, err := r.browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden || r.Settings().Diagonal != 0 {
			t.Errorf("got %s", resp.Status)
		}
	})
}

func TestThePanelIsSetWithARuler(t *testing.T) {
	r, _ := newSetupRig(t)
	r.get("/setup/panel").want(200, `name="diagonal" value="10.1"`, `name="to" value="10"`, `name="to" value="10.2"`, `value="10.1" data-to="10.1" aria-pressed="true"`)
	for _, wrong := range []string{"", "ten", "0", "4.9", "101", "NaN", "-7"} {
		r.post("/setup/panel", url.Values{"diagonal": {wrong}}).want(422)
	}
	if p := r.post("/setup/panel", url.Values{"diagonal": {"10.1"}, "to": {"7"}}).want(200, `name="diagonal" value="7"`); p.url != "/setup/panel" {
		t.Errorf("a key leads to %s", p.url)
	}
	r.get("/panel.css").want(200, "/177.80)")
	if p := r.post("/setup/panel", url.Values{"diagonal": {"7.1"}}).want(200); p.url != "/setup/network" {
		t.Errorf("it leads to %s", p.url)
	}
	r.get("/panel.css").want(200, "/180.34)")
}

func TestStaffsPanelCountsMoreThanTheFlag(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{DiagonalInch: 15.6})
	if err := r.SetDiagonal(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	r.get("/panel.css").want(200, "/177.80)")
}

func TestTheNetworkIsToldWithWhatToDo(t *testing.T) {
	wire := touch.Network{Interfaces: []touch.Interface{{Name: "eth0", Addresses: []string{"10.0.0.2/24"}}}}
	for _, tt := range []struct {
		name           string
		network        touch.Network
		known, answers bool
		want           string
	}{
		{"nothing", touch.Network{}, false, false, "插上网线"},
		{"a wire without an address", touch.Network{Interfaces: []touch.Interface{{Name: "eth0"}}}, true, false, "插上网线"},
		{"no city yet", wire, false, false, "网络已接通"},
		{"a city that answers", wire, true, true, "连上了城市的服务器"},
		{"a city that does not", wire, true, false, "路由器"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, catalogueOf(t), touch.Opts{Inspector: wired{machine{}, tt.network}, Installer: &city{fresh: true, known: tt.known, answers: tt.answers}})
			r.get("/setup/network").want(200, tt.want)
		})
	}
}

func TestEnrolmentIsToldInWords(t *testing.T) {
	r, c := newSetupRig(t)
	fail := func(code kiosk.Code, key string) error { return kiosk.Errorf(code, key, "secret cause") }
	for _, tt := range []struct {
		err  error
		want string
	}{
		{fail(kiosk.CodeInvalid, "error.enrolment"), "这不是加入城市用的码"},
		{fail(kiosk.CodeDenied, "error.enrol_spent"), "已经用过"},
		{fail(kiosk.CodeDenied, "error.enrol_expired"), "过了一天"},
		{fail(kiosk.CodeDenied, "error.enrol_unknown"), "不认得"},
		{fail(kiosk.CodeDenied, "error.wire"), "没有接受"},
		{fail(kiosk.CodeUnavailable, "error.enrol_busy"), "过一分钟"},
		{fail(kiosk.CodeOffline, "error.offline"), "连不上城市的服务器"},
		{context.Canceled, "系统"},
	} {
		c.is(touch.Joining{Err: tt.err, Scanner: true})
		if p := r.get("/setup/enrol").want(200, tt.want, "data-awaits-scan", "data-skip"); strings.Contains(p.body, "secret") {
			t.Error("the page tells the cause")
		}
	}
	if c.awaited != 8 {
		t.Errorf("scans were awaited %d times, want with each page", c.awaited)
	}
	c.is(touch.Joining{})
	r.get("/setup/enrol").want(200, "U盘")
	c.stick = kiosk.Errorf(kiosk.CodeNotFound, "error.enrol_stick", "no file")
	r.post("/setup/enrol", nil).want(404, "没有读到")
	c.is(touch.Joining{Busy: true})
	r.get("/setup/enrol").want(200, `data-live="busy"`)
	c.is(touch.Joining{Booth: "07", Name: "北山街道", Err: context.Canceled})
	if p := r.get("/setup/enrol").want(200, `data-live="joined"`, "北山街道", "07 号"); strings.Contains(p.body, "data-awaits-scan") {
		t.Error("a booth that belongs to a city awaits another")
	}
}

func TestPrinterDoorAndClockAreTried(t *testing.T) {
	r, _ := newSetupRig(t)
	ctx := t.Context()
	r.withPrinter()
	overview := func(texts ...string) { t.Helper(); r.get("/setup/overview").want(200, texts...) }
	overview("还没试", "还没设")

	printed := r.post("/setup/print", r.get("/setup/print").form()).want(200, "纸上印得和这里一样吗？", "data-slip-picture")
	r.post("/setup/verdict", url.Values{"verdict": {"perhaps"}}).want(422)
	if p := r.post("/setup/verdict", url.Values{"verdict": {"bad"}}); p.url != "/setup/print" {
		t.Errorf("a bad print leads to %s", p.url)
	}
	r.get(printed.url).want(200)
	if p := r.post("/setup/verdict", url.Values{"verdict": {"good"}}); p.url != "/setup/door" {
		t.Errorf("a good print leads to %s", p.url)
	}

	r.get("/setup/door").want(200, "现在把门打开", "data-skip")
	for _, e := range []kiosk.DoorEvent{kiosk.DoorOpened, kiosk.DoorClosed} {
		if p := r.get("/setup/door").want(200); strings.Contains(p.body, "data-works") {
			t.Errorf("before it was %s the door works", e)
		}
		if err := r.NoteDoor(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	r.get("/setup/door").want(200, "data-works", `data-live="works"`)

	r.clock.Set(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), kiosk.ClockRestored)
	r.get("/setup/clock").want(200, "2026-11-24", "08:00</b>", "/setup/hand")
	r.post("/setup/hand", url.Values{"digits": {"19700101"}}).want(422)
	if p := r.post("/setup/hand", url.Values{"digits": {"202611241530"}}).want(200, "15:30</b>"); p.url != "/setup/clock" {
		t.Errorf("it leads to %s", p.url)
	}
	overview("好用")
}
