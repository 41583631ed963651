package hub_test

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// scrape reads the figures as the monitoring does: by line, name with labels.
func scrape(t *testing.T, c *hubtest.City) (figures map[string]float64, text []byte) {
	t.Helper()
	w := httptest.NewRecorder()
	c.MetricsHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	figures = map[string]float64{}
	for s := bufio.NewScanner(bytes.NewReader(w.Body.Bytes())); s.Scan(); {
		if name, value, ok := strings.Cut(s.Text(), " "); ok && name != "#" {
			v, err := strconv.ParseFloat(value[strings.LastIndex(value, " ")+1:], 64)
			if err != nil {
				t.Fatalf("%q: %v", s.Text(), err)
			}
			figures[name] = v
		}
	}
	return figures, w.Body.Bytes()
}

func TestFiguresAreWrittenAsPrometheusWantsThem(t *testing.T) {
	c, booths := filled(t)
	hook(t, c, newReceiver(t), hub.WebhookOpts{})
	deliver(t, c)
	pullAll(t, c, newToken(t, c, "city", hub.Grant{}), wire.PullOpts{})
	push(t, c, booths[0], 1, 5) // again
	_, text := scrape(t, c)
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "redstation_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

func TestFiguresCountWhatHappened(t *testing.T) {
	c, booths := filled(t)
	push(t, c, booths[0], 1, 5) // again
	c.Clock.Add(6 * time.Minute)
	booths[1].Book.WriteDraft(t, kiosk.Draft{Kind: "no.such"})
	push(t, c, booths[1], 21, 21)
	if _, err := c.CreateEnrolment(t.Context(), "09", "Booth 09", c.URL); err != nil {
		t.Fatal(err)
	}
	if err := c.RevokeBooth(t.Context(), "03", "test"); err != nil {
		t.Fatal(err)
	}
	pullAll(t, c, newToken(t, c, "city", hub.Grant{}), wire.PullOpts{})
	r := newReceiver(t)
	w := hook(t, c, r, hub.WebhookOpts{})
	r.set(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	deliver(t, c)
	figures, _ := scrape(t, c)
	for name, want := range map[string]float64{
		`redstation_hub_records_accepted_total{lane="log"}`:             61,
		`redstation_hub_records_accepted_total{lane="urgent"}`:          6,
		`redstation_hub_records_repeated_total{lane="log"}`:             5,
		`redstation_hub_batches_accepted_total{lane="urgent"}`:          3,
		`redstation_hub_urgent_pullable_seconds_count`:                  3,
		`redstation_hub_urgent_answered_seconds_count`:                  3,
		`redstation_hub_pulled_records_total{format="ndjson"}`:          67,
		`redstation_hub_webhook_attempts_total{result="failed"}`:        1,
		`redstation_hub_webhook_behind_records{webhook="` + w.ID + `"}`: 67,
		`redstation_hub_webhook_failures{webhook="` + w.ID + `"}`:       1,
		`redstation_hub_quarantined_records`:                            1,
		`redstation_hub_log_position`:                                   67,
		`redstation_hub_store_up`:                                       1,
		`redstation_hub_booths{state="revoked"}`:                        1,
		`redstation_hub_booths{state="invited"}`:                        1,
		`redstation_hub_booths{state="current"}`:                        1,
		`redstation_hub_booths{state="offline"}`:                        1,
		`redstation_hub_waiting_pullers`:                                0,
	} {
		if got, ok := figures[name]; !ok || got != want {
			t.Errorf("%s is %v (told: %v), want %v", name, got, ok, want)
		}
	}
	some := []string{"redstation_hub_store_bytes", "go_goroutines", "process_open_fds"}
	if c.DSN == "" {
		some = append(some, "redstation_hub_commit_requests_count") // PostgreSQL groups commits by itself
	}
	for _, name := range some {
		if figures[name] <= 0 {
			t.Errorf("%s is %v", name, figures[name])
		}
	}
	if !slices.ContainsFunc(keys(figures), func(k string) bool {
		return strings.HasPrefix(k, `redstation_hub_http_request_duration_seconds_count{code="200",route="/api/v1/records"}`)
	}) {
		t.Errorf("no duration of a pull: %v", keys(figures))
	}
}

func keys(m map[string]float64) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func TestFiguresSayWhichRefusalsThereWere(t *testing.T) {
	c, booths := filled(t)
	booths[0].Book.Write(t, kiosk.LaneLog, 5)
	push(t, c, booths[0], 23, 25) // 21 and 22 are missing
	figures, _ := scrape(t, c)
	if got := figures[`redstation_hub_refusals_total{trouble="need"}`]; got != 1 {
		t.Errorf("refusals for a gap: %v", got)
	}
}

func TestFiguresWantATokenOfTheirOwn(t *testing.T) {
	c, _ := filled(t)
	pull, metrics := newToken(t, c, "city", hub.Grant{}), newToken(t, c, "prometheus", hub.Grant{Scope: hub.ScopeMetrics})
	for token, want := range map[string]int{"": 401, pull: 403, metrics: 200} {
		resp := ask(t, c, http.MethodGet, wire.PathMetrics, token)
		if resp.status != want || (want == 200) != bytes.Contains(resp.body, []byte("redstation_hub_log_position 66\n")) {
			t.Errorf("%d, want %d", resp.status, want)
		}
	}
}

func TestAStoreThatDoesNotAnswerIsToldAsSuch(t *testing.T) {
	c, _ := filled(t)
	if err := c.DB.Close(); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	figures, _ := scrape(t, c)
	if up, ok := figures["redstation_hub_store_up"]; !ok || up != 0 {
		t.Errorf("the store is closed, and up is %v after %v", up, time.Since(begun))
	}
}
