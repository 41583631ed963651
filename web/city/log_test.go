package city_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
)

var rowLink = regexp.MustCompile(`<th scope="row" class="figures-cell"><a href="/log/([0-9]+)">`)

// rows returns the records that a page of the log shows.
func rows(page string) []string {
	var pos []string
	for _, m := range rowLink.FindAllStringSubmatch(page, -1) {
		pos = append(pos, m[1])
	}
	return pos
}

// link returns the address of the pager's button with that relation, or "".
func link(page, rel string) string {
	m := regexp.MustCompile(`rel="` + rel + `" href="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

func TestLogIsReadInPages(t *testing.T) {
	v := signedIn(t)
	span := func(from, to int) []string {
		var pos []string
		for i := from; i >= to; i-- {
			pos = append(pos, fmt.Sprint(i))
		}
		return pos
	}
	first := v.page("/log")
	second := v.page(link(first, "next"))
	third := v.page(link(second, "next"))
	for i, p := range [...]struct {
		page string
		want []string
	}{{first, span(120, 71)}, {second, span(70, 21)}, {third, span(20, 1)}} {
		if got := rows(p.page); !slices.Equal(got, p.want) {
			t.Errorf("page %d: got %v, want %v", i+1, got, p.want)
		}
	}
	if link(first, "prev") != "" || link(third, "next") != "" {
		t.Error("the first page has newer records or the last one older")
	}
	if got := rows(v.page(link(third, "prev"))); !slices.Equal(got, span(70, 21)) {
		t.Errorf("newer than the third page: got %v, want the second", got)
	}
	back := v.page(link(second, "prev"))
	if got := rows(back); !slices.Equal(got, span(120, 71)) || link(back, "prev") != "" {
		t.Errorf("newer than the second page: got %v, want the first", got)
	}
	for _, q := range v.queries {
		if q.Limit > 51 {
			t.Errorf("a page asked for %d records", q.Limit)
		}
	}
	for _, odd := range []string{"/log?before=-3", "/log?after=x", "/log?after=99999999"} {
		if got := rows(v.page(odd)); !slices.Equal(got, span(120, 71)) {
			t.Errorf("%s: got %v, want the first page", odd, got)
		}
	}
}

func TestFiltersStandInTheAddress(t *testing.T) {
	v := signedIn(t)
	for i := range v.log {
		v.log[i].Lane = kiosk.LaneUrgent
	}
	address := "/log?booth=01&kind=request.filed&lane=urgent&since=2026-11-23T10%3A00&until=2026-11-23T11%3A30"
	page := v.page(address)
	urgent := kiosk.LaneUrgent
	want := kiosk.LogQuery{Booth: "01", Kind: "request.filed", Lane: &urgent,
		Since: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 23, 3, 30, 0, 0, time.UTC)}
	got := v.queries[len(v.queries)-1]
	if got.Booth != want.Booth || got.Kind != want.Kind || *got.Lane != urgent || !got.Since.Equal(want.Since) || !got.Until.Equal(want.Until) {
		t.Errorf("got query %+v, want %+v", got, want)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{}
	for _, m := range regexp.MustCompile(`<option value="([^"]+)" selected>`).FindAllStringSubmatch(page, -1) {
		form.Add("selected", m[1])
	}
	if !slices.Equal(form["selected"], []string{"01", "request.filed", "urgent"}) {
		t.Errorf("the form has %v chosen", form["selected"])
	}
	for name, value := range map[string]string{"since": "2026-11-23T10:00", "until": "2026-11-23T11:30"} {
		if !strings.Contains(page, `name="`+name+`" type="datetime-local" value="`+value+`"`) {
			t.Errorf("the form lacks %s = %s", name, value)
		}
	}
	for _, file := range []string{"/log.csv", "/log.ndjson"} {
		if !strings.Contains(page, html.EscapeString(file+"?"+u.Query().Encode())) {
			t.Errorf("the export %s loses the filter", file)
		}
	}
}

