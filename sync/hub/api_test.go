package hub_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// reply is what the API answered.
type reply struct {
	status int
	head   http.Header
	body   []byte
}

// String shows it in the words of a failing test.
func (r reply) String() string { return fmt.Sprintf("%d %s", r.status, r.body) }

// ask sends a request of the API as any program would, without the help of a client
// that decompresses.
func ask(t *testing.T, c *hubtest.City, method, target, token string, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, body}
}

func newToken(t *testing.T, c *hubtest.City, name string, g hub.Grant) string {
	t.Helper()
	token, err := c.CreateGrant(t.Context(), name, g)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func positionsOf(t *testing.T, ndjson []byte) (out []int64) {
	t.Helper()
	for d := json.NewDecoder(bytes.NewReader(ndjson)); ; {
		var r wire.Row
		if err := d.Decode(&r); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.Pos)
	}
}

func TestEncodingsAndFormatsSayTheSame(t *testing.T) {
	c, _ := filled(t)
	token := newToken(t, c, "city", hub.Grant{})
	plain := ask(t, c, http.MethodGet, wire.PathRecords, token).body
	if n := len(positionsOf(t, plain)); n != 66 {
		t.Fatalf("%d rows", n)
	}
	unpack := map[string]func(io.Reader) (io.Reader, error){
		"":     func(r io.Reader) (io.Reader, error) { return r, nil },
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"zstd": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
	}
	for accept, want := range map[string]string{"zstd": "zstd", "gzip": "gzip", "gzip, deflate, br, zstd": "zstd", "gzip;q=1, zstd;q=0.5": "gzip",
		"*": "zstd", "zstd;q=0, *": "gzip", "br": "", "identity": "", "gzip;q=0": ""} {
		resp := ask(t, c, http.MethodGet, wire.PathRecords, token, "Accept-Encoding", accept)
		if got := resp.head.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", accept, got, want)
			continue
		}
		r, err := unpack[want](bytes.NewReader(resp.body))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(r); err != nil || !bytes.Equal(text, plain) {
			t.Errorf("%s: other bytes, %v", want, err)
		}
		if want != "" && len(resp.body)*2 > len(plain) {
			t.Errorf("%s: %d bytes of %d", want, len(resp.body), len(plain))
		}
	}
	for _, tt := range []struct{ query, accept, want string }{
		{"", "", wire.TypeRows}, {"", "*/*", wire.TypeRows}, {"", "text/csv", "text/csv; charset=utf-8; header=present"},
		{"?format=csv&header=absent", "", "text/csv; charset=utf-8; header=absent"}, {"?format=ndjson", "text/csv", wire.TypeRows},
		{"", "text/html, */*;q=0.1", wire.TypeRows}, {"", "text/*, application/x-ndjson;q=0.2", "text/csv; charset=utf-8; header=present"},
		{"", "application/json", wire.TypeProblem},
	} {
		resp := ask(t, c, http.MethodGet, wire.PathRecords+tt.query, token, "Accept", tt.accept)
		if got := resp.head.Get("Content-Type"); got != tt.want {
			t.Errorf("%q with Accept %q: got %q, want %q", tt.query, tt.accept, got, tt.want)
		}
		if !strings.HasPrefix(tt.want, wire.TypeTable) {
			continue
		}
		lines, err := csv.NewReader(bytes.NewReader(resp.body)).ReadAll()
		if strings.HasSuffix(tt.want, "present") && slices.Equal(lines[0], wire.ColumnNames()) {
			lines = lines[1:]
		}
		if err != nil || len(lines) != 66 || lines[65][0] != "66" {
			t.Errorf("%q: %d lines, %v", tt.query, len(lines), err)
		}
	}
}

