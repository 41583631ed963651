package touch_test

import (
	"net/url"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/kiosk/catalog"
	"redstation/web/touch"
)

// Only staff take over the watch; passers-by see who is on duty until the watch ends.
func TestStaffTakeOverTheWatchAndResidentsSeeWhoIsThere(t *testing.T) {
	pack, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, pack, touch.Opts{Inspector: machine{devices()}})
	if err := r.SetPIN(t.Context(), pin); err != nil {
		t.Fatal(err)
	}
	answers := with(url.Values{}, "key", kiosk.RandomID().String(), "a.role", "police", "a.state", "fine", "a.consent", "yes", "a.name", "欧阳", "checked", "1")

	if got := r.get("/s/12.5"); !strings.Contains(got.body, `href="/staff/enter?duty"`) {
		t.Errorf("the service's page does not lead to the PIN: %s", got.body)
	}
	if got := r.get("/s/12.5/form"); got.status != 403 {
		t.Errorf("the form is served to residents with status %d", got.status)
	}
	if got := r.post("/s/12.5/submit", answers); got.status != 403 {
		t.Errorf("a resident's form is taken with status %d", got.status)
	}
	r.leads("/staff/duty", "/staff/enter")

	if got := r.post("/staff/enter?duty", with(url.Values{}, "digits", pin)); got.url != "/staff/duty" {
		t.Fatalf("the PIN leads to %s", got.url)
	}
	if got := r.post("/s/12.5/submit", answers); !strings.HasPrefix(got.url, "/slip/") {
		t.Fatalf("the form leads to %s: %s", got.url, got.body)
	}
	for _, path := range []string{"/attract", "/staff", "/staff/duty"} {
		if got := r.get(path).body; !strings.Contains(got, "欧阳 · 民警") {
			t.Errorf("%s does not say who is on duty", path)
		}
	}
	w, ok, err := r.OnDuty(t.Context())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	r.post("/staff/duty", with(url.Values{}, "number", w.Number)).want(200)
	for _, path := range []string{"/attract", "/staff", "/staff/duty"} {
		if got := r.get(path).body; strings.Contains(got, "欧阳") {
			t.Errorf("%s still names whose watch is over", path)
		}
	}
}
