package touch_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"redstation/web/touch"
)

// ask posts JSON as the page does and returns the answer's candidates and reading.
func (r *rig) ask(path, body string) (status int, found []string, reading string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), "POST", r.server.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.browser.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		return resp.StatusCode, nil, ""
	}
	if got := resp.Header.Get("Cache-Control"); got != "no-store" {
		r.t.Errorf("%s: Cache-Control is %q", path, got)
	}
	var answer struct {
		Found []struct {
			Text string
			Used int
		}
		Reading string
	}
	if err := json.Unmarshal(b, &answer); err != nil || answer.Found == nil {
		r.t.Fatalf("%s answers %s, %v", path, b, err)
	}
	for _, f := range answer.Found {
		found = append(found, f.Text)
	}
	return resp.StatusCode, found, answer.Reading
}

// wang is 王, drawn on a pad of 300 px.
const wang = `[[60,60,240,58],[75,150,225,148],[150,62,152,255],[30,258,270,255]]`

func TestTheBoothReadsWhatIsWritten(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	first := func(path, body, want string) {
		t.Helper()
		status, found, _ := r.ask(path, body)
		if status != 200 || len(found) == 0 || found[0] != want {
			t.Errorf("%s %s: got %d %v, want %s first", path, body, status, found, want)
		}
	}
	first("/ink", `{"strokes":`+wang+`}`, "王")
	first("/ink", `{"where":"name","strokes":`+wang+`}`, "王")
	first("/pinyin", `{"typed":"jilinshi"}`, "吉林市")
	first("/pinyin", `{"typed":"9264","where":"name"}`, "王")
	first("/pinyin", `{"typed":"zhe","where":"given"}`, "哲")
	if _, _, reading := r.ask("/pinyin", `{"typed":"54546744"}`); reading != "ji lin shi" {
		t.Errorf("54546744 was read as %q", reading)
	}
	for _, nothing := range []string{`{}`, `{"strokes":[]}`, `{"strokes":[[],[5]]}`, `{"strokes":[[1,1,1,1]]}`} {
		if status, found, _ := r.ask("/ink", nothing); status != 200 || len(found) != 0 {
			t.Errorf("/ink %s: got %d %v", nothing, status, found)
		}
	}
	for _, nothing := range []string{`{}`, `{"typed":"1"}`, `{"typed":"\u202e"}`} {
		if status, found, _ := r.ask("/pinyin", nothing); status != 200 || len(found) != 0 {
			t.Errorf("/pinyin %s: got %d %v", nothing, status, found)
		}
	}
	if log := r.log.String(); strings.Contains(log, "jilinshi") || strings.Contains(log, "240,58") {
		t.Error("the log holds what was written")
	}
}

func TestTheBoothRefusesWhatNoPageSends(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	long := `{"typed":"` + strings.Repeat("a", 100<<10) + `"}`
	big := `{"strokes":[[` + strings.Repeat("1,2,", 30<<10) + `1,2]]}`
	for path, bodies := range map[string][]string{
		"/ink":    {"", "x", `{"strokes":"王"}`, `{"strokes":[["a"]]}`, big},
		"/pinyin": {"", "[]", `{"typed":5}`, long},
	} {
		for _, body := range bodies {
			if status, _, _ := r.ask(path, body); status != 422 {
				t.Errorf("%s %.40q: got %d, want 422", path, body, status)
			}
		}
	}
	if log := r.log.String(); strings.Contains(log, "王") || strings.Contains(log, "aaaa") {
		t.Error("the log holds what was sent")
	}
	points := strings.TrimSuffix(strings.Repeat("100,200,101,201,", 2500), ",")
	if status, _, _ := r.ask("/ink", fmt.Sprintf(`{"strokes":[[%s]]}`, points)); status != 200 {
		t.Errorf("5,000 points: got %d", status)
	}
}
