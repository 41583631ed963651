package hub_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/wire"
)

// The city's own systems read cases and do to them what the city can, with a token of
// their own; who did it is audited.
func TestSystemsOfTheCityActOnCases(t *testing.T) {
	r := newResident(t)
	r.sync(r.booth)
	doc := described(t, r.City)
	token := newToken(t, r.City, "desk", hub.Grant{Scope: hub.ScopeCases})
	read := func(query string, want int) []byte {
		t.Helper()
		a := ask(t, r.City, http.MethodGet, wire.PathCases+query, token)
		if a.status != want {
			t.Fatalf("%s: %d %s, want %d", query, a.status, a.body, want)
		}
		return a.body
	}
	if err := fits(doc, "Cases", read("?state=open&owner=property&step=team", 200)); err != nil {
		t.Error(err)
	}
	if err := fits(doc, "Cases", read("?booth=07&number="+number, 200)); err != nil {
		t.Error(err)
	}
	for query, want := range map[string]int{"?state=x": 400, "?step=x": 400, "?limit=0": 400, "?before=x": 400, "?colour=red": 400, "?number=07-001": 400, "?booth=07&number=07-9": 404} {
		if err := fits(doc, "Problem", read(query, want)); err != nil {
			t.Error(err)
		}
	}
	post := func(body string, want int) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL+wire.PathCaseDo, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %s, want %d", body, resp.Status, want)
		}
	}
	post(`{"booth":"07","number":"07-001","version":1,"deed":"accepted"}`, 200)
	post(`{"booth":"07","number":"07-001","version":1,"deed":"asked","text":{"zh":"几号楼？"}}`, 409)
	post(`{"booth":"07","number":"07-001","version":2,"deed":"asked","text":{"zh":"几号楼？"}}`, 200)
	post(`{"booth":"07","number":"07-001","version":3,"deed":"rated","rating":3}`, 403)
	post(`{"booth":"07","number":"07-001","version":3,"deed":"done"}`, 400)
	post(`{"colour":"red"}`, 400)
	if a := ask(t, r.City, http.MethodGet, wire.PathCaseDo, token); a.status != http.StatusMethodNotAllowed {
		t.Errorf("an address that is written to was read: %d", a.status)
	}
	if a := ask(t, r.City, http.MethodGet, wire.PathCases, newToken(t, r.City, "puller", hub.Grant{})); a.status != http.StatusForbidden {
		t.Errorf("a token for records: %d", a.status)
	}
	if a := ask(t, r.City, http.MethodGet, wire.PathCases, newToken(t, r.City, "other", hub.Grant{Scope: hub.ScopeCases, Booths: []string{"07"}})); a.status != http.StatusForbidden {
		t.Errorf("a token for one booth reads all: %d", a.status)
	}
	lines, _, err := r.AuditTrail(t.Context(), 0, 10)
	if err != nil || !slices.ContainsFunc(lines, func(l kiosk.AuditLine) bool {
		return l.Who == "token desk" && l.Deed == "case_accepted" && l.Object == "case 07/07-001"
	}) {
		t.Errorf("audit: %+v, %v", lines, err)
	}
}
