package hub_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// described returns the description as it is served, after a reader that is not
// ours found it valid.
func described(t *testing.T, c *hubtest.City) *openapi3.T {
	t.Helper()
	resp := ask(t, c, http.MethodGet, wire.PathOpenAPI, "")
	if resp.status != http.StatusOK || resp.head.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s", resp.status, resp.head.Get("Content-Type"))
	}
	doc, err := openapi3.NewLoader().LoadFromData(resp.body)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context(), openapi3.IsOpenAPI31OrLater()); err != nil {
		t.Fatalf("it is no valid OpenAPI 3.1: %v", err)
	}
	return doc
}

// fits reports what is wrong with JSON under one of the description's schemas.
func fits(doc *openapi3.T, schema string, body []byte) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	return doc.Components.Schemas[schema].Value.VisitJSON(v, openapi3.EnableJSONSchema2020(), openapi3.EnableFormatValidation())
}

func TestDescriptionNamesEveryRouteAndParameterAndNoOther(t *testing.T) {
	c := hubtest.New(t)
	doc := described(t, c)
	served := c.APIRoutes()
	for path, parameters := range served {
		item := doc.Paths.Value(path)
		if item == nil || item.Get == nil && item.Post == nil {
			t.Errorf("%s is served and not described", path)
			continue
		}
		var names []string
		for _, p := range cmp.Or(item.Get, item.Post).Parameters {
			names = append(names, p.Value.Name)
			if p.Value.Description == "" || p.Value.In != "query" {
				t.Errorf("%s: parameter %s is not described", path, p.Value.Name)
			}
		}
		slices.Sort(names)
		if want := slices.Sorted(slices.Values(parameters)); !slices.Equal(names, want) {
			t.Errorf("%s: it describes %v, served is %v", path, names, want)
		}
	}
	for path, item := range doc.Paths.Map() {
		if _, ok := served[path]; !ok || len(item.Operations()) != 1 {
			t.Errorf("%s is described and not served", path)
		}
	}
}

func TestDescriptionNamesEveryFieldOfARow(t *testing.T) {
	doc := described(t, hubtest.New(t))
	for name, sample := range map[string]any{"Row": wire.Row{}, "Problem": wire.APIError{}} {
		schema := doc.Components.Schemas[name].Value
		n := 0
		for field := range reflect.TypeOf(sample).Fields() {
			n++
			key, rest, _ := strings.Cut(field.Tag.Get("json"), ",")
			if schema.Properties[key] == nil {
				t.Errorf("%s: field %s is sent and not described", name, key)
			}
			if required := !strings.Contains(rest, "omit"); required != slices.Contains(schema.Required, key) {
				t.Errorf("%s: field %s: always there is %v, described otherwise", name, key, required)
			}
		}
		if len(schema.Properties) != n {
			t.Errorf("%s: %d fields are described, %d are sent", name, len(schema.Properties), n)
		}
	}
}

func TestAnswersAreAsDescribed(t *testing.T) {
	c, booths := filled(t)
	sealed := booths[0].Book.WriteDraft(t, kiosk.Draft{Kind: kiosk.KindRequestFiled, Facts: []byte(`{"number":"01-1"}`), Ref: []byte{1, 2}, Sealed: []byte("x")})
	odd := booths[0].Book.WriteDraft(t, kiosk.Draft{Kind: "no.such", Facts: []byte("no JSON")})
	push(t, c, booths[0], 21, 22)
	doc := described(t, c)
	token := newToken(t, c, "city", hub.Grant{})
	body := ask(t, c, http.MethodGet, wire.PathRecords, token).body
	lines := strings.Split(strings.TrimSpace(string(body)), "\n")
	for _, line := range lines {
		if err := fits(doc, "Row", []byte(line)); err != nil {
			t.Errorf("row %s: %v", line, err)
		}
	}
	if len(lines) != 68 || len(sealed.Sealed) == 0 || len(odd.Header) == 0 {
		t.Errorf("%d rows, want 68", len(lines))
	}
	operation := doc.Paths.Value(wire.PathRecords).Get
	for target, want := range map[string]string{"": "401", "?after=x": "400", "?after=99": "409"} {
		secret := token
		if want == "401" {
			secret = ""
		}
		body := ask(t, c, http.MethodGet, wire.PathRecords+target, secret).body
		if err := fits(doc, "Problem", body); err != nil || operation.Responses.Value(want) == nil {
			t.Errorf("%s: %s: %v", target, body, err)
		}
	}
	for name, bad := range map[string]string{"Row": `{"pos":0}`, "Problem": `{"status":"x"}`} {
		if fits(doc, name, []byte(bad)) == nil {
			t.Errorf("schema %s takes %s: the check proves nothing", name, bad)
		}
	}
}

func TestDescriptionIsNotSentAgainWhereItIsKnown(t *testing.T) {
	c := hubtest.New(t)
	resp := ask(t, c, http.MethodGet, wire.PathOpenAPI, "")
	again := ask(t, c, http.MethodGet, wire.PathOpenAPI, "", "If-None-Match", resp.head.Get("ETag"))
	if again.status != http.StatusNotModified || len(again.body) != 0 {
		t.Errorf("%d with %d bytes", again.status, len(again.body))
	}
}