func TestLinksLeadThroughEverythingOnce(t *testing.T) {
	c, _ := filled(t)
	token := newToken(t, c, "city", hub.Grant{})
	for _, query := range []string{"limit=7", "limit=7&booth=02", "limit=5&kind=door.opened&kind=door.closed", "limit=3&booth=03&booth=01&lane=urgent", "before=30&limit=4"} {
		target, got := wire.PathRecords+"?"+query, []int64(nil)
		for pages := 0; ; pages++ {
			resp := ask(t, c, http.MethodGet, target, token)
			got = append(got, positionsOf(t, resp.body)...)
			link := resp.head.Get("Link")
			next, rel, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">; ")
			if bare := ask(t, c, http.MethodHead, target, token); bare.head.Get("Link") != link || len(bare.body) > 0 || bare.status != http.StatusOK {
				t.Errorf("%s: HEAD says %q and %d bytes, GET says %q", query, bare.head.Get("Link"), len(bare.body), link)
			}
			if rel != `rel="next"` {
				if ends := strings.Contains(query, "before"); ends != (link == "") {
					t.Errorf("%s: at the end it says %q", query, link)
				}
				if link != "" && (!strings.Contains(next, "after=66") || !strings.Contains(next, "wait=")) {
					t.Errorf("%s: at the end it says %q", query, link)
				}
				break
			}
			if target = next; pages > 30 {
				t.Fatalf("%s: no end", query)
			}
		}
		resp := ask(t, c, http.MethodGet, wire.PathRecords+"?"+strings.ReplaceAll(query, "limit=", "limit=10"), token)
		if want := positionsOf(t, resp.body); !slices.Equal(got, want) || len(got) == 0 || strings.Contains(resp.head.Get("Link"), "next") {
			t.Errorf("%s: page by page %v, at once %v", query, got, want)
		}
	}
}

