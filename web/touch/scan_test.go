package touch_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"redstation/web/touch"
)

func TestAScanFromThePageReachesWhoeverWaits(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{Wedge: true})
	scans := r.Scans(t.Context())
	r.get("/").want(200, "data-wedge", "data-scan-note hidden")
	const secret = "SB1:7K3QF9TZ2M"
	r.post("/scan", url.Values{"text": {secret}}).want(204)
	if got := <-scans; got.Text != secret {
		t.Errorf("got %q, want %q", got.Text, secret)
	}
	t.Run("and nothing but a code does", func(t *testing.T) {
		for _, text := range []string{"", "  ", secret + "\x00", strings.Repeat("x", 513)} {
			if p := r.post("/scan", url.Values{"text": {text}}); p.status < 400 || p.status > 499 || strings.Contains(p.body, secret) {
				t.Errorf("%.20q: got %d", text, p.status)
			}
		}
		r.post("/scan?text="+url.QueryEscape("SB1:INADDRESS"), nil).want(422)
		if p := r.post("/scan", url.Values{"text": {strings.Repeat("x", 100<<10)}}); p.status != http.StatusRequestEntityTooLarge {
			t.Errorf("a body of 100 KiB: got %d", p.status)
		}
		req, err := http.NewRequestWithContext(t.Context(), "POST", r.server.URL+"/scan", strings.NewReader("text="+secret))
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
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("another site: got %s", resp.Status)
		}
		if n := r.Status().ScanCount; n != 1 {
			t.Errorf("%d scans were counted, want 1", n)
		}
	})
	t.Run("and it stands nowhere", func(t *testing.T) {
		if strings.Contains(r.log.String(), "7K3QF9TZ2M") || strings.Contains(strings.Join(r.visited, " "), "7K3QF9TZ2M") {
			t.Errorf("it is in an address or in the log:\n%s", r.log)
		}
	})
}

func TestWithoutAScannerThatTypesThePageDoesNotListen(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	if p := r.get("/").want(200); strings.Contains(p.body, "data-wedge") {
		t.Error("the page listens")
	}
	r.post("/scan", url.Values{"text": {"SB1:7K3QF9TZ2M"}}).want(404)
}
