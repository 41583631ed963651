package city_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"flag"

	"redstation/kiosk"
	"redstation/kiosk/kiosktest"
	"redstation/web/city"
)

var update = flag.Bool("update", false, "write golden files")

// noon is the moment of all tests, in Jilin: 2026-11-23 12:00.
var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

// visit is a browser at the console of a fake hub.
type visit struct {
	*fake
	t       *testing.T
	h       http.Handler
	cookies map[string]string
	console bytes.Buffer // what the console logged
}

// newVisit begins with an empty hub and one account, nobody signed in.
func newVisit(t *testing.T) *visit {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{now: noon, accounts: map[string]*account{"wang": {Account: kiosk.Account{Name: "wang", Role: "admin"}, password: "right"}},
		sessions: map[string]string{}, sealed: map[int64]string{}}
	v := &visit{fake: f, t: t, cookies: map[string]string{}}
	clock := kiosktest.NewClock()
	clock.Set(noon, kiosk.ClockNTP)
	v.h, err = city.New(city.Deps{Accounts: f, Stations: f, Log: f, Audit: f, Ledger: f, Cases: f, Loans: f}, city.Opts{Zone: zone, Clock: clock,
		Catalogue: catalogue(), Log: slog.New(slog.NewTextHandler(&v.console, nil)),
		Mounts: map[string]http.Handler{"/v1": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// signedIn begins with a full hub and a session.
func signedIn(t *testing.T) *visit {
	t.Helper()
	v := newVisit(t)
	v.fill()
	if w := v.post("/login", "name", "wang", "password", "right"); w.Code != http.StatusSeeOther {
		t.Fatalf("sign in: got %d, want 303", w.Code)
	}
	return v
}

func (v *visit) do(r *http.Request) *httptest.ResponseRecorder {
	v.t.Helper()
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.h.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		v.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" {
			v.t.Errorf("cookie %s: want HttpOnly, SameSite=Strict and path /", c.Name)
		}
		if c.Secure != (r.TLS != nil) {
			v.t.Errorf("cookie %s: Secure is %v", c.Name, c.Secure)
		}
	}
	return w
}

func (v *visit) get(path string) *httptest.ResponseRecorder {
	v.t.Helper()
	return v.do(httptest.NewRequest(http.MethodGet, path, nil))
}

func (v *visit) post(path string, fields ...string) *httptest.ResponseRecorder {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

// page gets a page and wants it whole.
func (v *visit) page(path string) string {
	v.t.Helper()
	w := v.get(path)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "</html>") {
		v.t.Fatalf("GET %s: got %d, want a whole page", path, w.Code)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		v.t.Errorf("GET %s: Cache-Control %q, want no-store", path, got)
	}
	return w.Body.String()
}

// want holds a page to what it must say and must not.
func want(t *testing.T, page string, says ...string) {
	t.Helper()
	for _, s := range says {
		not, absent := strings.CutPrefix(s, "not:")
		if absent && strings.Contains(page, not) {
			t.Errorf("page says %q", not)
		}
		if !absent && !strings.Contains(page, s) {
			t.Errorf("page does not say %q", s)
		}
	}
}

// catalogue has one service with a form.
func catalogue() *kiosk.Catalogue {
	form := &kiosk.Form{Fields: []kiosk.Field{
		{ID: "category", Kind: kiosk.FieldChoice, Short: kiosk.Text{"zh": "类别", "en": "Kind"},
			Options: []kiosk.Option{{ID: "lighting", Name: kiosk.Text{"zh": "楼道照明", "en": "Stairway lights"}}}},
		{ID: "place", Kind: kiosk.FieldPlace, Short: kiosk.Text{"zh": "地点", "en": "Place"}},
		{ID: "phone", Kind: kiosk.FieldPhone, Short: kiosk.Text{"zh": "联系电话", "en": "Phone"}},
	}}
	return &kiosk.Catalogue{City: kiosk.Text{"zh": "吉林市"}, Places: []kiosk.Place{{ID: "beishan", Name: kiosk.Text{"zh": "北山街道", "en": "Beishan"}}},
		Functions: []kiosk.Function{{Number: 3, Services: []kiosk.Service{{ID: "3.1", Name: kiosk.Text{"zh": "烦心事登记", "en": "Report a worry"}, Form: form}}}}}
}

// fill gives the hub three booths and 120 records: requests, tickets, door events,
// with hostile ones among them.
func (f *fake) fill() {
	f.booths = []kiosk.Station{
		{ID: "01", Name: "北山", EnrolledAt: noon, LastContact: noon.Add(-9 * time.Second), Version: "1.0", Printer: kiosk.PrinterReady, Records: 40},
		{ID: "02", Name: `<b>&"`, EnrolledAt: noon, LastContact: noon.Add(-3 * time.Hour), Printer: kiosk.PrinterReady, Records: 1040, LastError: `<script>alert(1)</script>`},
		{ID: "07", Name: "南京", EnrolledAt: noon, LastContact: noon.Add(-time.Minute), Printer: kiosk.PrinterNoPaper, Behind: 1284, Oldest: noon.Add(-26 * time.Hour), Records: 40},
	}
	for i := range 120 {
		booth := f.booths[i%3]
		e := entry(booth, int64(i+1))
		switch i % 3 {
		case 0:
			e.Kind, e.Sealed = kiosk.KindRequestFiled, true
			e.Facts = []byte(`{"service":"3.1","number":"01-218","route":"community","choices":{"category":"lighting","place":"beishan"},"consent":{"given":true,"lang":"zh"},"public":"AAAA"}`)
			f.sealed[e.Pos] = `{"phone":"13904320000","name":"王<大>爷","place.detail":"3号楼","odd_key":"x"}`
		case 1:
			e.Kind, e.Facts = kiosk.KindTicketIssued, []byte(`{"service":"9.9","label":"=L017","number":17}`)
		case 2:
			e.Kind, e.Facts = "new.kind", []byte(`{"<i>":"<img src=x onerror=alert(1)>"}`)
		}
		f.log = append(f.log, sign(e))
	}
	f.log[118].Clock, f.log[118].Wall = kiosk.ClockRestored, noon.Add(-9*time.Hour)
	f.log[118].When = kiosk.Instant{Lo: noon.Add(-340 * time.Minute), Hi: noon.Add(-4*time.Hour - 21*time.Minute), Best: noon.Add(-5 * time.Hour), Confidence: kiosk.TimeBounded}
	f.log[117].Clock, f.log[117].Wall = kiosk.ClockBelowBuild, time.Unix(8, 0)
	f.log[117].When = kiosk.Instant{Lo: noon.AddDate(0, -1, 0), Hi: f.log[117].Received, Best: f.log[117].Received, Confidence: kiosk.TimeUnknown}
	f.log[116].Lane, f.log[115].Facts = kiosk.LaneUrgent, nil
}

// entry is a record of a booth, written and received on the day of noon.
func entry(b kiosk.Station, pos int64) kiosk.Entry {
	at := noon.Add(time.Duration(pos-120) * time.Minute)
	return kiosk.Entry{Pos: pos, Booth: b.ID, Name: b.Name, Epoch: kiosk.ID{0xe, b.ID[1]}, Seq: uint64(pos+2) / 3, ID: kiosk.ID{0xd, byte(pos)},
		Wall: at.Add(time.Second), Clock: kiosk.ClockAnchored, Received: at.Add(2 * time.Second),
		When: kiosk.Instant{Lo: at.Add(-time.Second), Hi: at.Add(time.Second), Best: at, Confidence: kiosk.TimeExact}}
}

// sign gives an entry the header that a booth would.
func sign(e kiosk.Entry) kiosk.Entry {
	d := kiosk.Draft{ID: e.ID, Kind: e.Kind, Schema: 1, Lane: e.Lane, Facts: e.Facts,
		Stamp: kiosk.Stamp{Boot: kiosk.Boot{Count: 41}, Since: 77 * time.Hour, Wall: e.Wall, State: e.Clock}}
	if e.Sealed {
		d.Sealed = []byte("sealed")
	}
	r, err := d.Enter(e.Booth, e.Epoch, e.Seq)
	if err != nil {
		panic(err) // constant data
	}
	e.Header = r.Header
	return e
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wanted, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, wanted) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, wanted)
	}
}

func mustJSON(t *testing.T, line string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		t.Fatalf("line %q: %v", line, err)
	}
	return m
}
