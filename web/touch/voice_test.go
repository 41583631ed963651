package touch_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"redstation/kiosk"
	"redstation/web/touch"
	"redstation/web/voice"
)

// unread are pages that nobody needs to hear, the staff's and the demo's, and what lies over
// a page: the city's words of today have no clips.
var unread = regexp.MustCompile(`^(attract|urgent|clock|clockcheck|device|answer|bookings|calls|display|out|thing|digits|duty|language|log|network|readiness|setup-.*|sim|simstate|staff|twins|volume)$`)

// TestEveryPageIsRead holds the residents' pages against what is read aloud: the heading
// is marked on each of them.
func TestEveryPageIsRead(t *testing.T) {
	pages, _, err := touch.Pages()
	if err != nil {
		t.Fatal(err)
	}
	heading := regexp.MustCompile(`(?s)<h1[^>]* data-say=|<h1[^>]*>(<svg.*?</svg>)?<span[^>]* data-say=`)
	for _, name := range pages.Names() {
		if unread.MatchString(name) {
			continue
		}
		for i, view := range touch.Views()[name] {
			body, err := pages.Bytes(kiosk.Chinese, name, view)
			if err != nil {
				t.Fatal(err)
			}
			if !heading.Match(body) {
				t.Errorf("page %s, view %d: its heading is not marked with say", name, i)
			}
		}
	}
}

// TestTheClipsOfAPage asks for what a page names.
func TestTheClipsOfAPage(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	r.get("/").want(200, `data-volume="75"`, `data-say="`+string(voice.IDOf("zh", "您想办什么事？"))+`"`)
	p := r.get("/voice/"+voice.IDOf("zh", "您想办什么事？").File()).want(200, "OggS")
	if got := p.header.Get("Content-Type"); got != "audio/ogg" {
		t.Errorf("got %q", got)
	}
	for _, path := range []string{"/voice/0123456789abcdef.opus", "/voice/manifest.tsv", "/voice/" + string(voice.IDOf("zh", "您想办什么事？"))} {
		r.get(path).want(404)
	}
}

// TestACitysClipCountsFirst gives the booth a folder of its own.
func TestACitysClipCountsFirst(t *testing.T) {
	id := voice.IDOf("zh", "您想办什么事？")
	r := newRig(t, catalogueOf(t), touch.Opts{Voice: fstest.MapFS{id.File(): {Data: []byte("a person's")}}})
	r.get("/voice/"+id.File()).want(200, "a person's")
}

// TestWhatWasTypedIsNotReadAloud looks at the check page: others stand by.
func TestWhatWasTypedIsNotReadAloud(t *testing.T) {
	r := newRig(t, catalogueOf(t), touch.Opts{})
	marks := func(p page) []string {
		var ids []string
		for _, m := range regexp.MustCompile(`data-say="([^"]*)"`).FindAllStringSubmatch(p.body, -1) {
			ids = append(ids, strings.Fields(m[1])...)
		}
		return ids
	}
	said := func(p page, text string) bool { return slices.Contains(marks(p), string(voice.IDOf("zh", text))) }
	check := func(service string, answers url.Values) page {
		p := r.get("/s/" + service + "/form")
		f := with(p.form(), "go", "to:check", "check", "1")
		for k, v := range answers {
			f[k] = v
		}
		return r.post("/s/"+service+"/form", f)
	}
	p := check("3.1", url.Values{"a.category": {"noise"}, "a.name": {"王"}, "a.place": {"beishan"}})
	if !said(p, "噪声扰民") || !said(p, "北山街道") {
		t.Errorf("listed choices are not read: %s", p.body)
	}
	if p.want(200, ">王<"); said(p, "王") {
		t.Error("the name is read aloud")
	}
	p = check("9.2", url.Values{"a.need": {"illness"}, "a.urgency": {"today"}})
	p.want(200, "今天就过不去", "生病花费大")
	if said(p, "今天就过不去") || said(p, "生病花费大") {
		t.Error("a sensitive choice is read aloud")
	}
}

func TestTheVolumeOfReading(t *testing.T) {
	r := newStaffRig(t).signedIn()
	r.get("/staff").want(200, `href="/staff/volume"`)
	r.get("/staff/volume").want(200, `value="75" checked`)
	r.post("/staff/volume", with(url.Values{}, "volume", "60")).want(422)
	r.post("/staff/volume", with(url.Values{}, "volume", "loud")).want(422)
	r.post("/staff/volume", with(url.Values{}, "volume", "25")).want(200, `value="25" checked`, `data-volume="25"`)
	r.get("/").want(200, `data-volume="25"`)
}