func TestTokenReadsNothingButItsOwn(t *testing.T) {
	c, _ := filled(t)
	everything := newToken(t, c, "all", hub.Grant{})
	body := ask(t, c, http.MethodGet, wire.PathRecords, everything).body
	var all []wire.Row
	for d := json.NewDecoder(bytes.NewReader(body)); d.More(); {
		var r wire.Row
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	lists := [][]string{nil, {"02"}, {"01", "03"}}
	kinds := [][]kiosk.Kind{nil, {kiosk.KindDoorOpened}, {kiosk.KindDoorClosed, kiosk.KindTicketIssued}}
	for i, booths := range lists {
		for k, of := range kinds {
			token := newToken(t, c, fmt.Sprint("t", i, k), hub.Grant{Booths: booths, Kinds: of})
			for _, askedBooths := range lists {
				for _, askedKinds := range kinds {
					v := url.Values{"booth": askedBooths, "limit": {"9"}}
					for _, kind := range askedKinds {
						v.Add("kind", string(kind))
					}
					var want []int64
					denied := outside(askedBooths, booths) || outside(askedKinds, of)
					for _, r := range all {
						if !denied && in(booths, r.Booth) && in(askedBooths, r.Booth) && in(of, r.Kind) && in(askedKinds, r.Kind) {
							want = append(want, r.Pos)
						}
					}
					resp := ask(t, c, http.MethodGet, wire.PathRecords+"?"+v.Encode(), token)
					if denied != (resp.status == http.StatusForbidden) {
						t.Errorf("token for %v %v asks for %v: %d", booths, of, v, resp.status)
					} else if got := positionsOf(t, resp.body); !denied && !slices.Equal(got, want[:min(9, len(want))]) {
						t.Errorf("token for %v %v asks for %v: got %v, want %v", booths, of, v, got, want)
					}
				}
			}
		}
	}
}

func in[T comparable](list []T, v T) bool { return list == nil || slices.Contains(list, v) }

func outside[T comparable](asked, allowed []T) bool {
	return asked != nil && slices.ContainsFunc(asked, func(v T) bool { return !in(allowed, v) })
}

func TestTokenEnds(t *testing.T) {
	c, _ := filled(t)
	token := newToken(t, c, "short", hub.Grant{Expires: c.Clock.Read().Wall.Add(time.Hour)})
	if resp := ask(t, c, http.MethodGet, wire.PathRecords, token); resp.status != http.StatusOK {
		t.Fatal(resp)
	}
	c.Clock.Add(time.Hour)
	if resp := ask(t, c, http.MethodGet, wire.PathRecords, token); resp.status != http.StatusUnauthorized || !strings.Contains(string(resp.body), "expired") {
		t.Errorf("after its end: %s", resp)
	}
	for name, g := range map[string]hub.Grant{
		"an unknown booth":    {Booths: []string{"77"}},
		"an unknown kind":     {Kinds: []kiosk.Kind{"door.openned"}},
		"an unknown scope":    {Scope: "root"},
		"a time that is past": {Expires: c.Clock.Read().Wall.Add(-time.Second)},
		"metrics of a booth":  {Scope: hub.ScopeMetrics, Booths: []string{"01"}},
	} {
		if _, err := c.CreateGrant(t.Context(), "bad", g); kiosk.CodeOf(err) != kiosk.CodeInvalid || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	metrics := newToken(t, c, "prometheus", hub.Grant{Scope: hub.ScopeMetrics})
	if resp := ask(t, c, http.MethodGet, wire.PathRecords, metrics); resp.status != http.StatusForbidden {
		t.Errorf("a token for metrics reads records: %d", resp.status)
	}
}

func TestRefusalsAreProblems(t *testing.T) {
	c, _ := filled(t)
	token := newToken(t, c, "city", hub.Grant{})
	many := strings.Repeat("booth=%d&", 101)
	for i := range 101 {
		many = strings.Replace(many, "%d", strconv.Itoa(i), 1)
	}
	for _, tt := range []struct {
		method, target, token string
		status                int
	}{
		{"GET", wire.PathRecords, "", 401}, {"GET", wire.PathRecords, token + "x", 401}, {"GET", wire.PathRecords + "/7", token, 404},
		{"GET", "/api/v1/", token, 404}, {"POST", wire.PathRecords, token, 405}, {"DELETE", wire.PathRecords, token, 405},
		{"GET", wire.PathRecords + "?after=x", token, 400}, {"GET", wire.PathRecords + "?after=1&after=2", token, 400},
		{"GET", wire.PathRecords + "?before=0", token, 400}, {"GET", wire.PathRecords + "?after=9&before=9", token, 400},
		{"GET", wire.PathRecords + "?lane=fast", token, 400}, {"GET", wire.PathRecords + "?booth=", token, 400}, {"GET", wire.PathRecords + "?" + many, token, 400},
		{"GET", wire.PathRecords + "?format=xml", token, 400}, {"GET", wire.PathRecords + "?header=maybe", token, 400}, {"GET", wire.PathRecords + "?until=now", token, 400},
		{"GET", wire.PathRecords + "?limit=0", token, 400}, {"GET", wire.PathRecords + "?boot=07", token, 400}, {"GET", wire.PathRecords + "?after=67", token, 409},
	} {
		resp := ask(t, c, tt.method, tt.target, tt.token)
		var e wire.APIError
		if err := json.Unmarshal(resp.body, &e); err != nil || resp.status != tt.status || e.Status != tt.status || e.Title == "" || e.Detail == "" || e.Code == "" ||
			strings.Contains(e.Detail, "\n") || resp.head.Get("Content-Type") != wire.TypeProblem {
			t.Errorf("%s %.60s: %s, want %d", tt.method, tt.target, resp, tt.status)
		}
		if tt.status == 401 && resp.head.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: it does not say how to sign in", tt.target)
		}
	}
	resp := ask(t, c, http.MethodOptions, wire.PathRecords, "")
	if resp.status != http.StatusNoContent || resp.head.Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Errorf("OPTIONS: %d, Allow %q", resp.status, resp.head.Get("Allow"))
	}
}
