package touch_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/web/touch"
)

// tell shows notices of the city at the booth.
func (r *rig) tell(all ...kiosk.CityNotice) {
	r.t.Helper()
	var l kiosk.Lease
	now := r.clock.Read()
	l.Touch(r.book.Boot().ID, now.Since, now.Wall)
	r.TellNotices(all, func() kiosk.Lease { return l })
}

func (r *rig) cityNotice(id string, level kiosk.NoticeLevel) kiosk.CityNotice {
	at := r.clock.Read().Wall
	return kiosk.CityNotice{ID: id, Level: level, Title: kiosk.Text{"zh": "停水" + id, "en": "No water " + id},
		Lines: []kiosk.Text{{"zh": "请存水。", "en": "Store water."}}, From: at, Until: at.Add(time.Hour)}
}

func TestAnEmergencyIsReadOnceAVisit(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	if got := r.get("/notice"); got.status != http.StatusNoContent {
		t.Fatalf("got %d without a notice", got.status)
	}
	r.tell(r.cityNotice("plain", kiosk.LevelNotice), r.cityNotice("one", kiosk.LevelEmergency), r.cityNotice("two", kiosk.LevelEmergency))
	if got := r.get("/notice"); !strings.Contains(got.body, "停水two") || !strings.Contains(got.body, "知道了") || !strings.Contains(got.body, "请存水。") {
		t.Fatalf("got %d %s, want the newest emergency", got.status, got.body)
	}
	read := func(id string) page { return r.post("/notice", url.Values{"notice": {id}}) }
	if got := read("two"); !strings.Contains(got.body, "停水one") {
		t.Errorf("got %s after the first, want the second", got.body)
	}
	read("two")
	if got := read("one"); got.status != http.StatusNoContent {
		t.Errorf("got %d after the last, want nothing", got.status)
	}
	r.get("/") // home ends the visit, not the reading
	if got := r.get("/notice"); got.status != http.StatusNoContent {
		t.Errorf("got %s at home, want nothing", got.body)
	}
	read("none")
	if got := r.records(kiosk.KindNoticeRead); len(got) != 2 || got[0] != `{"notice":"two"}` {
		t.Errorf("got records %v, want one for each notice", got)
	}
	if got := r.other().get("/notice"); got.status != http.StatusOK {
		t.Error("another browser is not shown the emergency")
	}
	r.post("/end", nil)
	if got := r.get("/notice"); got.status != http.StatusOK {
		t.Error("the next visit is not shown the emergency")
	}
	r.clock.Advance(time.Hour)
	if got := r.get("/notice"); got.status != http.StatusNoContent {
		t.Errorf("got %s after its end", got.body)
	}
}

func TestNoticesStandOnTheirPageAndOnTheScreenAtRest(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	r.tell(r.cityNotice("old", kiosk.LevelNotice), r.cityNotice("new", kiosk.LevelNotice))
	for _, path := range []string{"/s/12.4", "/attract"} {
		got := r.get(path)
		older, newer := strings.Index(got.body, "停水old"), strings.Index(got.body, "停水new")
		if newer < 0 || older < newer {
			t.Errorf("%s: the newest notice does not stand first", path)
		}
	}
	if got := r.get("/s/12.1"); strings.Contains(got.body, "停水") {
		t.Error("another page to read shows the notices, too")
	}
	if got := r.get("/attract").body; !strings.Contains(got, "近期活动") || !strings.Contains(got, "data-clock") {
		t.Errorf("got %s at rest, want clock and next event", got)
	}
	r.tell()
	if got := r.get("/attract").body; strings.Contains(got, "停水") {
		t.Error("a withdrawn notice is shown")
	}
}