func TestOtherSpellingsOfTime(t *testing.T) {
	v := signedIn(t)
	for address, want := range map[string][2]string{
		"since=2026-11-23&until=2026-11-23":             {"2026-11-22T16:00:00Z", "2026-11-23T16:00:00Z"},
		"since=2026-11-23T08:00:30":                     {"2026-11-23T00:00:30Z", "0001-01-01T00:00:00Z"},
		"since=2026-11-23+08:00":                        {"2026-11-23T00:00:00Z", "0001-01-01T00:00:00Z"},
		"since=2026-11-23T08:00:00Z":                    {"2026-11-23T08:00:00Z", "0001-01-01T00:00:00Z"},
		"until=2026-11-23T08%3A00%3A00%2B01%3A00&kind=": {"0001-01-01T00:00:00Z", "2026-11-23T07:00:00Z"},
	} {
		v.page("/log?" + address)
		q := v.queries[len(v.queries)-1]
		if got := [2]string{q.Since.UTC().Format(time.RFC3339), q.Until.UTC().Format(time.RFC3339)}; got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
}

func TestWrongFilterKeepsWhatWasEntered(t *testing.T) {
	v := signedIn(t)
	for address, says := range map[string][]string{
		"since=gestern&booth=07":            {"看不懂这个时间", `value="gestern"`, `<option value="07" selected>`},
		"until=%3Cb%3E":                     {"看不懂这个时间", "&lt;b&gt;", "not:<b>"},
		"since=2026-11-23&until=2026-11-22": {"结束时间要晚于开始时间"},
		"lane=fast":                         {"没有这个通道", `<option value="fast" selected>`},
	} {
		before := len(v.queries)
		w := v.get("/log?" + address)
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 422", address, w.Code)
		}
		want(t, w.Body.String(), append(says, "not:/log.csv", `aria-invalid="true"`)...)
		if len(v.queries) != before {
			t.Errorf("%s: the log was asked all the same", address)
		}
		if w := v.get("/log.csv?" + address); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("export with %s: got %d, want 422", address, w.Code)
		}
	}
	want(t, v.page("/log?booth=unknown-booth"), `<option value="unknown-booth" selected>`, "没有符合条件的记录")
}

func TestRowsSayWhatIsKnown(t *testing.T) {
	v := signedIn(t)
	page := v.page("/log")
	want(t, page, "登记诉求", "request.filed", "烦心事登记", "楼道照明", "北山街道", "01-218", "密封",
		"取号", "=L017", // no service of ours: its id is shown
		"<code class=\"kind-code\">new.kind</code>", "内容已删除", "紧急",
		"约 11-23 07:00", "±40 分，开机后还没有校时", "时间不明", "不晚于 11-23 11:58:02",
		"&lt;img src=x", "<code>&lt;i&gt;</code>", "not:<img", "not:AAAA", "not:<b>&\"")
	v.log = nil
	want(t, v.page("/log"), "还没有记录", "not:<table", "not:rel=\"next\"")
}

// TestRowsFollowWhatChanges holds the cache of rows against what can change about a
// record: the booth's name, an erasure, the language.
func TestRowsFollowWhatChanges(t *testing.T) {
	v := signedIn(t)
	address := "/log?booth=01&kind=request.filed"
	want(t, v.page(address), "楼道照明", "密封", "北山</td>")
	for i := range v.log {
		v.log[i].Name, v.log[i].Facts = "新名", nil
	}
	want(t, v.page(address), "not:楼道照明", "内容已删除", "密封", "新名</td>", "not:北山</td>")
	for i := range v.log {
		v.log[i].Sealed = false
	}
	want(t, v.page(address), "not:sealed-mark")
	v.post("/lang", "to", "en")
	want(t, v.page(address), "Content erased", "not:内容已删除")
}

func TestFactsOfAnyShapeAreShown(t *testing.T) {
	for facts, says := range map[string]string{
		`{"a":{"b":{"c":1}},"list":["x",true,null]}`: "a.b.c",
		`[1,2]`:                        ">2<",
		`"text"`:                       "text",
		`{"broken":`:                   "{&#34;broken&#34;:",
		`{} {}`:                        "{} {}",
		`{"big":12345678901234567890}`: "12345678901234567890",
		"{\"bad\":\"\xff\xfe\"}":       "bad",
		strings.Repeat(`{"x":`, 20) + "1" + strings.Repeat("}", 20): "x.x.x.x.x.x",
		``: "没有更多内容",
	} {
		v := signedIn(t) // a record's facts never change
		v.log[0].Facts = []byte(facts)
		want(t, v.page("/log/1"), says)
		v.page("/log?before=3")
		if w := v.get("/log.csv?kind=request.filed"); w.Code != http.StatusOK {
			t.Errorf("%s: export got %d", facts, w.Code)
		}
	}
}
