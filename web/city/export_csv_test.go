package city_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/web/city"
)

func TestExportIsAllThatIsFiltered(t *testing.T) {
	v := signedIn(t)
	w := v.get("/log.csv")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Fatalf("got %d %s", w.Code, w.Header().Get("Content-Type"))
	}
	if got, want := w.Header().Get("Content-Disposition"), `attachment; filename="redstation_records_20261123-1200+0800.csv"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	body, marked := strings.CutPrefix(w.Body.String(), "\uFEFF")
	if !marked {
		t.Error("no byte order mark")
	}
	table, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(table) != 121 || table[1][0] != "1" || table[120][0] != "120" {
		t.Errorf("got %d rows from %s to %s, want the heading and 120, oldest first", len(table), table[1][0], table[len(table)-1][0])
	}
	if !strings.Contains(table[0][1], "北京时间（UTC+08:00）") {
		t.Errorf("heading %q does not name the zone", table[0][1])
	}
	for _, row := range table[1:] {
		for i, cell := range row {
			if regexp.MustCompile(`^[=+\-@\t\r]`).MatchString(cell) {
				t.Errorf("cell %s of record %s is a formula: %q", table[0][i], row[0], cell)
			}
		}
	}
	w = v.get("/log.ndjson?booth=01&kind=request.filed")
	lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
	if len(lines) != 40 {
		t.Errorf("got %d lines, want 40", len(lines))
	}
	for _, l := range lines {
		if mustJSON(t, l)["booth"] != "01" {
			t.Errorf("line %s is not of booth 01", l)
		}
	}
	want := []kiosk.AuditLine{
		{At: noon, Who: "wang", Deed: "export_begun", Object: "csv all"},
		{At: noon, Who: "wang", Deed: "exported", Object: "csv all, 120 rows"},
		{At: noon, Who: "wang", Deed: "export_begun", Object: "ndjson booth=01 kind=request.filed"},
		{At: noon, Who: "wang", Deed: "exported", Object: "ndjson booth=01 kind=request.filed, 40 rows"},
	}
	if len(v.lines) != len(want) {
		t.Fatalf("audit: got %+v", v.lines)
	}
	for i := range want {
		if v.lines[i] != want[i] {
			t.Errorf("audit line %d: got %+v, want %+v", i, v.lines[i], want[i])
		}
	}
}

func TestExportGolden(t *testing.T) {
	v := signedIn(t)
	v.log[115].Name = "=HYPERLINK(\"http://evil\")"
	v.log[114].Ref, v.log[114].Facts = "00ff", []byte(`{"service":"3.1","number":"@SUM(1)"}`)
	v.log = v.log[113:]
	golden(t, "records.csv", v.get("/log.csv").Body.Bytes())
	golden(t, "records.ndjson", v.get("/log.ndjson").Body.Bytes())
	v.post("/lang", "to", "en")
	golden(t, "records.en.csv", v.get("/log.csv").Body.Bytes())
}

func TestBrokenExportLooksBroken(t *testing.T) {
	for _, rows := range []int{7, 700} { // before anything was sent, and after
		v := signedIn(t)
		for len(v.fake.log) < 1200 {
			e := v.fake.log[0]
			e.Pos = int64(len(v.fake.log) + 1)
			v.fake.log = append(v.fake.log, e)
		}
		v.breakOff = rows
		s := httptest.NewServer(v.h)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/log.ndjson", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: "city_session", Value: v.cookies["city_session"]})
		if resp, err := s.Client().Do(r); err == nil {
			n, err := io.Copy(io.Discard, resp.Body)
			if err == nil {
				t.Errorf("the answer ended after %d bytes as if it were whole", n)
			}
			resp.Body.Close()
		}
		s.Close()
		v.mu.Lock()
		if got, want := v.lines[len(v.lines)-1].Object, fmt.Sprintf("ndjson all, %d rows, broken off", rows); got != want {
			t.Errorf("audit says %q, want %q", got, want)
		}
		v.mu.Unlock()
	}
}

func TestFormulasAreDisarmed(t *testing.T) {
	for cell, want := range map[string]string{
		"":              "",
		"L017":          "L017",
		"=1+1":          "'=1+1",
		"+86":           "'+86",
		"-1":            "'-1",
		"@SUM(1)":       "'@SUM(1)",
		"\t=1":          "'\t=1",
		"\r\n=1":        "'\r\n=1",
		"＝1":            "'＝1",
		"a=1":           "a=1",
		"2026-11-23":    "2026-11-23",
		"{\"a\":\"=\"}": "{\"a\":\"=\"}",
	} {
		if got := city.Unformula(cell); got != want {
			t.Errorf("%q: got %q, want %q", cell, got, want)
		}
	}
}
